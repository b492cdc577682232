-- What passed when.
-- Each statement ends with a semicolon at the end of a line.
-- Instants are UTC seconds. Counters are not negative: a sum that does not fit stays at the largest number.
-- Columns by scope: i is internet, l is local, r is the rest (not IP, without a meter, over the loopback); by direction: rx is
-- received, tx is sent; then bytes and packets. Zeros take no room in a row.

-- Whose history: the tables by time know a series by its small number.
CREATE TABLE series (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('link', 'watch', 'service')),
    id INTEGER NOT NULL,
    UNIQUE (kind, id)
) STRICT;

-- Instants: saved_s (of the last change), clock_before_s and clock_after_s (a leap of the clock), and the ones before which a table
-- by time is not complete: minute_floor_s, quarter_floor_s, remote_floor_s, remote_trimmed_s.
CREATE TABLE mark (
    what TEXT PRIMARY KEY,
    at_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE zone (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- By whose days what began in [from_s, until_s) was summed; the last one has no end. Two may overlap where the zone was changed.
CREATE TABLE zone_span (
    number INTEGER PRIMARY KEY,
    zone INTEGER NOT NULL,
    from_s INTEGER NOT NULL,
    until_s INTEGER
) STRICT;

-- No helper counted by the second.
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

-- A local day begins at start_s: midnight in its zone, or the first instant after it.
CREATE TABLE day (
    series INTEGER NOT NULL,
    start_s INTEGER NOT NULL,
    zone INTEGER NOT NULL,
    i_rx_bytes INTEGER NOT NULL, i_tx_bytes INTEGER NOT NULL, i_rx_packets INTEGER NOT NULL, i_tx_packets INTEGER NOT NULL,
    l_rx_bytes INTEGER NOT NULL, l_tx_bytes INTEGER NOT NULL, l_rx_packets INTEGER NOT NULL, l_tx_packets INTEGER NOT NULL,
    r_rx_bytes INTEGER NOT NULL, r_tx_bytes INTEGER NOT NULL, r_rx_packets INTEGER NOT NULL, r_tx_packets INTEGER NOT NULL,
    PRIMARY KEY (series, start_s, zone)
) STRICT, WITHOUT ROWID;

-- Addresses are 4 or 16 bytes; hour is the number of hours since 1970.
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
