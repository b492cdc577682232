// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/watches_service.h"

#include "helper/engine/watch_rules.h"
#include "helper/service/field_reader.h"
#include "helper/service/frames.h"
#include "helper/service/requests.h"
#include "helper/service/rows.h"

namespace weir {

WatchesService::WatchesService(const QDBusContext &context, Calls &calls, Engine &engine)
    : m_context(context), m_calls(calls), m_engine(engine)
{ }

dbus::WatchRows WatchesService::GetWatches()
{
    if (const auto call = m_calls.admit(m_context))
        m_calls.authorize(call, [this, call] {
            // without a flow table their connections are old; that is a problem of its own, told as such
            m_engine.lookAtFlows([this, call](const Result<void> &) {
                const dbus::WatchRows rows = toRows(m_engine.watches());
                if (wireSize(rows) > kMaxReplySize)
                    return call->fail({ErrorKind::LimitReached,
                                       QStringLiteral("%1 watches are too large for one message; "
                                                      "subscribe to Live \"watches\" instead")
                                           .arg(rows.size())});
                call->answer({QVariant::fromValue(rows)});
            });
        });
    return {};
}

uint WatchesService::AddWatch(const QString &name, const QVariantMap &fields)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    const auto spec = readNewWatch(name, fields);
    if (!spec)
        return call->fail(spec.error()), 0;
    m_engine.lookForLinks(linksOf({*spec}), [=, this] {
        if (const auto good = m_engine.checkAdd({*spec}); !good)
            return m_calls.failForReaders(call, good.error());
        call->describe(quoted(name));
        m_calls.authorize(call, [=, this] {
            m_engine.addWatches({*spec}, [call](const Result<quint32> &revision) { call->finish(revision); });
        });
    });
    return {};
}

void WatchesService::AddWatches(const dbus::NewWatches &watches)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return;
    if (const auto held = m_calls.holdBatch(call, batchBytes(watches)); !held)
        return call->fail(held.error());
    auto read = readNewWatches(watches);
    if (!read)
        return call->fail(read.error());
    call->describe(QStringLiteral("%1 from %2").arg(watches.size()).arg(quoted(watches.first().name)));
    const auto specs =
        std::make_shared<const std::vector<WatchSpec>>(std::move(*read)); // too large to copy about
    m_engine.lookForLinks(linksOf(*specs), [=, this] {
        if (const auto good = m_engine.checkAdd(*specs); !good)
            return m_calls.failForReaders(call, good.error());
        m_calls.authorize(call, [=, this] {
            m_engine.addWatches(*specs, [call](const Result<quint32> &revision) {
                if (revision)
                    call->answer();
                else
                    call->fail(revision.error());
            });
        });
    });
}

uint WatchesService::EditWatch(uint revision, const QString &name, const QVariantMap &fields)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    const auto edit = readWatchEdit(fields);
    if (!edit)
        return call->fail(edit.error()), 0;
    call->describe(
        QStringLiteral("%1 (%2)").arg(quoted(name), QStringList(fields.keys()).join(QStringLiteral(", "))));
    m_engine.lookForLinks(linksOf(*edit), [=, this] {
        if (const auto good = m_engine.checkEdit(revision, name, *edit); !good)
            return m_calls.failForReaders(call, good.error());
        m_calls.authorize(call, [=, this] {
            m_engine.editWatch(revision, name, *edit,
                               [call](const Result<quint32> &result) { call->finish(result); });
        });
    });
    return {};
}

void WatchesService::RemoveWatch(uint revision, const QString &name)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return;
    if (const auto good = m_engine.checkRemove(revision, name); !good)
        return m_calls.failForReaders(call, good.error());
    call->describe(quoted(name));
    m_calls.authorize(call, [=, this] {
        m_engine.removeWatch(revision, name, [call](const Result<void> &result) { call->finish(result); });
    });
}

uint WatchesService::RestoreWatch(const QString &name)
{
    const auto call = m_calls.admit(m_context);
    if (!call)
        return {};
    if (const auto good = m_engine.checkRestore(name); !good)
        return m_calls.failForReaders(call, good.error()), 0;
    call->describe(quoted(name));
    m_calls.authorize(call, [=, this] {
        m_engine.restoreWatch(name, [call](const Result<quint32> &result) { call->finish(result); });
    });
    return {};
}

} // namespace weir
