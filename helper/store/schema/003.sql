-- Services: what their sockets moved.
-- Each statement ends with a semicolon at the end of a line.
-- Counters are unsigned 64-bit numbers kept in SQLite's signed ones, bit for bit.

CREATE TABLE service (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('unit', 'application', 'session', 'container', 'machine', 'other')),
    first_seen_s INTEGER NOT NULL,
    last_seen_s INTEGER NOT NULL,
    internet_rx_bytes INTEGER NOT NULL, internet_tx_bytes INTEGER NOT NULL,
    internet_rx_packets INTEGER NOT NULL, internet_tx_packets INTEGER NOT NULL,
    local_rx_bytes INTEGER NOT NULL, local_tx_bytes INTEGER NOT NULL,
    local_rx_packets INTEGER NOT NULL, local_tx_packets INTEGER NOT NULL,
    loopback_rx_bytes INTEGER NOT NULL, loopback_tx_bytes INTEGER NOT NULL,
    loopback_rx_packets INTEGER NOT NULL, loopback_tx_packets INTEGER NOT NULL
) STRICT;

-- Up to where the counter of a cgroup was credited to its service; both move together. A cgroup and the beginning of its counter
-- name it within a generation.
CREATE TABLE service_cgroup (
    service INTEGER NOT NULL,
    cgroup INTEGER NOT NULL,
    began INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    internet_rx_bytes INTEGER NOT NULL, internet_tx_bytes INTEGER NOT NULL,
    internet_rx_packets INTEGER NOT NULL, internet_tx_packets INTEGER NOT NULL,
    local_rx_bytes INTEGER NOT NULL, local_tx_bytes INTEGER NOT NULL,
    local_rx_packets INTEGER NOT NULL, local_tx_packets INTEGER NOT NULL,
    loopback_rx_bytes INTEGER NOT NULL, loopback_tx_bytes INTEGER NOT NULL,
    loopback_rx_packets INTEGER NOT NULL, loopback_tx_packets INTEGER NOT NULL,
    PRIMARY KEY (service, cgroup, began)
) STRICT, WITHOUT ROWID;
