// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/meter_object.h"

#include <QDir>
#include <QFile>
#include <QRandomGenerator>

#include "meter.skel.h"

#include <cerrno>
#include <cstddef>
#include <memory>

namespace weir {

namespace {

constexpr std::array<const char *, kMeterMaps> kMapNames{
    "settings", "stats",  "links",  "near_links", "uppers", "link_counters", "ports",  "port_set",
    "overlaps", "flows4", "flows6", "local4",     "local6", "fragments",     "layout",
};

using Skeleton = std::unique_ptr<meter_bpf, decltype(&meter_bpf::destroy)>;

MeterObject::Failure loadFailure(int error, const QString &libbpf)
{
    QString message =
        QStringLiteral("cannot load the meter: %1").arg(QString::fromLocal8Bit(strerror(error)));
    if (!libbpf.isEmpty())
        message += QStringLiteral(" (%1)").arg(libbpf);
    return {{ErrorKind::KernelRefused, message}, error == EPERM};
}

constexpr quint32 offsetInLink(size_t member, int direction)
{
    return quint32(offsetof(weir_link_counter, direction) + size_t(direction) * sizeof(weir_link_direction)
                   + member);
}

} // namespace

QString nameOf(MeterMap map)
{
    return QString::fromLatin1(kMapNames[size_t(map)]);
}

weir_layout describeLayout()
{
    weir_layout layout{};
    layout.version = WEIR_METER_LAYOUT;
    layout.port_size = sizeof(weir_port_counter);
    layout.port_internet = offsetof(weir_port_counter, internet);
    layout.port_local = offsetof(weir_port_counter, local);
    layout.link_size = sizeof(weir_link_counter);
    for (const int direction : {WEIR_RECEIVED, WEIR_SENT}) {
        layout.link_v4_internet[direction] =
            offsetInLink(offsetof(weir_link_direction, v4_internet), direction);
        layout.link_v4_local[direction] = offsetInLink(offsetof(weir_link_direction, v4_local), direction);
        layout.link_v6_internet[direction] =
            offsetInLink(offsetof(weir_link_direction, v6_internet), direction);
        layout.link_v6_local[direction] = offsetInLink(offsetof(weir_link_direction, v6_local), direction);
        layout.link_other[direction] = offsetInLink(offsetof(weir_link_direction, other), direction);
        layout.link_plain[direction] = offsetInLink(offsetof(weir_link_direction, plain), direction);
    }
    layout.overlap_size = sizeof(weir_overlap_counter);
    layout.overlap_internet = offsetof(weir_overlap_counter, internet);
    layout.overlap_local = offsetof(weir_overlap_counter, local);
    layout.slot_size = sizeof(weir_slot);
    layout.slot_number = offsetof(weir_slot, number);
    layout.slot_metered = offsetof(weir_slot, metered);
    layout.slot_ethernet = offsetof(weir_slot, ethernet);
    layout.stats_size = sizeof(weir_stats);
    layout.stats_unattributed = offsetof(weir_stats, unattributed_bytes);
    return layout;
}

std::expected<MeterObject, MeterObject::Failure>
MeterObject::loadWith(const std::array<FileDescriptor, kMeterMaps> &pinned)
{
    LibbpfMessages messages;
    const Skeleton skeleton(meter_bpf::open(), meter_bpf::destroy);
    if (!skeleton)
        return std::unexpected(loadFailure(errno, messages.last()));
    MeterObject object;
    if (const int failed = loadWithMaps(skeleton->skeleton, kMapNames, pinned, object.m_maps); failed != 0)
        return std::unexpected(loadFailure(failed, messages.last()));
    object.m_programs[size_t(Hook::Ingress)] = duplicate(bpf_program__fd(skeleton->progs.weir_received));
    object.m_programs[size_t(Hook::Egress)] = duplicate(bpf_program__fd(skeleton->progs.weir_sent));
    return object;
}

std::expected<MeterObject, MeterObject::Failure> MeterObject::load()
{
    std::array<FileDescriptor, kMeterMaps> none;
    auto object = loadWith(none);
    if (!object)
        return object;
    object->m_layout = describeLayout();
    object->m_layout.created_ns = boottimeNs();
    do {
        object->m_layout.generation = QRandomGenerator::system()->generate64();
    } while (object->m_layout.generation == 0);
    if (!writeMap(object->map(MeterMap::Layout), quint32(0), object->m_layout))
        return std::unexpected(loadFailure(errno, {}));
    return object;
}

std::expected<MeterObject, MeterObject::Failure> MeterObject::adopt(const QString &directory)
{
    std::array<FileDescriptor, kMeterMaps> pinned;
    for (size_t i = 0; i < kMeterMaps; ++i) {
        auto map = openPinned(directory + QLatin1Char('/') + QLatin1String(kMapNames[i]));
        if (!map)
            return std::unexpected(loadFailure(errno, directory));
        pinned[i] = std::move(*map);
    }
    auto object = loadWith(pinned);
    if (object && !readMap(object->map(MeterMap::Layout), quint32(0), object->m_layout))
        return std::unexpected(loadFailure(errno, directory));
    return object;
}

Result<void> MeterObject::pinMaps(const QString &directory) const
{
    for (size_t i = 0; i < kMeterMaps; ++i) {
        if (auto pinned = pin(m_maps[i].get(), directory + QLatin1Char('/') + QLatin1String(kMapNames[i]));
            !pinned)
            return pinned;
    }
    return {};
}

} // namespace weir
