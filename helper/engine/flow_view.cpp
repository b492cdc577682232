// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/flow_view.h"

#include "helper/engine/bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weir {

using namespace std::chrono;

namespace {

constexpr quint8 kTcp = 6;
constexpr quint8 kUdp = 17;

/// FNV-1a, 64 bits.
class Hash
{
public:
    template <typename Integer>
    void add(Integer value)
    {
        for (size_t i = 0; i < sizeof value; ++i)
            addByte(quint8(quint64(value) >> (8 * i)));
    }
    void add(const Address &address)
    {
        addByte(address.v6);
        for (size_t i = 0; i < (address.v6 ? 16u : 4u); ++i)
            addByte(address.bytes[i]);
    }
    quint64 value() const { return m_value; }

private:
    void addByte(quint8 byte) { m_value = (m_value ^ byte) * 0x100000001b3u; }
    quint64 m_value = 0xcbf29ce484222325u;
};

qint64 toWallMs(steady_clock::time_point time, system_clock::duration toWall)
{
    return duration_cast<milliseconds>(time.time_since_epoch() + toWall).count();
}

} // namespace

quint64 flowId(const Flow &flow)
{
    Hash hash;
    hash.add(flow.key.link);
    hash.add(flow.key.protocol);
    hash.add(flow.key.local);
    hash.add(flow.key.localPort);
    hash.add(flow.key.remote);
    hash.add(flow.key.remotePort);
    hash.add(qint64(flow.first.time_since_epoch().count()));
    // 53 bits: readers of JSON that keep numbers as doubles (JavaScript, older jq) must not mix two flows up.
    return (hash.value() ^ (hash.value() >> 53)) & ((quint64(1) << 53) - 1);
}

std::optional<quint32> countedPosition(const FlowKey &key)
{
    if (key.localPort == 0 || (key.protocol != kTcp && key.protocol != kUdp))
        return {};
    return portPosition(key.protocol == kTcp ? Transport::Tcp : Transport::Udp, key.localPort);
}

void FlowView::update(FlowTable table, system_clock::time_point wall,
                      const std::function<void(const Flow &, const Traffic &)> &passed)
{
    const auto taken = table.taken;
    const auto since = m_taken ? taken - *m_taken : steady_clock::duration::max();
    const double seconds = duration<double>(since).count();
    const bool recent = since > steady_clock::duration::zero() && since <= kMaxRateGap;

    // steady while the wall clock is, so that the times of a flow do not flicker by milliseconds
    const auto toWall = wall.time_since_epoch() - taken.time_since_epoch();
    if (!m_taken || abs(toWall - m_toWall) >= 1s)
        m_toWall = toWall;

    std::vector<Row> rows;
    rows.reserve(table.flows.size());
    for (Flow &flow : table.flows) {
        Row row;
        row.id = flowId(flow);
        row.active =
            flow.key.protocol == kTcp ? flow.state != FlowState::Closed : taken - flow.last <= kFlowIdle;
        row.flow = std::move(flow);
        rows.push_back(std::move(row));
    }
    std::ranges::sort(rows, {}, &Row::id);

    const size_t inKernel = rows.size();
    auto before = m_rows.begin();
    std::vector<Row> ended;
    const auto keepEnded = [&](Row &row) {
        if (row.active || taken - row.flow.last > kFlowIdle)
            return;
        row.rate = recent ? std::optional(Rate{}) : std::nullopt;
        ended.push_back(std::move(row));
    };
    for (Row &row : rows) {
        for (; before != m_rows.end() && before->id < row.id; ++before)
            keepEnded(*before);
        const bool known = before != m_rows.end() && before->id == row.id;
        // a flow that began since the last table passed all its bytes in between
        if (m_taken && (known || row.flow.first >= *m_taken)) {
            const Traffic grown = growth(known ? before->flow.traffic : Traffic{}, row.flow.traffic);
            if (recent)
                row.rate = Rate{double(grown.rxBytes) / seconds, double(grown.txBytes) / seconds};
            if (passed && grown != Traffic{})
                passed(row.flow, grown);
        }
        if (known)
            ++before;
    }
    for (; before != m_rows.end(); ++before)
        keepEnded(*before);
    if (!ended.empty()) {
        std::ranges::move(ended, std::back_inserter(rows));
        std::ranges::inplace_merge(rows, rows.begin() + qsizetype(inKernel), {}, &Row::id);
    }

    m_rows = std::move(rows);
    m_taken = taken;
    m_inKernel = inKernel;
    m_capacity = table.capacity;
}

FlowStatus FlowView::status(const Row &row, const Context &context) const
{
    FlowStatus status;
    status.id = row.id;
    status.flow = row.flow;
    if (const auto name = context.linkNames.find(row.flow.key.link); name != context.linkNames.end())
        status.linkName = name->second;
    status.active = row.active;
    status.rate = row.rate;
    status.firstMs = toWallMs(row.flow.first, m_toWall);
    status.lastMs = toWallMs(row.flow.last, m_toWall);
    return status;
}

FlowPage FlowView::page(const FlowQuery &query, const Context &context) const
{
    const auto number = [&](const Row &row) -> double {
        const Traffic &traffic = row.flow.traffic;
        switch (query.sort) {
        case FlowSort::Rate:
            // what is not known sorts below what is zero
            return row.rate ? row.rate->rxBytesPerSecond + row.rate->txBytesPerSecond : -1;
        case FlowSort::Rx:
            return double(traffic.rxBytes);
        case FlowSort::Tx:
            return double(traffic.txBytes);
        case FlowSort::Total:
            return double(traffic.rxBytes) + double(traffic.txBytes);
        case FlowSort::State:
            return double(row.flow.state) * 2 + (row.active ? 0 : 1);
        case FlowSort::Age:
            return -double(row.flow.first.time_since_epoch().count());
        case FlowSort::Remote:
        case FlowSort::Local:
            break;
        }
        return 0;
    };
    struct Hit {
        const Row *row;
        double number;
    };
    const auto before = [&](const Hit &a, const Hit &b) {
        const FlowKey &x = a.row->flow.key;
        const FlowKey &y = b.row->flow.key;
        std::partial_ordering order = a.number <=> b.number;
        if (query.sort == FlowSort::Remote)
            order = std::tie(x.remote, x.remotePort) <=> std::tie(y.remote, y.remotePort);
        else if (query.sort == FlowSort::Local)
            order = std::tie(x.local, x.localPort) <=> std::tie(y.local, y.localPort);
        if (order != 0)
            return query.ascending ? order < 0 : order > 0;
        return a.row->id < b.row->id; // pages must not overlap
    };

    FlowPage page;
    std::vector<Hit> hits;
    for (const Row &row : m_rows) {
        if (!row.active && !query.closed)
            continue;
        ++page.total;
        const auto watches = [&] { return context.watches(row.flow, std::numeric_limits<size_t>::max()); };
        if (query.filter.matches(status(row, context), watches))
            hits.push_back({&row, number(row)});
    }
    page.matching = hits.size();
    const size_t begin = std::min(query.offset, hits.size());
    const size_t end = begin + std::min(query.limit, hits.size() - begin);
    std::ranges::partial_sort(hits, hits.begin() + qsizetype(end), before);
    page.rows.reserve(end - begin);
    for (size_t i = begin; i < end; ++i) {
        page.rows.push_back(status(*hits[i].row, context));
        page.rows.back().watches = context.watches(hits[i].row->flow, kMaxFlowWatches);
    }
    return page;
}

std::vector<quint32> FlowView::activeByPosition() const
{
    std::vector<quint32> counts(kPortPositions);
    for (const Row &row : m_rows)
        if (const auto position = countedPosition(row.flow.key); position && row.active)
            ++counts[*position];
    return counts;
}

std::map<int, quint32> FlowView::activeByLink() const
{
    std::map<int, quint32> counts;
    for (const Row &row : m_rows)
        if (row.active)
            ++counts[row.flow.key.link];
    return counts;
}

} // namespace weir
