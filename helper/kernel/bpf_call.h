// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/error.h"

#include <QByteArray>
#include <QString>

#include <optional>
#include <span>
#include <utility>

struct bpf_map_info;
struct bpf_object_skeleton;

/// Thin C++ over the bpf() system call: what libbpf 1.1 has no function for, and values instead of errno.
namespace weir {

/// Owns a file descriptor.
class FileDescriptor
{
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : m_fd(fd) { }
    FileDescriptor(FileDescriptor &&other) noexcept : m_fd(std::exchange(other.m_fd, -1)) { }
    FileDescriptor &operator=(FileDescriptor &&other) noexcept
    {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    ~FileDescriptor();

    int get() const { return m_fd; }
    explicit operator bool() const { return m_fd >= 0; }

private:
    int m_fd = -1;
};

/// A second descriptor of what `fd` is one of, closed on exec.
FileDescriptor duplicate(int fd);

/// The clock of a layout's creation: CLOCK_BOOTTIME in nanoseconds.
quint64 boottimeNs();

/// "cannot ATTEMPT: TEXT OF errno", kind KernelRefused.
std::unexpected<Error> kernelRefusal(const QString &attempt, int error);

/// While one lives, what libbpf and the verifier say on this thread is kept instead of printed.
class LibbpfMessages
{
public:
    LibbpfMessages();
    ~LibbpfMessages();
    LibbpfMessages(const LibbpfMessages &) = delete;

    /// The last line that says something, without "libbpf: "; empty when all went well.
    QString last() const;

private:
    QByteArray m_text;
    QByteArray *m_outer;
};

/// Loads an object of libbpf's with its maps, those called `names`; where `pinned` has one, that is used
/// instead of an empty one. Fills `maps`, in the order of `names`. Returns 0 or an errno.
int loadWithMaps(bpf_object_skeleton *skeleton, std::span<const char *const> names,
                 std::span<const FileDescriptor> pinned, std::span<FileDescriptor> maps);

enum class Hook { Ingress, Egress };

/// Attaches a program in front of all others that are on the hook. Needs Linux 6.6.
Result<FileDescriptor> createTcxLink(int program, int interface, Hook hook);

/// Whether this kernel knows TCX links; asked with any program of the meter.
bool hasTcx(int program);

struct TcxLinkInfo {
    quint32 program = 0; ///< its id
    int interface = 0;   ///< 0 when the link is dead: detached by somebody, or its interface is gone
};
std::optional<TcxLinkInfo> tcxLinkInfo(int link);

/// Id of a map, 0 when the descriptor is none.
quint32 mapId(int map);
std::optional<bpf_map_info> mapInfo(int map);

/// What is pinned at `path`; nothing when nothing is.
std::optional<FileDescriptor> openPinned(const QString &path);
Result<void> pin(int fd, const QString &path);

bool lookupElement(int map, const void *key, void *value);
bool updateElement(int map, const void *key, const void *value, quint64 flags);

/// Entry `key` of a map that is not per CPU. False when there is none, or no room.
template <typename Value, typename Key>
bool readMap(int map, const Key &key, Value &value)
{
    return lookupElement(map, &key, &value);
}

template <typename Value, typename Key>
bool writeMap(int map, const Key &key, const Value &value)
{
    return updateElement(map, &key, &value, 0);
}

/// Reads a hash map in batches.
///
/// Entries that come or go meanwhile may be missed; none that stays is.
class MapEntries
{
public:
    MapEntries(int map, size_t keySize, size_t valueSize, size_t batch = 4096);

    /// Reads the next batch, for key() and value(): the number of its entries, 0 at the end.
    Result<size_t> next();
    const char *key(size_t i) const { return m_keys.constData() + i * m_keySize; }
    const char *value(size_t i) const { return m_values.constData() + i * m_valueSize; }

private:
    int m_map;
    size_t m_keySize;
    size_t m_valueSize;
    quint32 m_batch;
    QByteArray m_keys;
    QByteArray m_values;
    QByteArray m_position;
    bool m_begun = false;
    bool m_ended = false;
};

} // namespace weir
