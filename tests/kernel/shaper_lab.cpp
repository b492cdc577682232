// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/shaper_lab.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include <linux/udp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <numeric>

namespace weir::test {

namespace {

constexpr int kFrameHeader = 42; // Ethernet, IPv4, UDP
constexpr int kPatience = 60'000;

/// "7765:70", as tc writes it.
QString handle(quint32 priority)
{
    return QStringLiteral("%1:%2").arg(QString::number(priority >> 16, 16),
                                       QString::number(priority & 0xffff, 16));
}

QJsonArray arrayOf(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).array();
}

} // namespace

ClassKey up(qint64 watch)
{
    return {watch, FlowDirection::Up, false};
}

ShaperClass limit(qint64 watch, quint64 bitsPerSecond, std::optional<qint64> parent)
{
    return {up(watch), parent ? std::optional(up(*parent)) : std::nullopt, bitsPerSecond};
}

std::vector<int> upTo(int count)
{
    std::vector<int> numbers(size_t(count), 0);
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

Lab::Lab()
{
    here.enter();
    joinByVeth({here, QStringLiteral("a0"), {QStringLiteral("10.9.0.1/24")}},
               {there, QStringLiteral("b0"), {QStringLiteral("10.9.0.2/24")}});
    start(shaper);
}

void Lab::start(Shaper &shaper)
{
    if (const auto started = shaper.start(); !started)
        qFatal("%s", qPrintable(started.error().message));
}

void Lab::prepare(const std::vector<ShaperClass> &classes, const std::set<int> &links)
{
    priorities = valueOf(shaper.prepare(classes, links));
}

bool Lab::verify()
{
    return valueOf(shaper.verify());
}

void Lab::retireAll()
{
    if (!QTest::qWaitFor([this] { return valueOf(shaper.retire()); }, kPatience))
        qFatal("classes do not empty");
}

QByteArray Lab::tc(const QString &arguments) const
{
    return here.command(QStringLiteral("tc"), arguments.split(QLatin1Char(' ')));
}

int Lab::linkCount() const
{
    return int(arrayOf(here.ip(QStringLiteral("-j link show"))).size());
}

QJsonObject Lab::device() const
{
    for (const QJsonValue &link : arrayOf(here.ip(QStringLiteral("-j -d link show")))) {
        if (link[QLatin1String("ifname")] == QLatin1String("weir0"))
            return link.toObject();
    }
    return {};
}

QStringList Lab::words(quint32 priority) const
{
    const QString head = QStringLiteral("class htb %1 ").arg(handle(priority));
    const QString all = QString::fromUtf8(tc(QStringLiteral("class show dev weir0")));
    for (const QString &line : all.split(QLatin1Char('\n'))) {
        if (line.startsWith(head))
            return line.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    }
    return {};
}

QString Lab::word(qint64 watch, const char *before) const
{
    const QStringList all = words(priorities.at(up(watch)));
    const qsizetype place = all.indexOf(QLatin1String(before));
    return place < 0 ? QString() : all.value(place + 1);
}

QJsonObject Lab::leaf(qint64 watch) const
{
    const QString parent = handle(priorities.at(up(watch)));
    for (const QJsonValue &qdisc : arrayOf(tc(QStringLiteral("-s -j qdisc show dev weir0")))) {
        if (qdisc[QLatin1String("parent")] == parent)
            return qdisc.toObject();
    }
    return {};
}

int Lab::classCount() const
{
    return int(tc(QStringLiteral("class show dev weir0")).count("class htb"));
}

void Lab::steer() const
{
    QString rules =
        QStringLiteral("table netdev lab\ndelete table netdev lab\ntable netdev lab {\n chain out {\n"
                       "  type filter hook egress device \"a0\" priority 0\n");
    for (const auto &[key, priority] : priorities)
        rules += QStringLiteral("  udp dport %1 meta priority set %2 fwd to \"weir0\"\n")
                     .arg(QString::number(5000 + key.watch), handle(priority));
    rules += QStringLiteral(" }\n}\n");
    here.command(QStringLiteral("nft"), {QStringLiteral("-f"), QStringLiteral("-")}, rules.toUtf8());
}

Stream::Stream(const Lab &lab, qint64 watch)
    : m_sender(Socket::udp(lab.here, endpoint("10.9.0.1", 0))),
      m_receiver(Socket::udp(lab.there, endpoint("10.9.0.2", quint16(5000 + watch))))
{
    const int room = 4'000'000;
    setsockopt(m_receiver.descriptor(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    setsockopt(m_sender.descriptor(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(quint16(5000 + watch));
    to.sin_addr.s_addr = htonl(0x0a090002);
    if (connect(m_sender.descriptor(), reinterpret_cast<sockaddr *>(&to), sizeof to) != 0)
        qFatal("cannot connect to the neighbour");
}

void Stream::send(int count, size_t size)
{
    QByteArray payload(qsizetype(size) - kFrameHeader, '\0');
    for (int i = 0; i < count; ++i, ++m_sent) {
        std::memcpy(payload.data(), &m_sent, sizeof m_sent);
        if (::send(m_sender.descriptor(), payload.constData(), size_t(payload.size()), 0) < 0)
            qFatal("cannot send to the neighbour: %s", std::strerror(errno));
    }
}

void Stream::sendMerged(int count, int size)
{
    const int part = size - kFrameHeader;
    setsockopt(m_sender.descriptor(), IPPROTO_UDP, UDP_SEGMENT, &part, sizeof part);
    const QByteArray payload(qsizetype(count) * part, '\0');
    if (::send(m_sender.descriptor(), payload.constData(), size_t(payload.size()), 0) < 0)
        qFatal("cannot send to the neighbour: %s", std::strerror(errno));
}

std::vector<int> Stream::receive(size_t count)
{
    if (!QTest::qWaitFor([&] { return arrived().size() >= count; }, kPatience))
        qFatal("only %zu of %zu datagrams came", m_numbers.size(), count);
    return m_numbers;
}

const std::vector<int> &Stream::arrived()
{
    char buffer[65536];
    while (recv(m_receiver.descriptor(), buffer, sizeof buffer, MSG_DONTWAIT) > 0) {
        int number = 0;
        std::memcpy(&number, buffer, sizeof number);
        m_numbers.push_back(number);
    }
    return m_numbers;
}

} // namespace weir::test
