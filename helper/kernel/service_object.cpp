// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/service_object.h"

#include "helper/engine/address.h"

#include <QRandomGenerator>

#include "service_meter.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <set>

namespace weir {

namespace {

constexpr std::array<const char *, kServiceMaps> kMapNames{
    "settings", "link_headers", "services", "overflow", "local4", "local6", "layout",
};

using Skeleton = std::unique_ptr<service_meter_bpf, decltype(&service_meter_bpf::destroy)>;

ServiceObject::Failure loadFailure(int error, const QString &why)
{
    QString message = QStringLiteral("cannot load the programs that count services: %1")
                          .arg(QString::fromLocal8Bit(strerror(error)));
    if (!why.isEmpty())
        message += QStringLiteral(" (%1)").arg(why);
    return {{ErrorKind::KernelRefused, message}, error == EPERM};
}

QString pathOf(const QString &directory, size_t map)
{
    return directory + QLatin1Char('/') + QLatin1String(kMapNames[map]);
}

quint32 cellOffset(int direction, size_t cell)
{
    return quint32(offsetof(weir_service_counter, direction)
                   + size_t(direction) * sizeof(weir_service_direction) + cell);
}

weir_service_layout describeLayout()
{
    weir_service_layout layout{};
    layout.version = WEIR_SERVICE_LAYOUT;
    layout.size = sizeof(weir_service_counter);
    layout.began = offsetof(weir_service_counter, began_ns);
    layout.ancestors = offsetof(weir_service_counter, ancestors);
    layout.ancestor_count = WEIR_ANCESTORS;
    for (const int direction : {WEIR_RECEIVED, WEIR_SENT}) {
        layout.internet[direction] = cellOffset(direction, offsetof(weir_service_direction, internet));
        layout.local[direction] = cellOffset(direction, offsetof(weir_service_direction, local));
        layout.loopback[direction] = cellOffset(direction, offsetof(weir_service_direction, loopback));
    }
    layout.created_ns = boottimeNs();
    do {
        layout.generation = QRandomGenerator::system()->generate64();
    } while (layout.generation == 0);
    return layout;
}

/// Keys compared byte by byte: they have no padding.
template <typename Key>
struct BytesLess {
    bool operator()(const Key &a, const Key &b) const { return memcmp(&a, &b, sizeof(Key)) < 0; }
};

/// Makes a map hold exactly `wanted`: first what is new, then without what is stale.
template <typename Key>
Result<void> replaceContent(int map, const std::map<Key, quint32, BytesLess<Key>> &wanted,
                            const QString &what)
{
    for (const auto &[key, value] : wanted) {
        if (writeMap(map, key, value))
            continue;
        if (errno == ENOSPC || errno == E2BIG)
            return failure(ErrorKind::LimitReached,
                           QStringLiteral("there are too many %1: %2").arg(what).arg(wanted.size()));
        return kernelRefusal(QStringLiteral("write the %1 for services").arg(what), errno);
    }
    std::vector<Key> stale;
    Key key{};
    for (bool more = bpf_map_get_next_key(map, nullptr, &key) == 0; more;) {
        if (!wanted.contains(key))
            stale.push_back(key);
        const Key from = key;
        more = bpf_map_get_next_key(map, &from, &key) == 0;
    }
    for (const Key &old : stale) {
        if (bpf_map_delete_elem(map, &old) != 0 && errno != ENOENT)
            return kernelRefusal(QStringLiteral("remove from the %1 for services").arg(what), errno);
    }
    return {};
}

} // namespace

std::expected<ServiceObject, ServiceObject::Failure>
ServiceObject::loadWith(const std::array<FileDescriptor, kServiceMaps> &pinned)
{
    LibbpfMessages messages;
    const Skeleton skeleton(service_meter_bpf::open(), service_meter_bpf::destroy);
    if (!skeleton)
        return std::unexpected(loadFailure(errno, messages.last()));
    ServiceObject object;
    if (const int failed = loadWithMaps(skeleton->skeleton, kMapNames, pinned, object.m_maps); failed != 0)
        return std::unexpected(loadFailure(failed, messages.last()));
    object.m_programs[size_t(Hook::Ingress)] =
        duplicate(bpf_program__fd(skeleton->progs.weir_service_received));
    object.m_programs[size_t(Hook::Egress)] = duplicate(bpf_program__fd(skeleton->progs.weir_service_sent));
    return object;
}

std::expected<ServiceObject, ServiceObject::Failure> ServiceObject::load()
{
    std::array<FileDescriptor, kServiceMaps> none;
    auto object = loadWith(none);
    if (object && !writeMap(object->map(ServiceMap::Layout), quint32(0), describeLayout()))
        return std::unexpected(loadFailure(errno, {}));
    return object;
}

std::expected<ServiceObject, ServiceObject::Failure> ServiceObject::adopt(const QString &directory)
{
    std::array<FileDescriptor, kServiceMaps> pinned;
    for (size_t i = 0; i < kServiceMaps; ++i) {
        auto map = openPinned(pathOf(directory, i));
        if (!map)
            return std::unexpected(loadFailure(errno, directory));
        pinned[i] = std::move(*map);
    }
    return loadWith(pinned);
}

Result<void> ServiceObject::pinMaps(const QString &directory) const
{
    for (size_t i = 0; i < kServiceMaps; ++i) {
        if (auto pinned = pin(m_maps[i].get(), pathOf(directory, i)); !pinned)
            return pinned;
    }
    return {};
}

Result<void> ServiceObject::writeLocalPrefixes(const std::vector<Prefix> &prefixes) const
{
    std::map<weir_prefix4, quint32, BytesLess<weir_prefix4>> wanted4;
    std::map<weir_prefix6, quint32, BytesLess<weir_prefix6>> wanted6;
    for (const Prefix &prefix : prefixes) {
        if (prefix.address.v6) {
            weir_prefix6 key{prefix.length, {}};
            memcpy(key.address, prefix.address.bytes.data(), sizeof(key.address));
            wanted6.emplace(key, 1);
        } else {
            weir_prefix4 key{prefix.length, 0};
            memcpy(&key.address, prefix.address.bytes.data(), sizeof(key.address));
            wanted4.emplace(key, 1);
        }
    }
    const QString what = QStringLiteral("local prefixes");
    if (auto written = replaceContent(map(ServiceMap::Local4), wanted4, what); !written)
        return written;
    return replaceContent(map(ServiceMap::Local6), wanted6, what);
}

Result<void> ServiceObject::writeLinkHeaders(const std::map<quint32, quint32> &headers) const
{
    const std::map<quint32, quint32, BytesLess<quint32>> wanted(headers.begin(), headers.end());
    const weir_service_settings settings{!headers.empty()};
    if (auto written = replaceContent(map(ServiceMap::LinkHeaders), wanted, QStringLiteral("link headers"));
        !written)
        return written;
    if (!writeMap(map(ServiceMap::Settings), quint32(0), settings))
        return kernelRefusal(QStringLiteral("bring the link headers into use"), errno);
    return {};
}

// -- counters
// ----------------------------------------------------------------------------------------------------

Result<ServiceCounters> ServiceCounters::of(const ServiceObject &object)
{
    ServiceCounters counters;
    counters.m_services = duplicate(object.map(ServiceMap::Services));
    counters.m_overflow = duplicate(object.map(ServiceMap::Overflow));
    if (!readMap(object.map(ServiceMap::Layout), quint32(0), counters.m_layout))
        return kernelRefusal(QStringLiteral("read the layout of services' counters"), errno);
    return counters;
}

Result<ServiceCounters> ServiceCounters::at(const QString &directory)
{
    ServiceCounters counters;
    auto services = openPinned(pathOf(directory, size_t(ServiceMap::Services)));
    auto overflow = openPinned(pathOf(directory, size_t(ServiceMap::Overflow)));
    auto layout = openPinned(pathOf(directory, size_t(ServiceMap::Layout)));
    if (!services || !overflow || !layout)
        return kernelRefusal(QStringLiteral("open the maps in %1").arg(directory), errno);
    counters.m_services = std::move(*services);
    counters.m_overflow = std::move(*overflow);
    if (!readMap(layout->get(), quint32(0), counters.m_layout) || counters.m_layout.generation == 0)
        return kernelRefusal(QStringLiteral("read the layout in %1").arg(directory), errno);
    return counters;
}

ServiceCounters::Raw ServiceCounters::decode(quint64 cgroup, const char *value) const
{
    const auto number = [value](size_t offset) {
        quint64 number;
        memcpy(&number, value + offset, sizeof(number));
        return number;
    };
    const auto traffic = [&](const quint32(&offsets)[2]) {
        const quint32 received = offsets[WEIR_RECEIVED];
        const quint32 sent = offsets[WEIR_SENT];
        const size_t packets = offsetof(weir_cell, packets);
        return Traffic{number(received), number(sent), number(received + packets), number(sent + packets)};
    };
    Raw raw;
    raw.key = {cgroup, number(m_layout.began)};
    for (quint32 i = 0; i < m_layout.ancestor_count; ++i) {
        if (const quint64 ancestor = number(m_layout.ancestors + i * sizeof(quint64)))
            raw.ancestors.push_back(ancestor);
    }
    raw.traffic = {{traffic(m_layout.internet), traffic(m_layout.local)}, traffic(m_layout.loopback)};
    return raw;
}

Result<std::vector<ServiceCounters::Raw>> ServiceCounters::read() const
{
    std::vector<Raw> counters;
    MapEntries entries(m_services.get(), sizeof(quint64), m_layout.size, 256);
    while (true) {
        const auto count = entries.next();
        if (!count)
            return std::unexpected(count.error());
        if (*count == 0)
            return counters;
        for (size_t i = 0; i < *count; ++i) {
            quint64 cgroup;
            memcpy(&cgroup, entries.key(i), sizeof(cgroup));
            counters.push_back(decode(cgroup, entries.value(i)));
        }
    }
}

Result<ServiceTraffic> ServiceCounters::overflow() const
{
    QByteArray value(qsizetype(m_layout.size), Qt::Uninitialized);
    const quint32 zero = 0;
    if (!lookupElement(m_overflow.get(), &zero, value.data()))
        return kernelRefusal(QStringLiteral("read what found no place among services"), errno);
    return decode(0, value.constData()).traffic;
}

std::optional<ServiceCounters::Raw> ServiceCounters::take(const ServiceKey &key) const
{
    QByteArray value(qsizetype(m_layout.size), Qt::Uninitialized);
    if (!lookupElement(m_services.get(), &key.cgroup, value.data())
        || decode(key.cgroup, value.constData()).key != key
        || bpf_map_lookup_and_delete_elem(m_services.get(), &key.cgroup, value.data()) != 0)
        return std::nullopt;
    return decode(key.cgroup, value.constData());
}

} // namespace weir
