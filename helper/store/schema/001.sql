-- Watches, links, their totals, and settings.
-- Each statement ends with a semicolon at the end of a line.
-- Counters are unsigned 64-bit numbers kept in SQLite's signed ones, bit for bit. Columns by direction: rx is received, tx is sent.

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    type TEXT NOT NULL CHECK (type IN ('s', 'u')),
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (
    what TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which incarnation of a counter a raw value came from; link is the interface index, 0 for ports.
-- A total and the raw value up to which it was credited always move together.
CREATE TABLE watch (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('ports', 'link', 'service')),
    ports TEXT NOT NULL,
    protocol TEXT NOT NULL CHECK (protocol IN ('tcp', 'udp', 'both')),
    link TEXT NOT NULL,
    service TEXT NOT NULL,
    note TEXT NOT NULL,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    revision INTEGER NOT NULL,
    created_s INTEGER NOT NULL,
    removed_s INTEGER NOT NULL,
    internet_rx_bytes INTEGER NOT NULL, internet_tx_bytes INTEGER NOT NULL,
    internet_rx_packets INTEGER NOT NULL, internet_tx_packets INTEGER NOT NULL,
    local_rx_bytes INTEGER NOT NULL, local_tx_bytes INTEGER NOT NULL,
    local_rx_packets INTEGER NOT NULL, local_tx_packets INTEGER NOT NULL,
    other_rx_bytes INTEGER NOT NULL, other_tx_bytes INTEGER NOT NULL,
    other_rx_packets INTEGER NOT NULL, other_tx_packets INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    raw_link INTEGER NOT NULL,
    raw_internet_rx_bytes INTEGER NOT NULL, raw_internet_tx_bytes INTEGER NOT NULL,
    raw_internet_rx_packets INTEGER NOT NULL, raw_internet_tx_packets INTEGER NOT NULL,
    raw_local_rx_bytes INTEGER NOT NULL, raw_local_tx_bytes INTEGER NOT NULL,
    raw_local_rx_packets INTEGER NOT NULL, raw_local_tx_packets INTEGER NOT NULL,
    raw_other_rx_bytes INTEGER NOT NULL, raw_other_tx_bytes INTEGER NOT NULL,
    raw_other_rx_packets INTEGER NOT NULL, raw_other_tx_packets INTEGER NOT NULL
) STRICT;

-- Two watches that are there never share a name; removed ones may.
CREATE UNIQUE INDEX watch_name ON watch (name) WHERE removed_s = 0;

-- raw_kernel is the link's own counters, raw_plain what the meter saw with merged packets as one.
CREATE TABLE link (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    hardware_address BLOB NOT NULL,
    kind TEXT NOT NULL,
    first_seen_s INTEGER NOT NULL,
    internet_rx_bytes INTEGER NOT NULL, internet_tx_bytes INTEGER NOT NULL,
    internet_rx_packets INTEGER NOT NULL, internet_tx_packets INTEGER NOT NULL,
    local_rx_bytes INTEGER NOT NULL, local_tx_bytes INTEGER NOT NULL,
    local_rx_packets INTEGER NOT NULL, local_tx_packets INTEGER NOT NULL,
    other_rx_bytes INTEGER NOT NULL, other_tx_bytes INTEGER NOT NULL,
    other_rx_packets INTEGER NOT NULL, other_tx_packets INTEGER NOT NULL,
    unmetered_rx_bytes INTEGER NOT NULL, unmetered_tx_bytes INTEGER NOT NULL,
    unmetered_rx_packets INTEGER NOT NULL, unmetered_tx_packets INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    generation INTEGER NOT NULL,
    raw_link INTEGER NOT NULL,
    raw_internet_rx_bytes INTEGER NOT NULL, raw_internet_tx_bytes INTEGER NOT NULL,
    raw_internet_rx_packets INTEGER NOT NULL, raw_internet_tx_packets INTEGER NOT NULL,
    raw_local_rx_bytes INTEGER NOT NULL, raw_local_tx_bytes INTEGER NOT NULL,
    raw_local_rx_packets INTEGER NOT NULL, raw_local_tx_packets INTEGER NOT NULL,
    raw_other_rx_bytes INTEGER NOT NULL, raw_other_tx_bytes INTEGER NOT NULL,
    raw_other_rx_packets INTEGER NOT NULL, raw_other_tx_packets INTEGER NOT NULL,
    raw_kernel_rx_bytes INTEGER NOT NULL, raw_kernel_tx_bytes INTEGER NOT NULL,
    raw_kernel_rx_packets INTEGER NOT NULL, raw_kernel_tx_packets INTEGER NOT NULL,
    raw_plain_rx_bytes INTEGER NOT NULL, raw_plain_tx_bytes INTEGER NOT NULL,
    raw_plain_rx_packets INTEGER NOT NULL, raw_plain_tx_packets INTEGER NOT NULL
) STRICT;
