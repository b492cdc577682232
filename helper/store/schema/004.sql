-- Limits, quotas and burst guards of watches, and where they stand.
-- Each statement ends with a semicolon at the end of a line.
-- A row is there only when its watch has that policy. Ranges are checked when a row is read: words and signs are all that a file
-- can promise for ever. Rates are wire bits per second.

-- NULL: that direction is not limited. schedule is empty when it holds always.
CREATE TABLE limit_policy (
    watch INTEGER PRIMARY KEY,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    down_bits_per_s INTEGER CHECK (down_bits_per_s > 0),
    up_bits_per_s INTEGER CHECK (up_bits_per_s > 0),
    schedule TEXT NOT NULL,
    CHECK (down_bits_per_s IS NOT NULL OR up_bits_per_s IS NOT NULL)
) STRICT;

-- begun_s: instants at which a person began a period early, in UTC seconds, joined by commas; alert_percents likewise.
-- reset_day -1 is the last day of each month. correction_bytes is what a person's figure of calibrated_s adds to what was counted.
CREATE TABLE quota_policy (
    watch INTEGER PRIMARY KEY,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
    reset_day INTEGER NOT NULL CHECK (reset_day = -1 OR reset_day BETWEEN 1 AND 31),
    begun_s TEXT NOT NULL CHECK (begun_s NOT GLOB '*[^0-9,]*'),
    billing TEXT NOT NULL CHECK (billing IN ('in', 'out', 'sum', 'max')),
    factor_thousandths INTEGER NOT NULL CHECK (factor_thousandths > 0),
    scope TEXT NOT NULL CHECK (scope IN ('all', 'internet')),
    alert_percents TEXT NOT NULL CHECK (alert_percents NOT GLOB '*[^0-9,]*'),
    overflow TEXT NOT NULL CHECK (overflow IN ('notify', 'throttle', 'block')),
    throttle_bits_per_s INTEGER NOT NULL CHECK (throttle_bits_per_s >= 0),
    exempt TEXT NOT NULL,
    calibrated_s INTEGER,
    correction_bytes INTEGER,
    CHECK ((calibrated_s IS NULL) = (correction_bytes IS NULL))
) STRICT;

CREATE TABLE burst_policy (
    watch INTEGER PRIMARY KEY,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    trigger_bits_per_s INTEGER NOT NULL CHECK (trigger_bits_per_s > 0),
    direction TEXT NOT NULL CHECK (direction IN ('sum', 'down', 'up')),
    window_s INTEGER NOT NULL CHECK (window_s > 0),
    throttle_bits_per_s INTEGER NOT NULL CHECK (throttle_bits_per_s > 0),
    hold_s INTEGER NOT NULL CHECK (hold_s > 0)
) STRICT;

-- Moves with the totals of its watch; start_ is what those were when the quota's period began, dropped_ what the quota let not
-- pass since. Counters are unsigned 64-bit numbers kept in SQLite's signed ones, bit for bit. Instants are UTC seconds; 0 is none.
CREATE TABLE guard_state (
    watch INTEGER PRIMARY KEY,
    throttled_since_s INTEGER NOT NULL CHECK (throttled_since_s >= 0),
    throttled_until_s INTEGER NOT NULL CHECK (throttled_until_s >= 0),
    period_start_s INTEGER NOT NULL CHECK (period_start_s >= 0),
    start_internet_rx_bytes INTEGER NOT NULL, start_internet_tx_bytes INTEGER NOT NULL,
    start_internet_rx_packets INTEGER NOT NULL, start_internet_tx_packets INTEGER NOT NULL,
    start_local_rx_bytes INTEGER NOT NULL, start_local_tx_bytes INTEGER NOT NULL,
    start_local_rx_packets INTEGER NOT NULL, start_local_tx_packets INTEGER NOT NULL,
    start_other_rx_bytes INTEGER NOT NULL, start_other_tx_bytes INTEGER NOT NULL,
    start_other_rx_packets INTEGER NOT NULL, start_other_tx_packets INTEGER NOT NULL,
    dropped_rx_bytes INTEGER NOT NULL, dropped_tx_bytes INTEGER NOT NULL
) STRICT;
