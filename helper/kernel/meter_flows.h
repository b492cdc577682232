// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/kernel.h"
#include "helper/kernel/bpf_call.h"
#include "helper/kernel/meter_layout.h"

namespace weir {

/// The table of the flows of one IP version: reads it, forgets what is over, makes it larger.
///
/// The program finds the table through a map of maps ("flows4", "flows6"). That makes growing cheap and
/// exact: one write brings the new table into use for every link at once, and the program takes a flow over
/// from the former table when the flow's next packet comes.
class FlowMap
{
public:
    enum class Version { V4, V6 };

    /// Flows without a packet for this long are forgotten, unless they are TCP connections in both
    /// directions.
    static constexpr std::chrono::seconds kIdle{60};

    FlowMap() = default;

    /// Makes an empty table of WEIR_FLOWS_AT_FIRST and brings it into use in `tables`.
    static Result<FlowMap> create(Version version, int tables);

    /// The table that is pinned in `directory` and in use in `tables`; a new one where an earlier helper got
    /// no further.
    static Result<FlowMap> adopt(Version version, int tables, const QString &directory);

    /// Pins the table in `directory`; from now on a larger one is pinned there in its place.
    Result<void> pinIn(const QString &directory);

    /// Appends all flows to `flows` (which may be null) and then deletes those that are over at `now`.
    /// `links` gives the interface index for each slot; flows of other slots are deleted.
    Result<void> read(const std::map<quint32, int> &links, std::chrono::steady_clock::time_point now,
                      std::vector<Flow> *flows);

    /// Whether the table may have become too full since the last read(), by what the program says it created
    /// so far.
    bool wantsLook(quint64 created) const;
    /// The number created that read() saw.
    void looked(quint64 created) { m_createdAtLook = created; }

    /// Doubles the table, up to WEIR_FLOWS_AT_MOST, until what read() found fills no more than 60 % of it.
    /// Flows keep their counts. Error: KernelRefused (memory); the table stays as it was.
    Result<void> grow();

    bool full() const; ///< as large as it gets, and 90 % in use
    size_t count() const { return m_count; }
    size_t capacity() const { return m_capacity; }

private:
    Version m_version = Version::V4;
    FileDescriptor m_tables;
    FileDescriptor m_table;
    QString m_directory;
    size_t m_capacity = 0;
    size_t m_count = 0;
    quint64 m_createdAtLook = 0;

    size_t keySize() const;
    QString pinName() const;
    Result<FileDescriptor> makeTable(size_t capacity) const;
    Result<void> copyFrom(int former, int table) const;
};

/// What the wire showed of a conversation.
FlowState stateOf(quint8 protocol, const weir_flow &flow);

} // namespace weir
