// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/shaper.h"
#include "tests/support/netns.h"
#include "tests/support/sockets.h"

#include <QJsonObject>
#include <QStringList>

namespace weir::test {

inline constexpr quint64 kKilobit = 1'000; ///< per second
inline constexpr quint64 kMegabit = 1'000'000;

/// The class of what a watch sends.
ClassKey up(qint64 watch);
ShaperClass limit(qint64 watch, quint64 bitsPerSecond, std::optional<qint64> parent = std::nullopt);

/// What succeeded; else the program ends with the error.
template <typename Value>
Value valueOf(Result<Value> result)
{
    if (!result)
        qFatal("%s", qPrintable(result.error().message));
    return *std::move(result);
}

/// 0 … count − 1.
std::vector<int> upTo(int count);

/// A shaper in a namespace of its own, seen from a thread that stays there, and a neighbour that receives
/// what is sent through its classes.
struct Lab {
    Netns here;
    Netns there;
    Shaper shaper;
    std::map<ClassKey, quint32> priorities; ///< as prepare() gave them last

    Lab();

    static void start(Shaper &shaper);
    void prepare(const std::vector<ShaperClass> &classes, const std::set<int> &links = {});
    bool verify();
    /// Waits until nothing is left that is not wanted.
    void retireAll();

    QByteArray tc(const QString &arguments) const;
    int linkCount() const;
    /// weir0 as `ip -d` shows it; empty when it is not there.
    QJsonObject device() const;
    /// Words of the line with which `tc class show` describes a class; empty when there is none.
    QStringList words(quint32 priority) const;
    /// Of the class of what the watch sends: the word behind `before`.
    QString word(qint64 watch, const char *before) const;
    /// Its queue as `tc -s qdisc show` shows it.
    QJsonObject leaf(qint64 watch) const;
    int classCount() const;

    /// From now on, what a0 sends to UDP port 5000 + watch goes to the class of the watch.
    void steer() const;
};

/// A conversation by UDP from `here` to port 5000 + watch of the neighbour; its datagrams are numbered.
class Stream
{
public:
    Stream(const Lab &lab, qint64 watch);

    /// Frames of `size` bytes.
    void send(int count, size_t size);
    /// `count` frames of `size` bytes which the kernel keeps together as long as it can.
    void sendMerged(int count, int size);
    /// Waits until `count` have come and gives their numbers.
    std::vector<int> receive(size_t count);
    /// Numbers of those that have come.
    const std::vector<int> &arrived();

private:
    Socket m_sender;
    Socket m_receiver;
    int m_sent = 0;
    std::vector<int> m_numbers;
};

} // namespace weir::test
