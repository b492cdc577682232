// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/policy_actions.h"

#include "app/client/quantities.h"
#include "app/gui/burst_dialog.h"
#include "app/gui/limit_dialog.h"
#include "app/gui/live_data.h"
#include "app/gui/quota_dialog.h"
#include "app/gui/texts.h"

#include <QPointer>

namespace weir::gui {

namespace {

bool isSet(client::Policy policy, const dbus::WatchRow &watch)
{
    switch (policy) {
    case client::Policy::Limit:
        return watch.limit.set;
    case client::Policy::Quota:
        return watch.quota.set;
    case client::Policy::Burst:
        return watch.burst.set;
    }
    Q_UNREACHABLE();
}

/// Empty when there is none.
QVariantMap fieldsOf(client::Policy policy, const dbus::WatchRow &watch)
{
    if (!isSet(policy, watch))
        return {};
    switch (policy) {
    case client::Policy::Limit:
        return client::fieldsOf(watch.limit);
    case client::Policy::Quota:
        return client::fieldsOf(watch.quota);
    case client::Policy::Burst:
        return client::fieldsOf(watch.burst);
    }
    Q_UNREACHABLE();
}

} // namespace

PolicyActions::PolicyActions(LiveData &live, QWidget *window)
    : QObject(window), m_live(live), m_window(window), m_limits(live.client())
{
    connect(&live.watches(), &WatchModel::updated, this, &PolicyActions::followFrame);
}

void PolicyActions::edit(client::Policy policy, const QString &name)
{
    const dbus::WatchRow *watch = m_live.watches().watch(name);
    if (!watch)
        return;
    QDialog *dialog = nullptr;
    switch (policy) {
    case client::Policy::Limit:
        dialog = new LimitDialog(m_live, *this, *watch, m_window);
        break;
    case client::Policy::Quota:
        dialog = new QuotaDialog(m_live, *this, *watch, m_window);
        break;
    case client::Policy::Burst:
        dialog = new BurstDialog(m_live, *this, *watch, m_window);
        break;
    }
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

uint PolicyActions::revisionOf(const QString &name) const
{
    const dbus::WatchRow *watch = m_live.watches().watch(name);
    return std::max(m_revisions.value(name), watch ? watch->revision : 0);
}

PolicyActions::Send PolicyActions::setting(client::Policy policy, const QString &name,
                                           const QVariantMap &fields)
{
    return [=, this](uint revision, const Done &done) {
        m_limits.set(policy, revision, name, fields, this, done);
    };
}

PolicyActions::Send PolicyActions::removing(client::Policy policy, const QString &name)
{
    return
        [=, this](uint revision, const Done &done) { m_limits.remove(policy, revision, name, this, done); };
}

PolicyActions::Send PolicyActions::puttingBack(client::Policy policy, const QString &name,
                                               const QVariantMap &before)
{
    return before.isEmpty() ? removing(policy, name) : setting(policy, name, before);
}

QVariantMap PolicyActions::limitOf(const dbus::WatchRow &watch) const
{
    const auto asked = m_asked.constFind(watch.name);
    return asked != m_asked.cend() ? *asked : fieldsOf(client::Policy::Limit, watch);
}

void PolicyActions::setLimit(const QString &name, Direction direction, std::optional<quint64> bitsPerSecond,
                             const QString &typed)
{
    const dbus::WatchRow *watch = m_live.watches().watch(name);
    if (!watch)
        return;
    const bool down = direction == Direction::Down;
    const QString key = down ? QStringLiteral("down_bits_per_s") : QStringLiteral("up_bits_per_s");
    const QString other = down ? QStringLiteral("up_bits_per_s") : QStringLiteral("down_bits_per_s");
    const QVariantMap before = limitOf(*watch);
    QVariantMap fields = before;
    if (fields.isEmpty())
        fields.insert(QStringLiteral("enabled"), true);
    fields.remove(key);
    if (bitsPerSecond) {
        fields.insert(key, qulonglong(*bitsPerSecond));
        fields.insert(QStringLiteral("enabled"), true); // who types a rate wants it to hold
    }
    Change change{name, client::Policy::Limit, revisionOf(name)};
    if (bitsPerSecond || fields.contains(other)) {
        change.send = setting(client::Policy::Limit, name, fields);
        const QString rate = bitsPerSecond ? client::rateText(*bitsPerSecond) : QString();
        change.text = !bitsPerSecond ? tr("One direction of “%1” is no longer limited.").arg(name)
            : down                   ? tr("What “%1” receives is held to %2.").arg(name, rate)
                                     : tr("What “%1” sends is held to %2.").arg(name, rate);
    } else {
        change.send = removing(client::Policy::Limit, name);
        change.text = tr("“%1” has no limit any more.").arg(name);
        fields.clear();
    }
    change.before = before;
    change.undo = puttingBack(client::Policy::Limit, name, before);
    m_asked.insert(name, fields);
    change.done = [this, name, direction, typed](const client::Answer<uint> &answer) {
        if (answer)
            return;
        Q_EMIT failed(tr("The limit of “%1” was not changed.").arg(name) + QLatin1Char(' ')
                      + text::callError(answer.error()));
        Q_EMIT limitRefused(name, direction, typed);
    };
    start(std::move(change));
}

void PolicyActions::enable(client::Policy policy, const QString &name, bool enabled)
{
    const auto switching = [=, this](bool on) -> Send {
        return [=, this](uint revision, const Done &done) {
            m_limits.enable(policy, revision, name, on, this, done);
        };
    };
    Change change{name, policy, revisionOf(name)};
    if (const dbus::WatchRow *watch = m_live.watches().watch(name);
        watch && policy == client::Policy::Limit) {
        QVariantMap fields = change.before = limitOf(*watch);
        fields.insert(QStringLiteral("enabled"), enabled);
        m_asked.insert(name, fields);
    }
    change.send = switching(enabled);
    change.undo = switching(!enabled);
    change.text = (enabled ? tr("The %1 of “%2” is switched on.") : tr("The %1 of “%2” is switched off."))
                      .arg(text::policyName(policy), name);
    change.done = [=, this](const client::Answer<uint> &answer) {
        if (!answer)
            Q_EMIT failed(tr("The %1 of “%2” was not switched.").arg(text::policyName(policy), name)
                          + QLatin1Char(' ') + text::callError(answer.error()));
    };
    start(std::move(change));
}

void PolicyActions::endBurst(const QString &name)
{
    m_limits.endBurst(name, this, [this, name](const client::Answer<void> &answer) {
        if (answer)
            Q_EMIT told(tr("“%1” is restored: what was before its burst applies again.").arg(name));
        else
            Q_EMIT failed(tr("The throttle of “%1” was not ended.").arg(name) + QLatin1Char(' ')
                          + text::callError(answer.error()));
    });
}

void PolicyActions::set(client::Policy policy, const dbus::WatchRow &before, const QVariantMap &fields,
                        QObject *context, const Done &done)
{
    Change change{before.name, policy, before.revision};
    change.send = setting(policy, before.name, fields);
    change.before = fieldsOf(policy, before);
    change.undo = puttingBack(policy, before.name, change.before);
    if (policy == client::Policy::Limit)
        m_asked.insert(before.name, fields);
    change.text = tr("The %1 of “%2” is set.").arg(text::policyName(policy), before.name);
    startFor(std::move(change), context, done);
}

void PolicyActions::remove(client::Policy policy, const dbus::WatchRow &before, QObject *context,
                           const Done &done)
{
    Change change{before.name, policy, before.revision};
    change.send = removing(policy, before.name);
    change.before = fieldsOf(policy, before);
    change.undo = puttingBack(policy, before.name, change.before);
    if (policy == client::Policy::Limit)
        m_asked.insert(before.name, {});
    if (policy == client::Policy::Quota && (before.quota.calibrated || before.quota.begunByHand)) {
        // What was corrected went with the quota: it is corrected to the same again.
        change.undo = [this, before, put = change.undo](uint revision, const Done &back) {
            put(revision, [this, before, back](const client::Answer<uint> &answer) {
                if (!answer)
                    return back(answer);
                m_limits.calibrate(*answer, before.name, before.quota.usedBytes, this, back);
            });
        };
    }
    change.text = tr("The %1 of “%2” is removed.").arg(text::policyName(policy), before.name);
    startFor(std::move(change), context, done);
}

void PolicyActions::calibrate(const dbus::WatchRow &before, quint64 usedBytes, QObject *context,
                              const Done &done)
{
    Change change{before.name, client::Policy::Quota, before.revision};
    const auto correcting = [this, name = before.name](quint64 bytes) -> Send {
        return [=, this](uint revision, const Done &back) {
            m_limits.calibrate(revision, name, bytes, this, back);
        };
    };
    change.send = correcting(usedBytes);
    change.undo = before.quota.calibrated ? correcting(before.quota.usedBytes)
                                          : Send([this, name = before.name](uint revision, const Done &back) {
                                                m_limits.undoCalibrate(revision, name, this, back);
                                            });
    change.text = tr("“%1” counts %2 as used now.").arg(before.name, client::sizeText(usedBytes));
    startFor(std::move(change), context, done);
}

void PolicyActions::undoCalibrate(const dbus::WatchRow &before, QObject *context, const Done &done)
{
    Change change{before.name, client::Policy::Quota, before.revision};
    change.send = [this, name = before.name](uint revision, const Done &back) {
        m_limits.undoCalibrate(revision, name, this, back);
    };
    change.undo = [this, before](uint revision, const Done &back) {
        m_limits.calibrate(revision, before.name, before.quota.usedBytes, this, back);
    };
    change.text = tr("The correction of “%1” is taken back.").arg(before.name);
    startFor(std::move(change), context, done);
}

void PolicyActions::beginPeriod(const dbus::WatchRow &before, QObject *context, const Done &done)
{
    Change change{before.name, client::Policy::Quota, before.revision};
    change.send = [this, name = before.name](uint revision, const Done &back) {
        m_limits.beginPeriod(revision, name, this, back);
    };
    change.undo = [this, name = before.name](uint revision, const Done &back) {
        m_limits.undoBeginPeriod(revision, name, this, back);
    };
    change.text = tr("A period of “%1” began now.").arg(before.name);
    startFor(std::move(change), context, done);
}

/// The instant at which it had begun cannot be set again: without an undo.
void PolicyActions::undoBeginPeriod(const dbus::WatchRow &before, QObject *context, const Done &done)
{
    Change change{before.name, client::Policy::Quota, before.revision};
    change.send = [this, name = before.name](uint revision, const Done &back) {
        m_limits.undoBeginPeriod(revision, name, this, back);
    };
    change.text = tr("The period of “%1” is as if it had never been cut.").arg(before.name);
    startFor(std::move(change), context, done);
}

QDeadlineTimer PolicyActions::undoUntil() const
{
    return m_undos.isEmpty() ? QDeadlineTimer() : m_undos.last().until;
}

bool PolicyActions::canUndo() const
{
    return !m_undos.isEmpty() && !m_undos.last().until.hasExpired();
}

void PolicyActions::undo()
{
    if (canUndo()) {
        const Undo undo = m_undos.takeLast();
        uint revision = undo.revision;
        // Others may have changed something else of the watch, not this.
        if (const dbus::WatchRow *now = m_live.watches().watch(undo.name); now && now->revision > revision
            && undo.after && fieldsOf(undo.policy, *now) == fieldsOf(undo.policy, *undo.after))
            revision = now->revision;
        if (undo.policy == client::Policy::Limit)
            m_asked.insert(undo.name, undo.before);
        Change change{undo.name, undo.policy, revision};
        change.send = undo.send;
        change.text = tr("“%1” is as it was before.").arg(undo.name);
        change.done = [this, undo](const client::Answer<uint> &answer) {
            if (answer)
                return;
            if (answer.error().notAuthorized() || answer.error().helperAway()) {
                m_undos.append(undo); // it can be tried again
                Q_EMIT changed(undo.text);
            }
            Q_EMIT failed(tr("“%1” was not put back.").arg(undo.name) + QLatin1Char(' ')
                          + text::callError(answer.error()));
        };
        start(std::move(change));
    } else {
        m_undos.clear();
    }
    if (m_undos.isEmpty())
        Q_EMIT undoExhausted();
}

void PolicyActions::start(Change change)
{
    m_changes.enqueue(std::move(change));
    if (m_changes.size() == 1)
        sendNext();
}

void PolicyActions::startFor(Change change, QObject *context, const Done &done)
{
    change.done = [context = QPointer(context), done](const client::Answer<uint> &answer) {
        if (context)
            done(answer);
    };
    start(std::move(change));
}

void PolicyActions::sendNext()
{
    const Change &change = m_changes.head();
    change.send(change.revision, [this](const client::Answer<uint> &answer) { answered(answer); });
}

void PolicyActions::answered(const client::Answer<uint> &answer)
{
    const Change change = m_changes.head(); // still the first, so what listeners start waits for its turn
    if (!answer)
        m_asked.remove(change.name);
    if (answer) {
        moveRevision(change.name, change.revision, *answer);
        if (change.undo)
            m_undos.append({change.name, change.policy, change.undo, *answer, change.before, change.text,
                            QDeadlineTimer(WatchActions::kUndoTime), std::nullopt});
    }
    if (change.done)
        change.done(answer);
    if (answer && change.undo)
        Q_EMIT changed(change.text);
    else if (answer)
        Q_EMIT told(change.text);
    m_changes.dequeue();
    if (!m_changes.isEmpty())
        sendNext();
}

/// What was read before this change of our own is not stale because of it.
void PolicyActions::moveRevision(const QString &name, uint from, uint to)
{
    m_revisions.insert(name, to);
    for (Undo &undo : m_undos)
        if (undo.name == name && undo.revision == from) {
            undo.revision = to;
            undo.after.reset();
        }
    for (qsizetype i = 1; i < m_changes.size(); ++i)
        if (m_changes.at(i).name == name && m_changes.at(i).revision == from)
            m_changes[i].revision = to;
}

void PolicyActions::followFrame()
{
    m_revisions.clear();
    if (m_changes.isEmpty())
        m_asked.clear();
    for (Undo &undo : m_undos)
        if (const dbus::WatchRow *watch = m_live.watches().watch(undo.name);
            watch && !undo.after && watch->revision == undo.revision)
            undo.after = *watch;
}

} // namespace weir::gui
