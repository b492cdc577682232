// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/texts.h"

#include "app/client/format.h"
#include "dbus/names.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <QRegularExpression>

namespace weir::gui::text {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(weir::gui::Words)
};

} // namespace

QString linkKind(const QString &kind)
{
    if (kind == QLatin1String("ethernet"))
        return Words::tr("Ethernet");
    if (kind == QLatin1String("wifi"))
        return Words::tr("Wi-Fi");
    if (kind == QLatin1String("ppp"))
        return Words::tr("PPP");
    if (kind == QLatin1String("tun"))
        return Words::tr("Tunnel");
    if (kind == QLatin1String("wireguard"))
        return Words::tr("WireGuard");
    if (kind == QLatin1String("bridge"))
        return Words::tr("Bridge");
    if (kind == QLatin1String("bond"))
        return Words::tr("Bond");
    if (kind == QLatin1String("vlan"))
        return Words::tr("VLAN");
    if (kind == QLatin1String("veth"))
        return Words::tr("Virtual Ethernet");
    if (kind == QLatin1String("loopback"))
        return Words::tr("Loopback");
    return Words::tr("Other kind");
}

QString linkReason(const QString &reason)
{
    static const QRegularExpression countedOn(QStringLiteral("^its packets are counted on ([^:]+):"));
    if (const auto match = countedOn.match(reason); match.hasMatch())
        return Words::tr("its packets are counted on %1").arg(match.captured(1));
    if (reason == QLatin1String("the loopback is metered only when asked for"))
        return Words::tr("the loopback is metered only when asked for");
    if (reason == QLatin1String("it is down"))
        return Words::tr("it is down");
    if (reason == QLatin1String("it is virtual: what leaves this machine is counted on the links below it"))
        return Words::tr("it is virtual: what leaves this machine is counted on the links below it");
    if (reason == QLatin1String("it is not in the setting metered_links"))
        return Words::tr("it is not among the links chosen in the settings");
    return reason;
}

QString watchProtocol(const QString &protocol)
{
    if (protocol == QLatin1String("both"))
        return Words::tr("TCP, UDP");
    return protocol.toUpper();
}

QString flowProtocol(const QString &protocol)
{
    if (protocol == QLatin1String("icmpv6"))
        return QStringLiteral("ICMPv6");
    return protocol.toUpper();
}

QString flowState(const QString &state)
{
    if (state == QLatin1String("opening"))
        return Words::tr("Opening");
    if (state == QLatin1String("established"))
        return Words::tr("Established");
    if (state == QLatin1String("closing"))
        return Words::tr("Closing");
    if (state == QLatin1String("closed"))
        return Words::tr("Closed");
    if (state == QLatin1String("active"))
        return Words::tr("Active");
    if (state == QLatin1String("idle"))
        return Words::tr("Idle");
    return state;
}

QString scope(const QString &scope)
{
    if (scope == QLatin1String("internet"))
        return Words::tr("Internet");
    if (scope == QLatin1String("local"))
        return Words::tr("Local");
    return scope;
}

QString endpoint(const QString &address, uint port)
{
    if (port == 0)
        return address;
    return (address.contains(QLatin1Char(':')) ? QStringLiteral("[%1]:%2") : QStringLiteral("%1:%2"))
        .arg(address)
        .arg(port);
}

QString moment(qlonglong seconds)
{
    return QLocale().toString(
        QDateTime::fromSecsSinceEpoch(seconds),
        Words::tr("d MMM yyyy HH:mm", "format of a date with its time, see QDateTime::toString()"));
}

QString ports(const QList<dbus::PortRange> &ranges, int atMost)
{
    QStringList pieces;
    for (const dbus::PortRange &range : ranges) {
        if (pieces.size() == atMost) {
            pieces << QStringLiteral("…");
            break;
        }
        pieces << (range.first == range.last ? QString::number(range.first)
                                             : QStringLiteral("%1–%2").arg(range.first).arg(range.last));
    }
    return pieces.join(QStringLiteral(", "));
}

int portCount(const QList<dbus::PortRange> &ranges)
{
    int count = 0;
    for (const dbus::PortRange &range : ranges)
        count += range.last - range.first + 1;
    return count;
}

QString exactTraffic(const dbus::Traffic &traffic)
{
    return Words::tr("Down: %1 in %2 packets")
               .arg(client::formatBytesExact(traffic.rxBytes), QLocale().toString(traffic.rxPackets))
        + QLatin1Char('\n')
        + Words::tr("Up: %1 in %2 packets")
              .arg(client::formatBytesExact(traffic.txBytes), QLocale().toString(traffic.txPackets));
}

QString portListError(const dbus::PortListError &error)
{
    using Kind = dbus::PortListError::Kind;
    switch (error.kind) {
    case Kind::Empty:
        return Words::tr("Type ports or ranges, such as 8000, 9000-9100.");
    case Kind::NotANumber:
        return Words::tr("“%1” is not a port or a range. Write numbers, such as 8000 or 9000-9100.")
            .arg(error.part);
    case Kind::OutOfRange:
        return Words::tr("“%1” is out of range: ports are 1 to 65535.").arg(error.part);
    case Kind::Reversed:
        return Words::tr("“%1” runs backwards: write the lower port first.").arg(error.part);
    case Kind::TooMany:
        return Words::tr("More than %1 pieces in one list. Join ports into ranges or make two watches.")
            .arg(dbus::kMaxPortRanges);
    }
    Q_UNREACHABLE();
}

QString callError(const client::CallError &error)
{
    if (error.helperAway())
        return Words::tr("The Weir service is not running, so nothing was changed.");
    if (error.notAuthorized())
        return Words::tr("You are not allowed to do this, or nobody could be asked for a password here. "
                         "An administrator may: see the lock at the top.");
    const std::pair<QLatin1String, QString> headlines[] = {
        {dbus::error::kInvalidArgument, Words::tr("The service did not accept a value.")},
        {dbus::error::kNotFound, Words::tr("It is no longer there.")},
        {dbus::error::kConflict, Words::tr("It was changed meanwhile, or the name is in use.")},
        {dbus::error::kLimitReached, Words::tr("There are too many.")},
        {dbus::error::kKernelRefused, Words::tr("The kernel refused.")},
        {dbus::error::kUnsupported, Words::tr("This machine cannot do that.")},
        {dbus::error::kStorageFailed, Words::tr("It could not be stored.")},
    };
    for (const auto &[name, headline] : headlines)
        if (error.name == name)
            return headline + QLatin1Char(' ') + Words::tr("(The service says: %1)").arg(error.message);
    return Words::tr("It did not work. (The service says: %1)").arg(error.message);
}

QString linkTotalTip(const dbus::LinkRow &link)
{
    QString tip = Words::tr("Everything that crossed %1 since %2, whole frames as on the wire:\n"
                            "internet + local + what is not IP.")
                      .arg(link.name, moment(link.since))
        + QStringLiteral("\n\n") + exactTraffic(link.total);
    if (link.unmetered.rxBytes + link.unmetered.txBytes > 0)
        tip += QStringLiteral("\n\n")
            + Words::tr("It includes what passed while Weir was not running, which could not be "
                        "divided into internet and local:")
            + QLatin1Char('\n') + exactTraffic(link.unmetered);
    return tip;
}

QString linkScopeTip(const dbus::LinkRow &link, bool internet)
{
    const QString what = internet
        ? Words::tr("The part of %1 with an end outside this machine's local networks, since %2.")
        : Words::tr("The part of %1 whose ends are both inside this machine's local networks, since %2.");
    return what.arg(link.name, text::moment(link.since)) + QStringLiteral("\n\n")
        + exactTraffic(internet ? link.internet : link.local);
}

QString watchTotalTip(const dbus::WatchRow &watch)
{
    return Words::tr("Everything that “%1” counted since %2, whole frames as on the wire.\n"
                     "While it was paused nothing was counted.")
               .arg(watch.name, moment(watch.since))
        + QStringLiteral("\n\n") + exactTraffic(watch.total);
}

} // namespace weir::gui::text
