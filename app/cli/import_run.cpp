// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/import_run.h"

#include "app/cli/import_texts.h"
#include "app/cli/views.h"

#include <algorithm>
#include <utility>

namespace weir::cli {

using client::Policy;

ImportRun::ImportRun(Session &session, QList<client::ImportStep> steps, const dbus::WatchRows &watches)
    : QObject(&session), m_session(session), m_steps(std::move(steps))
{
    for (const dbus::WatchRow &watch : watches)
        m_revisions.insert(watch.name, watch.revision);
}

void ImportRun::run()
{
    nextStep();
}

void ImportRun::nextStep()
{
    if (m_steps.isEmpty())
        return finish();
    m_step = m_steps.takeFirst();
    m_revision = m_revisions.value(m_step.name);
    if (m_step.isNew)
        addWatch(m_step);
    else
        nextPolicy();
}

void ImportRun::addWatch(const client::ImportStep &step)
{
    m_session.client().addWatch(step.name, step.fields, this, [this, step](const auto &revision) {
        if (!revision) {
            if (told(revision.error(), QStringLiteral("cannot add watch %1").arg(inQuotes(step.name))))
                nextStep();
            return;
        }
        dbus::WatchRow watch;
        watch.ports = step.fields.value(QStringLiteral("ports")).toString();
        m_session.print(printable(QStringLiteral("Added %1: %2").arg(step.name, whatIsWatched(watch))));
        ++m_done;
        m_revision = *revision;
        nextPolicy();
    });
}

void ImportRun::nextPolicy()
{
    if (!m_step.limit.isEmpty()) {
        const QVariantMap fields = std::exchange(m_step.limit, {});
        return setPolicy(Policy::Limit, fields, limitText(fields));
    }
    if (!m_step.quota.isEmpty()) {
        const QVariantMap fields = std::exchange(m_step.quota, {});
        return setPolicy(Policy::Quota, fields, quotaText(fields));
    }
    if (!m_step.burst.isEmpty()) {
        const QVariantMap fields = std::exchange(m_step.burst, {});
        return setPolicy(Policy::Burst, fields, burstText(fields));
    }
    // not from within the answer: a file of thousands would fill the stack
    QMetaObject::invokeMethod(
        this, [this] { nextStep(); }, Qt::QueuedConnection);
}

void ImportRun::setPolicy(Policy policy, const QVariantMap &fields, const QString &what)
{
    client::Limits(m_session.client())
        .set(policy, m_revision, m_step.name, fields, this, [this, what](const auto &revision) {
            if (!revision) {
                if (told(revision.error(),
                         QStringLiteral("cannot give %1 its %2").arg(inQuotes(m_step.name), what)))
                    nextPolicy();
                return;
            }
            m_session.print(printable(QStringLiteral("    %1: %2").arg(m_step.name, what)));
            ++m_done;
            m_revision = *revision;
            nextPolicy();
        });
}

bool ImportRun::told(const client::CallError &error, const QString &doing)
{
    m_session.complain(error, doing);
    m_refused << doing;
    const bool isEnd = error.helperAway() || error.notAuthorized();
    m_exit = std::max(m_exit, error.notAuthorized() ? Exit::Denied : Exit::Failed);
    if (isEnd)
        finish();
    return !isEnd;
}

void ImportRun::finish()
{
    if (m_done > 0 || m_refused.isEmpty())
        m_session.print(m_done == 0       ? QStringLiteral("Everything was there already.")
                            : m_done == 1 ? QStringLiteral("1 thing was added or set.")
                                          : QStringLiteral("%1 things were added or set.").arg(m_done));
    if (!m_refused.isEmpty()) {
        QStringList list;
        for (const QString &refused : m_refused)
            list << QStringLiteral("    ") + printable(refused);
        m_session.complain(QStringLiteral("not all was imported:"), list.join(QLatin1Char('\n')));
    }
    m_session.finish(m_exit);
}

} // namespace weir::cli
