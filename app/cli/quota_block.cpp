// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/quota_block.h"

#include "app/cli/ssh_session.h"
#include "app/cli/views.h"
#include "app/client/limits.h"
#include "dbus/names.h"

namespace weir::cli {

namespace {

/// "12 active connections", "nothing that is active now"
QString whatIsCut(const dbus::WatchRow &watch)
{
    if (watch.connections == 0)
        return QStringLiteral("nothing that is active now");
    return watch.connections == 1 ? QStringLiteral("1 active connection")
                                  : QStringLiteral("%1 active connections").arg(watch.connections);
}

void refuse(Session &session, const SshConnection &connection, const QString &exempt)
{
    const QString before = exempt.isEmpty() ? QString() : exempt + QLatin1Char(',');
    session.complain(
        QStringLiteral("that would cut the SSH connection that you are typing in (port %1, from %2) once the "
                       "quota is used up")
            .arg(connection.localPort)
            .arg(connection.peer),
        QStringLiteral("Let it through: --exempt %1%2 (that port)%3\nTo block it all the same: --yes")
            .arg(before, QString::number(connection.localPort),
                 exempts(QStringLiteral("local"), connection)
                     ? QStringLiteral(", or --exempt %1local (local networks)").arg(before)
                     : QString()));
    session.finish(Exit::Failed);
}

} // namespace

void withBlockAgreed(Session &session, const dbus::WatchRow &watch, const QVariantMap &fields, bool isSure,
                     const std::function<void()> &then)
{
    const QString exempt = fields.value(QStringLiteral("exempt")).toString();
    if (fields.value(QStringLiteral("overflow")).toString() != QLatin1String("block")
        || !fields.value(QStringLiteral("enabled"), true).toBool())
        return then();
    const auto connection = sshConnection();
    if (connection && !isSure && covers(watch, *connection) && !exempts(exempt, *connection))
        return refuse(session, *connection, exempt);
    client::Limits(session.client())
        .previewQuota(watch.name, fields, &session, [&session, watch, then](const auto &quota) {
            if (!quota && quota.error().name == dbus::error::kInvalidArgument)
                return session.fail(quota.error(),
                                    QStringLiteral("cannot set the quota of %1").arg(inQuotes(watch.name)));
            const bool isPast = quota && quota->state == QLatin1String("blocked");
            session.print(printable(
                QStringLiteral("%1 %2 of %3%4.")
                    .arg(isPast ? QStringLiteral("It is used up already: at once this cuts")
                                : QStringLiteral("When it is used up this cuts"),
                         whatIsCut(watch), watch.name, isPast ? QString() : QStringLiteral(", as of now"))));
            then();
        });
}

} // namespace weir::cli
