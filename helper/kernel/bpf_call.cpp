// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/bpf_call.h"

#include <QFile>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>

namespace weir {

namespace {

// Of Linux 6.6; the headers of Debian 12 and its libbpf 1.1 are older.
constexpr quint32 kTcxIngress = 46;
constexpr quint32 kTcxEgress = 47;
constexpr quint32 kFlagBefore = 1U << 3;

// The BPF_LINK_CREATE member of union bpf_attr as far as TCX needs it.
struct TcxLinkCreate {
    quint32 program;
    quint32 interface;
    quint32 attachType;
    quint32 flags;
    quint32 relative;
    quint32 spare;
    quint64 expectedRevision;
};

// The start of struct bpf_link_info with its "tcx" member.
struct TcxLinkInfoData {
    quint32 type;
    quint32 id;
    quint32 program;
    quint32 spare;
    quint32 interface;
    quint32 attachType;
    quint64 room[8];
};
constexpr quint32 kLinkTypeTcx = 11;

thread_local QByteArray *t_messages = nullptr;

int keepMessage(enum libbpf_print_level level, const char *format, va_list arguments)
{
    if (level == LIBBPF_DEBUG || !t_messages)
        return 0;
    *t_messages += QString::vasprintf(format, arguments).toUtf8();
    return 0;
}

int tcxLinkCreate(int program, int interface, Hook hook)
{
    TcxLinkCreate request{};
    request.program = quint32(program);
    request.interface = quint32(interface);
    request.attachType = hook == Hook::Ingress ? kTcxIngress : kTcxEgress;
    request.flags = kFlagBefore; // relative to nothing: before all
    return int(syscall(SYS_bpf, BPF_LINK_CREATE, &request, sizeof(request)));
}

} // namespace

FileDescriptor::~FileDescriptor()
{
    if (m_fd >= 0)
        close(m_fd);
}

FileDescriptor duplicate(int fd)
{
    return FileDescriptor(fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

quint64 boottimeNs()
{
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return quint64(now.tv_sec) * 1'000'000'000 + quint64(now.tv_nsec);
}

std::unexpected<Error> kernelRefusal(const QString &attempt, int error)
{
    return failure(ErrorKind::KernelRefused,
                   QStringLiteral("cannot %1: %2").arg(attempt, QString::fromLocal8Bit(strerror(error))));
}

LibbpfMessages::LibbpfMessages() : m_outer(std::exchange(t_messages, &m_text))
{
    libbpf_set_print(keepMessage);
}

LibbpfMessages::~LibbpfMessages()
{
    t_messages = m_outer;
}

QString LibbpfMessages::last() const
{
    const QList<QByteArray> lines = m_text.split('\n');
    for (auto line = lines.crbegin(); line != lines.crend(); ++line) {
        QByteArray text = line->trimmed();
        if (text.startsWith("libbpf: "))
            text.remove(0, 8);
        if (!text.isEmpty() && !text.startsWith("--"))
            return QString::fromUtf8(text);
    }
    return {};
}

int loadWithMaps(bpf_object_skeleton *skeleton, std::span<const char *const> names,
                 std::span<const FileDescriptor> pinned, std::span<FileDescriptor> maps)
{
    bpf_object *object = *skeleton->obj;
    for (size_t i = 0; i < names.size(); ++i) {
        bpf_map *map = bpf_object__find_map_by_name(object, names[i]);
        if (pinned[i] && bpf_map__reuse_fd(map, pinned[i].get()) != 0)
            return errno;
    }
    if (const int failed = bpf_object__load_skeleton(skeleton); failed != 0)
        return -failed;
    // The descriptors are enough: libbpf's own picture of the object would only take memory.
    for (size_t i = 0; i < names.size(); ++i)
        maps[i] = duplicate(bpf_map__fd(bpf_object__find_map_by_name(object, names[i])));
    return 0;
}

Result<FileDescriptor> createTcxLink(int program, int interface, Hook hook)
{
    const int fd = tcxLinkCreate(program, interface, hook);
    if (fd < 0)
        return kernelRefusal(QStringLiteral("attach the meter to interface %1").arg(interface), errno);
    return FileDescriptor(fd);
}

bool hasTcx(int program)
{
    // No interface has this index: ENODEV from a kernel that looks for it, EINVAL from one that knows no such
    // attachment.
    const FileDescriptor link(tcxLinkCreate(program, std::numeric_limits<int>::max(), Hook::Ingress));
    return link || errno == ENODEV;
}

std::optional<TcxLinkInfo> tcxLinkInfo(int link)
{
    TcxLinkInfoData data{};
    quint32 size = sizeof(data);
    if (bpf_obj_get_info_by_fd(link, &data, &size) != 0 || data.type != kLinkTypeTcx)
        return std::nullopt;
    return TcxLinkInfo{data.program, int(data.interface)};
}

std::optional<bpf_map_info> mapInfo(int map)
{
    bpf_map_info info{};
    quint32 size = sizeof(info);
    if (bpf_obj_get_info_by_fd(map, &info, &size) != 0)
        return std::nullopt;
    return info;
}

quint32 mapId(int map)
{
    const auto info = mapInfo(map);
    return info ? info->id : 0;
}

std::optional<FileDescriptor> openPinned(const QString &path)
{
    const int fd = bpf_obj_get(QFile::encodeName(path).constData());
    if (fd < 0)
        return std::nullopt;
    return FileDescriptor(fd);
}

Result<void> pin(int fd, const QString &path)
{
    if (bpf_obj_pin(fd, QFile::encodeName(path).constData()) != 0)
        return kernelRefusal(QStringLiteral("pin %1").arg(path), errno);
    return {};
}

bool lookupElement(int map, const void *key, void *value)
{
    return bpf_map_lookup_elem(map, key, value) == 0;
}

bool updateElement(int map, const void *key, const void *value, quint64 flags)
{
    return bpf_map_update_elem(map, key, value, flags) == 0;
}

MapEntries::MapEntries(int map, size_t keySize, size_t valueSize, size_t batch)
    : m_map(map), m_keySize(keySize), m_valueSize(valueSize), m_batch(quint32(batch)),
      m_keys(qsizetype(keySize * batch), Qt::Uninitialized),
      m_values(qsizetype(valueSize * batch), Qt::Uninitialized),
      m_position(qsizetype(std::max(keySize, sizeof(quint64))), '\0')
{ }

Result<size_t> MapEntries::next()
{
    while (!m_ended) {
        quint32 count = m_batch;
        const int failed =
            bpf_map_lookup_batch(m_map, m_begun ? m_position.data() : nullptr, m_position.data(),
                                 m_keys.data(), m_values.data(), &count, nullptr);
        if (failed && errno == ENOSPC) {
            // One bucket holds more than a batch.
            m_batch *= 2;
            m_keys.resize(qsizetype(m_keySize * m_batch));
            m_values.resize(qsizetype(m_valueSize * m_batch));
            continue;
        }
        if (failed && errno != ENOENT)
            return kernelRefusal(QStringLiteral("read a map of the meter"), errno);
        m_begun = true;
        m_ended = failed != 0;
        if (count > 0)
            return count;
    }
    return 0;
}

} // namespace weir
