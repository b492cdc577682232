// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/service/history_service.h"
#include "helper/service/limits_service.h"
#include "helper/service/live_service.h"
#include "helper/service/manager_service.h"
#include "helper/service/watches_service.h"

#include <QDBusContext>
#include <QObject>

namespace weir {

/// /org/weir/Weir1: what the generated adaptors call.
///
/// An object on the bus is one QObject, and only the adaptors' parent is told which message it serves: so the
/// services of the interfaces are its bases.
class BusObject : public QObject,
                  public QDBusContext,
                  public ManagerService,
                  public LiveService,
                  public WatchesService,
                  public HistoryService,
                  public LimitsService
{
    Q_OBJECT
public:
    BusObject(Calls &calls, Engine &engine, Subscriptions &subscriptions, const QString &database,
              Ender ender, Repair repair)
        : ManagerService(*this, calls, engine, database, std::move(ender)),
          LiveService(*this, calls, engine, subscriptions), WatchesService(*this, calls, engine),
          HistoryService(*this, calls, engine, std::move(repair)), LimitsService(*this, calls, engine)
    { }
};

} // namespace weir
