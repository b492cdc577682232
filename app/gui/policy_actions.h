// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/limits.h"
#include "app/gui/policy_texts.h"
#include "app/gui/watch_actions.h"

#include <QHash>

namespace weir::gui {

/// What a person does to limits, quotas and burst guards, from whichever page or editor; each change can be
/// undone for ten minutes and is then exactly what was before.
///
/// Calls are sent one after the other. An undo does not overwrite what somebody else changed meanwhile: it is
/// refused then, as any change of a stale revision is.
class PolicyActions : public QObject
{
    Q_OBJECT
public:
    using Done = client::OnAnswer<uint>;

    PolicyActions(LiveData &live, QWidget *window);

    /// Opens the editor.
    void edit(client::Policy policy, const QString &name);

    /// Changes one direction of a limit and keeps the rest; without a rate that direction is free, and
    /// without any the limit is removed. `typed` comes back with limitRefused().
    void setLimit(const QString &name, Direction direction, std::optional<quint64> bitsPerSecond,
                  const QString &typed);
    void enable(client::Policy policy, const QString &name, bool enabled);
    /// Ends the throttle of a burst guard now.
    void endBurst(const QString &name);

    // For editors, who know how the watch was when they read it, and show by themselves what is refused.
    void set(client::Policy policy, const dbus::WatchRow &before, const QVariantMap &fields, QObject *context,
             const Done &done);
    void remove(client::Policy policy, const dbus::WatchRow &before, QObject *context, const Done &done);
    void calibrate(const dbus::WatchRow &before, quint64 usedBytes, QObject *context, const Done &done);
    void undoCalibrate(const dbus::WatchRow &before, QObject *context, const Done &done);
    void beginPeriod(const dbus::WatchRow &before, QObject *context, const Done &done);
    void undoBeginPeriod(const dbus::WatchRow &before, QObject *context, const Done &done);

    bool canUndo() const;
    void undo();
    /// Until when the latest change can be undone: the later, the younger it is.
    QDeadlineTimer undoUntil() const;

Q_SIGNALS:
    /// Something was changed; undo() takes it back.
    void changed(const QString &text);
    /// Something was done that needs no undo, or was undone.
    void told(const QString &text);
    void failed(const QString &text);
    /// What was typed into a cell was not taken.
    void limitRefused(const QString &name, weir::gui::Direction direction, const QString &typed);
    /// Nothing is left to undo.
    void undoExhausted();

private:
    /// One or more calls that follow each other, from a revision to the one that results.
    using Send = std::function<void(uint revision, Done done)>;

    struct Undo {
        QString name;
        client::Policy policy = client::Policy::Limit;
        Send send;
        uint revision = 0; ///< of the watch after the change
        QVariantMap before;
        QString text; ///< what was told of the change
        QDeadlineTimer until;
        std::optional<dbus::WatchRow> after; ///< the watch of that revision, once a frame told of it
    };
    struct Change {
        QString name;
        client::Policy policy = client::Policy::Limit;
        uint revision = 0; ///< as it was read
        Send send = {};
        Send undo = {};          ///< none: it cannot be undone
        QVariantMap before = {}; ///< the policy's fields, which undo brings back
        QString text = {};       ///< what is told when it is done
        Done done = {};
    };

    Send setting(client::Policy policy, const QString &name, const QVariantMap &fields);
    Send removing(client::Policy policy, const QString &name);
    /// What puts a policy back to how it was; `before`: its fields, none when there was none.
    Send puttingBack(client::Policy policy, const QString &name, const QVariantMap &before);
    /// The fields of a limit of now: of what was asked for last, where no frame has told of it yet.
    QVariantMap limitOf(const dbus::WatchRow &watch) const;
    void start(Change change);
    /// `done` hears the answer while `context` is there.
    void startFor(Change change, QObject *context, const Done &done);
    void sendNext();
    void answered(const client::Answer<uint> &answer);
    void moveRevision(const QString &name, uint from, uint to);
    void followFrame();
    uint revisionOf(const QString &name) const;

    LiveData &m_live;
    QWidget *m_window;
    client::Limits m_limits;
    QList<Undo> m_undos;
    QQueue<Change> m_changes;            ///< the first is under way
    QHash<QString, uint> m_revisions;    ///< that answers told and no frame has yet
    QHash<QString, QVariantMap> m_asked; ///< limits that were asked for and no frame has told of
};

} // namespace weir::gui
