// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"
#include "app/client/import_plan.h"
#include "app/client/limits.h"

#include <QHash>

namespace weir::cli {

/// Carries out the steps of an import one after the other and tells each; what is refused is told, listed at
/// the end, and the rest goes on. Ends the session, as failed when anything was refused.
class ImportRun : public QObject
{
public:
    /// `watches`: those that are there now, with their revisions.
    ImportRun(Session &session, QList<client::ImportStep> steps, const dbus::WatchRows &watches);
    void run();

private:
    void nextStep();
    void addWatch(const client::ImportStep &step);
    /// Sets the next of the policies that the step of now has; `m_revision` is the watch's.
    void nextPolicy();
    void setPolicy(client::Policy policy, const QVariantMap &fields, const QString &what);
    /// Whether it can go on: with the helper gone or without the right nothing can.
    bool told(const client::CallError &error, const QString &doing);
    void finish();

    Session &m_session;
    QList<client::ImportStep> m_steps;
    client::ImportStep m_step; ///< what is left of the step of now
    QHash<QString, uint> m_revisions;
    uint m_revision = 0;
    int m_done = 0; ///< things that were added or set
    QStringList m_refused;
    Exit m_exit = Exit::Ok;
};

} // namespace weir::cli
