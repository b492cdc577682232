// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/service/manager_service.h"
#include "helper/service/repair.h"

#include <QDBusConnection>
#include <QObject>

#include <chrono>
#include <memory>

namespace weir {

/// The engine on the bus: who calls, what they may do, what they get, what they are sent.
///
/// Main thread. Begins to serve with publish() and ends with its destruction.
class Service : public QObject
{
    Q_OBJECT
public:
    struct Options {
        QString database;          ///< path, for GetStatus
        ManagerService::Ender end; ///< what Clean does
        Repair repair;             ///< of the database
        std::chrono::milliseconds recheckInterval =
            std::chrono::minutes(3); ///< of live subscriptions against polkit
    };

    Service(Engine &engine, Authorizer &authorizer, const QDBusConnection &bus, Options options,
            QObject *parent = nullptr);
    ~Service() override;

    /// Puts the object on the bus and takes the name.
    /// Errors: Conflict (another has the name), Unsupported (the bus does not let us have it).
    Result<void> publish();

    /// Calls that are not answered yet and new ones are refused: the helper is ending.
    void close();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace weir
