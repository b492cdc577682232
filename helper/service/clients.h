// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusConnection>
#include <QHash>
#include <QObject>

#include <functional>
#include <optional>
#include <vector>

namespace weir {

/// Who speaks to the helper: one record for each unique bus name, from its first call until it leaves the
/// bus.
///
/// The bus never uses a unique name again, and the user behind it never changes: the uid is asked for once.
class Clients : public QObject
{
    Q_OBJECT
public:
    explicit Clients(const QDBusConnection &bus, QObject *parent = nullptr);

    /// Follows a client from now on. Cheap when it is known already.
    void meet(const QString &name);

    /// Calls `use` with the client's uid, at once when it is known; with nothing when the client left before
    /// it could be asked for.
    void withUid(const QString &name, std::function<void(std::optional<uint>)> use);

    /// Nothing while it is not known yet.
    std::optional<uint> uid(const QString &name) const { return m_clients.value(name).uid; }

    /// Calls in progress of a client, to be kept up by whoever begins and ends them.
    int &pendingCalls(const QString &name) { return m_clients[name].pendingCalls; }

Q_SIGNALS:
    /// The client is gone; its calls need no answer and its subscriptions end.
    void left(const QString &name);

private Q_SLOTS:
    void nameVanished(const QString &name, const QString &oldOwner, const QString &newOwner);

private:
    struct Client {
        std::optional<uint> uid;
        std::vector<std::function<void(std::optional<uint>)>> waitingForUid;
        int pendingCalls = 0;
    };

    void askUid(const QString &name);
    void forget(const QString &name);

    QDBusConnection m_bus;
    QHash<QString, Client> m_clients;
};

} // namespace weir
