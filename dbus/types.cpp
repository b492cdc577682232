// SPDX-License-Identifier: GPL-3.0-or-later
#include "dbus/types.h"

#include <QDBusMetaType>

namespace weir::dbus {

void registerTypes()
{
    qDBusRegisterMetaType<Traffic>();
    qDBusRegisterMetaType<Rate>();
    qDBusRegisterMetaType<LinkRow>();
    qDBusRegisterMetaType<LinkRows>();
    qDBusRegisterMetaType<LimitState>();
    qDBusRegisterMetaType<QuotaState>();
    qDBusRegisterMetaType<BurstState>();
    qDBusRegisterMetaType<Sparse<LimitState>>();
    qDBusRegisterMetaType<Sparse<QuotaState>>();
    qDBusRegisterMetaType<Sparse<BurstState>>();
    qDBusRegisterMetaType<WatchRow>();
    qDBusRegisterMetaType<WatchRows>();
    qDBusRegisterMetaType<ServiceRow>();
    qDBusRegisterMetaType<ServiceRows>();
    qDBusRegisterMetaType<FlowRow>();
    qDBusRegisterMetaType<FlowRows>();
    qDBusRegisterMetaType<ProblemRow>();
    qDBusRegisterMetaType<ProblemRows>();
    qDBusRegisterMetaType<NewWatch>();
    qDBusRegisterMetaType<NewWatches>();
    qDBusRegisterMetaType<SeriesRow>();
    qDBusRegisterMetaType<SeriesRows>();
    qDBusRegisterMetaType<HistoryRow>();
    qDBusRegisterMetaType<HistoryRows>();
    qDBusRegisterMetaType<SumRow>();
    qDBusRegisterMetaType<SumRows>();
    qDBusRegisterMetaType<RemoteRow>();
    qDBusRegisterMetaType<RemoteRows>();
    qDBusRegisterMetaType<RankingRow>();
    qDBusRegisterMetaType<RankingRows>();
    qDBusRegisterMetaType<LimitRow>();
    qDBusRegisterMetaType<LimitRows>();
    qDBusRegisterMetaType<TriggerRow>();
    qDBusRegisterMetaType<TriggerRows>();
    qDBusRegisterMetaType<FlowIds>();
    qDBusRegisterMetaType<Samples>();

    // QtDBus finds the types of a slot's parameters by the names that they are written with: without its
    // alias the method would vanish from the object.
    qRegisterMetaType<FlowRows>("weir::dbus::FlowRows");
    qRegisterMetaType<NewWatches>("weir::dbus::NewWatches");
    qRegisterMetaType<Samples>("weir::dbus::Samples");
    qRegisterMetaType<TriggerRows>("weir::dbus::TriggerRows");
}

} // namespace weir::dbus
