// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/watch_actions.h"

#include "app/gui/live_data.h"
#include "app/gui/texts.h"
#include "app/gui/watch_dialog.h"
#include "dbus/names.h"

#include <utility>

namespace weir::gui {

namespace {

client::Answer<void> withoutValue(const client::Answer<uint> &answer)
{
    if (!answer)
        return std::unexpected(answer.error());
    return {};
}

} // namespace

WatchActions::WatchActions(LiveData &live, QWidget *window) : QObject(window), m_live(live), m_window(window)
{ }

void WatchActions::add()
{
    auto *dialog = new WatchDialog(m_live, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void WatchActions::addForPort(uint port, const QString &protocol)
{
    auto *dialog = new WatchDialog(m_live, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->propose(tr("port %1").arg(port), QString::number(port), protocol);
    dialog->open();
}

void WatchActions::edit(const QString &name)
{
    const dbus::WatchRow *watch = m_live.watches().watch(name);
    if (!watch)
        return;
    auto *dialog = new WatchDialog(m_live, *watch, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void WatchActions::setEnabled(const QStringList &names, bool enabled)
{
    Batch batch;
    batch.single = enabled ? tr("“%1” was not resumed.") : tr("“%1” was not paused.");
    batch.tally = enabled ? tr("Resumed %L1 of %L2 watches.") : tr("Paused %L1 of %L2 watches.");
    for (const QString &name : names) {
        const dbus::WatchRow *watch = m_live.watches().watch(name);
        if (!watch || watch->enabled == enabled)
            continue;
        batch.calls.append(
            {name, [this, name, enabled, revision = watch->revision](const client::OnAnswer<void> &done) {
                 m_live.client().editWatch(
                     revision, name, {{QStringLiteral("enabled"), enabled}}, this,
                     [done](const client::Answer<uint> &answer) { done(withoutValue(answer)); });
             }});
    }
    start(std::move(batch));
}

void WatchActions::remove(const QStringList &names)
{
    Batch batch;
    batch.single = tr("“%1” was not removed.");
    batch.tally = tr("Removed %L1 of %L2 watches.");
    for (const QString &name : names)
        if (const dbus::WatchRow *watch = m_live.watches().watch(name))
            batch.calls.append(
                {name, [this, name, revision = watch->revision](const client::OnAnswer<void> &done) {
                     m_live.client().removeWatch(revision, name, this, done);
                 }});
    batch.finished = [this](const QStringList &done, const QStringList &) {
        if (done.isEmpty())
            return;
        m_removals.append({done, QDeadlineTimer(kUndoTime)}); // one "remove" is one "undo"
        Q_EMIT removed(done);
    };
    start(std::move(batch));
}

bool WatchActions::canUndo() const
{
    return !m_removals.isEmpty() && !m_removals.last().until.hasExpired();
}

QDeadlineTimer WatchActions::undoUntil() const
{
    return m_removals.isEmpty() ? QDeadlineTimer() : m_removals.last().until;
}

void WatchActions::undo()
{
    if (canUndo())
        restore(m_removals.takeLast()); // a second undo takes the one before, at once
    else
        m_removals.clear();
    if (m_removals.isEmpty())
        Q_EMIT undoExhausted();
}

void WatchActions::restore(const Removal &removal)
{
    Batch batch;
    batch.single = tr("“%1” was not brought back.");
    batch.tally = tr("Brought back %L1 of %L2 watches.");
    for (const QString &name : removal.names)
        batch.calls.append({name, [this, name](const client::OnAnswer<void> &done) {
                                m_live.client().restoreWatch(
                                    name, this, [this, name, done](const client::Answer<uint> &answer) {
                                        if (answer)
                                            Q_EMIT restored(name);
                                        done(withoutValue(answer));
                                    });
                            }});
    batch.finished = [this, until = removal.until](const QStringList &, const QStringList &left) {
        if (left.isEmpty())
            return;
        m_removals.append({left, until});
        Q_EMIT removed(left);
    };
    start(std::move(batch));
}

void WatchActions::start(Batch batch)
{
    if (batch.calls.isEmpty())
        return;
    m_batches.enqueue(std::move(batch));
    if (m_batches.size() == 1)
        sendNext();
}

void WatchActions::sendNext()
{
    const Batch &batch = m_batches.head();
    batch.calls.at(batch.next).send([this](const client::Answer<void> &answer) { answered(answer); });
}

void WatchActions::answered(const client::Answer<void> &answer)
{
    Batch &batch = m_batches.head();
    const QString name = batch.calls.at(batch.next++).name;
    bool hopeless = false; // what is wrong with this call would be wrong with the next as well
    if (answer) {
        batch.done.append(name);
    } else {
        const client::CallError &error = answer.error();
        hopeless = error.notAuthorized() || error.helperAway();
        if (error.name != dbus::error::kNotFound)
            batch.left.append(name);
        if (!batch.failure) {
            batch.failedName = name;
            batch.failure = error;
        }
    }
    if (hopeless)
        while (batch.next < batch.calls.size())
            batch.left.append(batch.calls.at(batch.next++).name);
    if (batch.next == batch.calls.size())
        finish();
    if (!m_batches.isEmpty())
        sendNext();
}

void WatchActions::finish()
{
    const Batch batch = m_batches.head(); // still the first, so what listeners start waits for its turn
    if (batch.finished)
        batch.finished(batch.done, batch.left);
    if (batch.failure) {
        QStringList said;
        if (batch.calls.size() > 1)
            said.append(batch.tally.arg(batch.done.size()).arg(batch.calls.size()));
        said.append(batch.single.arg(batch.failedName));
        said.append(text::callError(*batch.failure));
        Q_EMIT failed(said.join(QLatin1Char(' ')));
    }
    m_batches.dequeue();
}

} // namespace weir::gui
