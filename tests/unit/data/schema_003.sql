-- A database as a helper of schema 3 left it: a line, a watch of each kind, one that was removed, a service, settings and some history.
-- Each statement ends with a semicolon at the end of a line.

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    type TEXT NOT NULL CHECK (type IN ('s', 'u')),
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE revision (
    what TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
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
CREATE UNIQUE INDEX watch_name ON watch (name) WHERE removed_s = 0;
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
CREATE TABLE series (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('link', 'watch', 'service')),
    id INTEGER NOT NULL,
    UNIQUE (kind, id)
) STRICT;
CREATE TABLE mark (
    what TEXT PRIMARY KEY,
    at_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE zone (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE zone_span (
    number INTEGER PRIMARY KEY,
    zone INTEGER NOT NULL,
    from_s INTEGER NOT NULL,
    until_s INTEGER
) STRICT;
CREATE TABLE away (
    from_s INTEGER PRIMARY KEY,
    to_s INTEGER NOT NULL
) STRICT;
CREATE TABLE minute (
    series INTEGER NOT NULL,
    start_s INTEGER NOT NULL,
    i_rx_bytes INTEGER NOT NULL, i_tx_bytes INTEGER NOT NULL, i_rx_packets INTEGER NOT NULL, i_tx_packets INTEGER NOT NULL,
    l_rx_bytes INTEGER NOT NULL, l_tx_bytes INTEGER NOT NULL, l_rx_packets INTEGER NOT NULL, l_tx_packets INTEGER NOT NULL,
    r_rx_bytes INTEGER NOT NULL, r_tx_bytes INTEGER NOT NULL, r_rx_packets INTEGER NOT NULL, r_tx_packets INTEGER NOT NULL,
    PRIMARY KEY (series, start_s)
) STRICT, WITHOUT ROWID;
CREATE TABLE quarter (
    series INTEGER NOT NULL,
    start_s INTEGER NOT NULL,
    i_rx_bytes INTEGER NOT NULL, i_tx_bytes INTEGER NOT NULL, i_rx_packets INTEGER NOT NULL, i_tx_packets INTEGER NOT NULL,
    l_rx_bytes INTEGER NOT NULL, l_tx_bytes INTEGER NOT NULL, l_rx_packets INTEGER NOT NULL, l_tx_packets INTEGER NOT NULL,
    r_rx_bytes INTEGER NOT NULL, r_tx_bytes INTEGER NOT NULL, r_rx_packets INTEGER NOT NULL, r_tx_packets INTEGER NOT NULL,
    PRIMARY KEY (series, start_s)
) STRICT, WITHOUT ROWID;
CREATE TABLE day (
    series INTEGER NOT NULL,
    start_s INTEGER NOT NULL,
    zone INTEGER NOT NULL,
    i_rx_bytes INTEGER NOT NULL, i_tx_bytes INTEGER NOT NULL, i_rx_packets INTEGER NOT NULL, i_tx_packets INTEGER NOT NULL,
    l_rx_bytes INTEGER NOT NULL, l_tx_bytes INTEGER NOT NULL, l_rx_packets INTEGER NOT NULL, l_tx_packets INTEGER NOT NULL,
    r_rx_bytes INTEGER NOT NULL, r_tx_bytes INTEGER NOT NULL, r_rx_packets INTEGER NOT NULL, r_tx_packets INTEGER NOT NULL,
    PRIMARY KEY (series, start_s, zone)
) STRICT, WITHOUT ROWID;
CREATE TABLE remote_hour (
    series INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    address BLOB NOT NULL CHECK (length(address) IN (4, 16)),
    rx_bytes INTEGER NOT NULL,
    tx_bytes INTEGER NOT NULL,
    PRIMARY KEY (series, hour, address)
) STRICT, WITHOUT ROWID;
CREATE TABLE remote_day (
    series INTEGER NOT NULL,
    start_s INTEGER NOT NULL,
    address BLOB NOT NULL CHECK (length(address) IN (4, 16)),
    rx_bytes INTEGER NOT NULL,
    tx_bytes INTEGER NOT NULL,
    PRIMARY KEY (series, start_s, address)
) STRICT, WITHOUT ROWID;
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
PRAGMA application_id = 1466263922;
PRAGMA user_version = 3;

INSERT INTO setting VALUES ('flush_interval_s', 'u', '60');
INSERT INTO setting VALUES ('metered_links', 's', 'eth0');
INSERT INTO revision VALUES ('settings', 4);
INSERT INTO watch VALUES (1, 'web', 'ports', '80,443,8000-8099', 'tcp', '', '', 'the shop', 1, 3, 1772236800, 0, 5000000000, 900000000, 4000000, 1500000, 70, 60, 2, 1, 0, 0, 0, 0, '8d0ae7f1-1c5e-4f0e-9a55-3f2f6c1b7a10', 5, 0, 1000, 2000, 10, 20, 30, 40, 3, 4, 0, 0, 0, 0);
INSERT INTO watch VALUES (2, 'line', 'link', '', 'both', 'eth0', '', '', 1, 1, 1772236800, 0, 7000000000, 1200000000, 6000000, 2000000, 500, 400, 5, 4, 42, 43, 1, 2, '8d0ae7f1-1c5e-4f0e-9a55-3f2f6c1b7a10', 9, 2, 11, 12, 13, 14, 15, 16, 17, 18, 21, 22, 23, 24);
INSERT INTO watch VALUES (3, 'database', 'service', '', 'both', '', 'postgresql.service', '', 0, 2, 1772319600, 0, 100, 200, 3, 4, -1, -9223372036854775808, 7, 8, 0, 0, 0, 0, '8d0ae7f1-1c5e-4f0e-9a55-3f2f6c1b7a10', 1, 0, 100, 200, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0);
INSERT INTO watch VALUES (4, 'web', 'ports', '81', 'both', '', '', '', 1, 7, 1772233200, 1772243200, 9, 8, 7, 6, 5, 4, 3, 2, 0, 0, 0, 0, '8d0ae7f1-1c5e-4f0e-9a55-3f2f6c1b7a10', 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO link VALUES (1, 'eth0', x'020000000001', 'ethernet', 1772233200, 8000000000, 1300000000, 7000000, 2500000, 600, 500, 6, 5, 52, 53, 2, 3, 62, 63, 4, 5, '8d0ae7f1-1c5e-4f0e-9a55-3f2f6c1b7a10', 9, 2, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120);
INSERT INTO series VALUES (1, 'link', 1);
INSERT INTO series VALUES (2, 'watch', 1);
INSERT INTO series VALUES (3, 'service', 1);
INSERT INTO mark VALUES ('saved_s', 1772323295);
INSERT INTO mark VALUES ('minute_floor_s', 0);
INSERT INTO zone VALUES (1, 'Europe/Berlin');
INSERT INTO zone_span VALUES (1, 1, 1772323200, NULL);
INSERT INTO minute VALUES (1, 1772323200, 1000, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO minute VALUES (1, 1772323260, 1000, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO quarter VALUES (1, 1772323200, 2000, 4, 6, 8, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO day VALUES (1, 1772319600, 1, 2000, 4, 6, 8, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO minute VALUES (2, 1772323200, 400, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO minute VALUES (2, 1772323260, 400, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO quarter VALUES (2, 1772323200, 800, 4, 6, 8, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO day VALUES (2, 1772319600, 1, 800, 4, 6, 8, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO minute VALUES (3, 1772323200, 50, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO minute VALUES (3, 1772323260, 50, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO quarter VALUES (3, 1772323200, 100, 4, 6, 8, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO day VALUES (3, 1772319600, 1, 100, 4, 6, 8, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO service VALUES (1, 'postgresql.service', 'unit', 1772236800, 1772323290, 100, 200, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
INSERT INTO service_cgroup VALUES (1, 4711, 99, '8d0ae7f1-1c5e-4f0e-9a55-3f2f6c1b7a10', 1, 100, 200, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
