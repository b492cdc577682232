// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/shaper.h"

#include "helper/kernel/shaper_messages.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <ranges>
#include <utility>

namespace weir {

using namespace shaper;

namespace {

constexpr int kPreferredIndex = 999;
constexpr int kIndexAttempts = 100;
constexpr size_t kRequestsAtOnce = 100;
constexpr size_t kAskOneByOne = 20; // above, one dump of all is faster

QString text(const char *attempt, quint16 minor)
{
    return QStringLiteral("%1 class %2:%3 of %4")
        .arg(QLatin1String(attempt), QString::number(kMajor, 16), QString::number(minor, 16),
             QLatin1String(kDeviceName));
}

/// Gathers requests and sends them by the hundred.
class Batch
{
public:
    explicit Batch(NetlinkSocket &socket) : m_socket(socket) { }

    void add(QString what, NetlinkMessage message)
    {
        m_requests.push_back({std::move(what), std::move(message)});
        if (m_requests.size() == kRequestsAtOnce)
            send();
    }

    /// Sends the rest. Error: the first that was refused.
    Result<void> finish()
    {
        send();
        return m_outcome;
    }

private:
    void send()
    {
        auto done = m_socket.requestAll(m_requests);
        m_requests.clear();
        if (!done && m_outcome)
            m_outcome = std::move(done);
    }

    NetlinkSocket &m_socket;
    std::vector<NetlinkRequest> m_requests;
    Result<void> m_outcome;
};

/// What is missing in the kernel is no mistake of who called.
std::unexpected<Error> asRefusal(Error error)
{
    if (error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Unsupported)
        error.kind = ErrorKind::KernelRefused;
    return std::unexpected(std::move(error));
}

} // namespace

Result<void> Shaper::open()
{
    if (m_socket)
        return {};
    auto socket = NetlinkSocket::open();
    if (!socket)
        return std::unexpected(socket.error());
    m_socket = std::move(*socket);
    return {};
}

Result<void> Shaper::start()
{
    if (auto opened = open(); !opened)
        return opened;
    auto parts = probeKernel(*m_socket);
    if (!parts)
        return std::unexpected(parts.error());
    m_parts = *parts;
    m_leaves.hasSplitting = parts->hasTbf;
    m_leaves.hasFairQueue = parts->hasFqCodel;
    return look();
}

std::optional<QString> Shaper::unsupported() const
{
    return m_parts ? m_parts->missing() : std::nullopt;
}

Result<std::map<ClassKey, quint32>> Shaper::prepare(const std::vector<ShaperClass> &classes,
                                                    const std::set<int> &links)
{
    if (const auto missing = unsupported())
        return failure(ErrorKind::Unsupported, *missing);
    if (std::exchange(m_links, links) != links) {
        if (auto known = readLargestPacket(); !known)
            return asRefusal(known.error());
    }
    auto priorities = attempt(classes);
    if (priorities || priorities.error().kind == ErrorKind::LimitReached)
        return priorities;
    // Somebody may have changed what is known: once more, with the truth.
    if (auto seen = look(); !seen)
        return asRefusal(seen.error());
    priorities = attempt(classes);
    if (!priorities)
        return asRefusal(priorities.error());
    return priorities;
}

Result<std::map<ClassKey, quint32>> Shaper::attempt(const std::vector<ShaperClass> &classes)
{
    auto arranged = arrange(classes, m_places, m_present, m_leaves);
    if (!arranged)
        return std::unexpected(arranged.error());
    m_places = std::move(arranged->places);
    m_wanted = std::move(arranged->tree);

    Result<void> done;
    if (!m_wanted.empty())
        done = makeDevice();
    if (done && m_device)
        done = apply(m_wanted);
    if (done && m_device)
        done = apply(drained(m_present, m_wanted));
    if (!done)
        return std::unexpected(done.error());
    std::map<ClassKey, quint32> priorities;
    for (const auto &[key, place] : m_places)
        priorities.emplace(key, kMajor << 16 | place.packets);
    return priorities;
}

Result<void> Shaper::makeDevice()
{
    if (m_device && m_device->isUp && m_hasRoot)
        return {};
    const QString what = QStringLiteral("make %1").arg(QLatin1String(kDeviceName));
    if (!m_device) {
        // Taken indices are refused one by one: other programs may take one at any time.
        Result<void> made;
        const int first = m_index ? m_index : kPreferredIndex;
        for (int step = 0; step < kIndexAttempts; ++step) {
            made = m_socket->request(what, shaper::makeDevice(kDeviceName, first + step));
            if (made || made.error().kind != ErrorKind::Conflict)
                break;
        }
        if (!made)
            return made;
        if (auto found = lookForDevice(); !found)
            return found;
    }
    if (!m_device)
        return failure(ErrorKind::KernelRefused, QStringLiteral("cannot %1: it went away").arg(what));
    if (!m_device->isUp) {
        // Where there is no IPv6 there is nothing to keep quiet.
        (void)m_socket->request(what, quietDevice(m_index));
        if (auto raised = m_socket->request(QStringLiteral("raise %1").arg(QLatin1String(kDeviceName)),
                                            raiseDevice(m_index));
            !raised)
            return raised;
        m_device->isUp = true;
    }
    return m_hasRoot ? Result<void>() : makeRoot();
}

Result<void> Shaper::makeRoot()
{
    m_present.clear();
    // Of another discipline, or of HTB with other settings; mostly there is none.
    (void)m_socket->request(QStringLiteral("remove what is in the way"), deleteRoot(m_index));
    auto made = m_socket->request(QStringLiteral("give %1 its HTB queueing").arg(QLatin1String(kDeviceName)),
                                  shaper::makeRoot(m_index));
    m_hasRoot = made.has_value();
    return made;
}

Result<void> Shaper::apply(const Tree &tree)
{
    Batch batch(*m_socket);
    const auto isKnown = [&](quint16 minor, const Class &wanted) {
        const auto present = m_present.find(minor);
        return present != m_present.end() && present->second == wanted;
    };
    std::set<quint16> put;
    // A parent goes before its children whatever their numbers are.
    const std::function<void(quint16, const Class &)> putInOrder = [&](quint16 minor, const Class &wanted) {
        if (isKnown(minor, wanted) || !put.insert(minor).second)
            return;
        if (const auto parent = tree.find(wanted.parent); parent != tree.end())
            putInOrder(parent->first, parent->second);
        Class &present = m_present[minor];
        const Leaf leaf = present.leaf;
        present.leaf = wanted.leaf;
        if (present != wanted)
            batch.add(text("set", minor), putClass(m_index, minor, wanted));
        if (leaf != wanted.leaf && wanted.leaf.kind != LeafKind::None)
            batch.add(text("set the queue of", minor),
                      putLeaf(m_index, minor, wanted.ceilingBytesPerSecond, wanted.leaf, leaf.kind));
        present = wanted;
    };
    for (const auto &[minor, wanted] : tree)
        putInOrder(minor, wanted);
    return batch.finish();
}

Result<bool> Shaper::retire()
{
    std::set<quint16> unwanted;
    for (const quint16 minor : m_present | std::views::keys) {
        if (!m_wanted.contains(minor))
            unwanted.insert(minor);
    }
    const auto empty = emptyOf(unwanted);
    if (!empty)
        return asRefusal(empty.error());
    Result<void> done;
    if (!m_wanted.empty())
        done = removeClasses(*empty);
    else if (empty->size() == unwanted.size())
        done = removeDevice();
    if (!done) {
        // Somebody may have been faster.
        if (auto seen = look(); !seen)
            return asRefusal(seen.error());
    }
    const auto isWanted = [this](quint16 minor) { return m_wanted.contains(minor); };
    return std::ranges::all_of(m_present | std::views::keys, isWanted);
}

Result<std::set<quint16>> Shaper::emptyOf(const std::set<quint16> &minors)
{
    std::set<quint16> empty = minors;
    const auto note = [&](const FoundClass &found) {
        if (found.backlogBytes > 0)
            empty.erase(found.minor);
    };
    if (minors.size() > kAskOneByOne) {
        if (auto done = dumpClasses(note, [&] { empty = minors; }); !done)
            return std::unexpected(done.error());
        return empty;
    }
    for (const quint16 minor : minors) {
        bool isAnswered = false;
        auto done = m_socket->request(text("read", minor), askClass(m_index, minor), [&](nlmsghdr *message) {
            if (const auto found = parseClass(message)) {
                isAnswered = true;
                note(*found);
            }
        });
        if (!done && done.error().kind != ErrorKind::NotFound)
            return std::unexpected(done.error());
        if (done && !isAnswered)
            empty.erase(minor);
    }
    return empty;
}

Result<void> Shaper::removeClasses(std::set<quint16> minors)
{
    Batch batch(*m_socket);
    for (bool isDone = false; !isDone;) {
        isDone = true;
        std::set<quint16> parents;
        for (const Class &present : m_present | std::views::values)
            parents.insert(present.parent);
        for (const quint16 minor : std::set(minors)) {
            if (parents.contains(minor))
                continue; // until its last child is gone
            batch.add(text("remove", minor), deleteClass(m_index, minor));
            m_present.erase(minor);
            minors.erase(minor);
            isDone = false;
        }
    }
    return batch.finish();
}

Result<std::vector<ClassReading>> Shaper::read()
{
    std::map<quint16, FoundClass> found;
    if (m_device && !m_places.empty()) {
        auto done = dumpClasses([&](const FoundClass &entry) { found.insert_or_assign(entry.minor, entry); },
                                [&] { found.clear(); });
        if (done)
            done = readLeafDrops(found);
        if (!done)
            return asRefusal(done.error());
    }
    std::vector<ClassReading> readings;
    for (const auto &[key, place] : m_places) {
        const auto all = found.find(place.outermost());
        const auto own = found.find(place.packets);
        if (all == found.end() || own == found.end())
            continue;
        const auto drops = m_leafDrops.find(place.packets);
        readings.push_back(
            {key, all->second.bytes, all->second.packets,
             std::max(own->second.droppedPackets, drops == m_leafDrops.end() ? 0 : drops->second),
             own->second.backlogBytes});
    }
    return readings;
}

Result<void> Shaper::readLeafDrops(const std::map<quint16, FoundClass> &found)
{
    // A class does not hear of all that these leaves drop. Asking costs as much as all the rest.
    quint64 bytes = 0;
    for (const auto &[minor, entry] : found) {
        const auto present = m_present.find(minor);
        if (present != m_present.end() && present->second.leaf.kind != LeafKind::Fifo)
            bytes += entry.bytes + entry.backlogBytes;
    }
    if (bytes == std::exchange(m_bytesAtLeafDrops, bytes))
        return {};
    return lookForQdiscs();
}

int Shaper::deviceIndex() const
{
    return m_device ? m_index : 0;
}

quint32 Shaper::portId() const
{
    return m_socket ? m_socket->portId() : 0;
}

Result<bool> Shaper::verify()
{
    if (auto seen = look(); !seen)
        return asRefusal(seen.error());
    if (m_wanted.empty())
        return true;
    const auto isInPlace = [&](const auto &entry) {
        const auto &[minor, wanted] = entry;
        const auto present = m_present.find(minor);
        const bool letsAllThrough =
            wanted.leaf.kind != LeafKind::Splitting || wanted.leaf.largestPacket >= m_leaves.largestPacket;
        return letsAllThrough && present != m_present.end() && present->second == wanted;
    };
    return m_device && m_device->isUp && m_hasRoot && std::ranges::all_of(m_wanted, isInPlace);
}

Result<void> Shaper::removeEverything()
{
    if (auto opened = open(); !opened)
        return opened;
    if (auto seen = lookForDevice(); !seen)
        return seen;
    m_wanted.clear();
    m_places.clear();
    if (auto removed = removeProbe(*m_socket); !removed)
        return removed;
    return removeDevice();
}

Result<void> Shaper::removeDevice()
{
    m_present.clear();
    m_hasRoot = false;
    if (!m_device)
        return {};
    m_device.reset();
    auto done =
        m_socket->request(QStringLiteral("remove %1").arg(QLatin1String(kDeviceName)), deleteDevice(m_index));
    if (!done && done.error().kind != ErrorKind::NotFound)
        return done;
    return {};
}

} // namespace weir
