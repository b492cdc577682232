// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/meter_flows.h"

#include <QFile>

#include <bpf/bpf.h>

#include <netinet/in.h>
#include <stdio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace weir {

namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr quint32 kInUse = 0;
constexpr quint32 kFormer = 1;

/// steady_clock is CLOCK_MONOTONIC, which is what bpf_ktime_get_coarse_ns reads.
steady_clock::time_point timePoint(quint64 ns)
{
    return steady_clock::time_point(nanoseconds(qint64(ns)));
}

/// Interface index by slot, 0 where there is none.
using Interfaces = std::array<int, WEIR_MAX_LINKS>;

template <typename Key>
FlowKey flowKey(const char *data, const Interfaces &interfaces, bool v6)
{
    Key key;
    memcpy(&key, data, sizeof(key));
    FlowKey flow;
    flow.link = key.slot < interfaces.size() ? interfaces[key.slot] : 0;
    flow.protocol = key.protocol;
    flow.local.v6 = flow.remote.v6 = v6;
    memcpy(flow.local.bytes.data(), &key.local, sizeof(key.local));
    memcpy(flow.remote.bytes.data(), &key.remote, sizeof(key.remote));
    flow.localPort = ntohs(key.local_port);
    flow.remotePort = ntohs(key.remote_port);
    return flow;
}

Traffic trafficOf(const weir_flow &flow)
{
    const weir_cell &received = flow.direction[WEIR_RECEIVED];
    const weir_cell &sent = flow.direction[WEIR_SENT];
    return {received.bytes, sent.bytes, received.packets, sent.packets};
}

/// A TCP connection lasts until it is closed, however silent; a handshake or a conversation that nobody
/// answered does not.
bool lastsWhileSilent(FlowState state, const weir_flow &flow)
{
    return state == FlowState::Established && flow.direction[WEIR_RECEIVED].packets
        && flow.direction[WEIR_SENT].packets;
}

} // namespace

FlowState stateOf(quint8 protocol, const weir_flow &flow)
{
    if (protocol != IPPROTO_TCP)
        return FlowState::Stateless;
    const quint8 either = flow.flags[0] | flow.flags[1];
    if ((either & WEIR_RST) || (flow.flags[0] & flow.flags[1] & WEIR_FIN))
        return FlowState::Closed;
    if (either & WEIR_FIN)
        return FlowState::Closing;
    return either & WEIR_NO_SYN ? FlowState::Established : FlowState::Opening;
}

size_t FlowMap::keySize() const
{
    return m_version == Version::V4 ? sizeof(weir_flow4_key) : sizeof(weir_flow6_key);
}

QString FlowMap::pinName() const
{
    return m_directory
        + (m_version == Version::V4 ? QStringLiteral("/flows4_table") : QStringLiteral("/flows6_table"));
}

Result<FileDescriptor> FlowMap::makeTable(size_t capacity) const
{
    const char *name = m_version == Version::V4 ? "weir_flows4" : "weir_flows6";
    const int fd = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, name, quint32(keySize()), sizeof(weir_flow),
                                  quint32(capacity), nullptr);
    if (fd < 0)
        return kernelRefusal(QStringLiteral("make a table for %1 flows").arg(capacity), errno);
    return FileDescriptor(fd);
}

Result<FlowMap> FlowMap::create(Version version, int tables)
{
    FlowMap map;
    map.m_version = version;
    map.m_tables = duplicate(tables);
    auto table = map.makeTable(WEIR_FLOWS_AT_FIRST);
    if (!table)
        return std::unexpected(table.error());
    map.m_table = std::move(*table);
    map.m_capacity = WEIR_FLOWS_AT_FIRST;
    const int fd = map.m_table.get();
    if (!writeMap(tables, kInUse, fd))
        return kernelRefusal(QStringLiteral("bring a flow table into use"), errno);
    return map;
}

Result<FlowMap> FlowMap::adopt(Version version, int tables, const QString &directory)
{
    FlowMap map;
    map.m_version = version;
    map.m_directory = directory;
    map.m_tables = duplicate(tables);

    quint32 inUse = 0;
    readMap(tables, kInUse, inUse);
    const QString next = map.pinName() + QStringLiteral("_next");
    for (const QString &path : {next, map.pinName()}) {
        auto table = openPinned(path);
        if (!table || mapId(table->get()) != inUse)
            continue;
        // Growing was cut short after the larger table came into use.
        if (path == next
            && rename(QFile::encodeName(next).constData(), QFile::encodeName(map.pinName()).constData()) != 0)
            return kernelRefusal(QStringLiteral("rename %1").arg(next), errno);
        const auto info = mapInfo(table->get());
        map.m_capacity = info ? info->max_entries : 0;
        map.m_table = std::move(*table);
    }
    QFile::remove(next);
    bpf_map_delete_elem(tables, &kFormer);
    if (map.m_table)
        return map;

    QFile::remove(map.pinName());
    auto fresh = create(version, tables);
    if (!fresh)
        return fresh;
    if (auto pinned = fresh->pinIn(directory); !pinned)
        return std::unexpected(pinned.error());
    return fresh;
}

Result<void> FlowMap::pinIn(const QString &directory)
{
    m_directory = directory;
    return pin(m_table.get(), pinName());
}

Result<void> FlowMap::read(const std::map<quint32, int> &links, steady_clock::time_point now,
                           std::vector<Flow> *flows)
{
    const bool v6 = m_version == Version::V6;
    QByteArray over;
    size_t count = 0;
    Interfaces interfaces{};
    for (const auto &[slot, interface] : links) {
        if (slot < interfaces.size())
            interfaces[slot] = interface;
    }
    if (flows)
        flows->reserve(flows->size() + m_count);

    MapEntries entries(m_table.get(), keySize(), sizeof(weir_flow));
    while (true) {
        const auto batch = entries.next();
        if (!batch)
            return std::unexpected(batch.error());
        if (*batch == 0)
            break;
        for (size_t i = 0; i < *batch; ++i) {
            weir_flow data;
            memcpy(&data, entries.value(i), sizeof(data));
            Flow flow;
            flow.key = v6 ? flowKey<weir_flow6_key>(entries.key(i), interfaces, true)
                          : flowKey<weir_flow4_key>(entries.key(i), interfaces, false);
            flow.state = stateOf(flow.key.protocol, data);
            flow.traffic = trafficOf(data);
            flow.internet = data.internet != 0;
            flow.first = timePoint(data.first_ns);
            flow.last = timePoint(data.last_ns);
            ++count;
            if (flow.key.link == 0 || (now - flow.last >= kIdle && !lastsWhileSilent(flow.state, data)))
                over.append(entries.key(i), qsizetype(keySize()));
            if (flows && flow.key.link != 0)
                flows->push_back(flow);
        }
    }
    for (qsizetype at = 0; at < over.size(); at += qsizetype(keySize()))
        bpf_map_delete_elem(m_table.get(), over.constData() + at);
    m_count = count - size_t(over.size()) / keySize();
    return {};
}

bool FlowMap::wantsLook(quint64 created) const
{
    const size_t since = size_t(created - m_createdAtLook);
    // A table that cannot grow is looked at more rarely: looking is all that is left.
    const size_t rest = m_capacity >= WEIR_FLOWS_AT_MOST ? m_capacity / 4 : 1;
    return since >= rest && (m_count + since) * 10 > m_capacity * 6;
}

bool FlowMap::full() const
{
    return m_capacity >= WEIR_FLOWS_AT_MOST && m_count * 10 > m_capacity * 9;
}

Result<void> FlowMap::copyFrom(int former, int table) const
{
    MapEntries entries(former, keySize(), sizeof(weir_flow));
    while (true) {
        const auto batch = entries.next();
        if (!batch)
            return std::unexpected(batch.error());
        if (*batch == 0)
            return {};
        // What is there already, the program took over itself.
        for (size_t i = 0; i < *batch; ++i)
            updateElement(table, entries.key(i), entries.value(i), BPF_NOEXIST);
    }
}

Result<void> FlowMap::grow()
{
    size_t capacity = m_capacity;
    while (capacity < WEIR_FLOWS_AT_MOST && m_count * 10 > capacity * 6)
        capacity *= 2;
    if (capacity == m_capacity)
        return {};
    auto table = makeTable(capacity);
    if (!table)
        return std::unexpected(table.error());

    const QString next = pinName() + QStringLiteral("_next");
    if (!m_directory.isEmpty()) {
        QFile::remove(next);
        if (auto pinned = pin(table->get(), next); !pinned)
            return pinned;
    }
    const int former = m_table.get();
    const int larger = table->get();
    // The kernel returns from the second write when no program uses the former table any more.
    if (!writeMap(m_tables.get(), kFormer, former) || !writeMap(m_tables.get(), kInUse, larger))
        return kernelRefusal(QStringLiteral("bring a larger flow table into use"), errno);
    auto copied = copyFrom(former, larger);
    bpf_map_delete_elem(m_tables.get(), &kFormer);
    if (!m_directory.isEmpty()
        && rename(QFile::encodeName(next).constData(), QFile::encodeName(pinName()).constData()) != 0) {
        return kernelRefusal(QStringLiteral("rename %1").arg(next), errno);
    }
    m_table = std::move(*table);
    m_capacity = capacity;
    return copied;
}

} // namespace weir
