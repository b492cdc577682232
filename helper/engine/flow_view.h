// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/atoms.h"
#include "helper/engine/engine.h"

#include <functional>
#include <unordered_map>

namespace weir {

/// The flow table as people ask for it: with rates, ids, the watches that count each flow, filtered and
/// sorted.
///
/// Main thread. Ended TCP flows, which the kernel returns once, are kept for kFlowIdle after their last
/// packet.
class FlowView
{
public:
    /// Takes a table that was read now. `wall` is the wall clock of the same moment.
    /// `passed` is called for each flow with what it exchanged since the table before; what flows that began
    /// before the first table had until then is not known.
    void update(FlowTable table, std::chrono::system_clock::time_point wall,
                const std::function<void(const Flow &, const Traffic &)> &passed = {});

    /// When the table was read, by its own clock; nothing before the first.
    std::optional<std::chrono::steady_clock::time_point> taken() const { return m_taken; }
    size_t size() const { return m_inKernel; }
    size_t capacity() const { return m_capacity; }

    /// What a page needs to know beyond the flows.
    struct Context {
        std::map<int, QString> linkNames;
        std::function<QStringList(const Flow &, size_t most)>
            watches; ///< names of those that count it, sorted
    };
    FlowPage page(const FlowQuery &query, const Context &context) const;

    /// Active flows by the port position of their local port, for ReadingPlan::sumPositions().
    std::vector<quint32> activeByPosition() const;
    /// Active flows by link.
    std::map<int, quint32> activeByLink() const;

private:
    struct Row {
        quint64 id = 0;
        Flow flow;
        std::optional<Rate> rate;
        bool active = false;
    };
    FlowStatus status(const Row &row, const Context &context) const;

    std::vector<Row> m_rows; // sorted by id
    std::optional<std::chrono::steady_clock::time_point> m_taken;
    std::chrono::system_clock::duration m_toWall{}; // what turns steady time into wall time
    size_t m_inKernel = 0;
    size_t m_capacity = 0;
};

/// The same for the life of a flow: of its key and the time of its first packet.
quint64 flowId(const Flow &flow);

/// The port position (see atoms.h) that counts the flow; nothing when it is neither TCP nor UDP.
std::optional<quint32> countedPosition(const FlowKey &key);

} // namespace weir
