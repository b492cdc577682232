// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/client.h"

#include <QDeadlineTimer>
#include <QObject>
#include <QQueue>

#include <functional>
#include <optional>

namespace weir::gui {

class LiveData;

/// What a person does to watches, from whichever page: dialogs open over one window, removals can be undone.
///
/// What is done to several watches is sent one after the other, for the service may ask for a password at
/// each call and takes only so many at once. It ends early when the person may not or the service is away.
class WatchActions : public QObject
{
    Q_OBJECT
public:
    /// How long the helper keeps a removed watch.
    static constexpr std::chrono::minutes kUndoTime{10};

    WatchActions(LiveData &live, QWidget *window);

    void add();
    /// `protocol`: "tcp", "udp", "both".
    void addForPort(uint port, const QString &protocol);
    void edit(const QString &name);
    void setEnabled(const QStringList &names, bool enabled);
    /// Without a question: undo() brings them back.
    void remove(const QStringList &names);

    /// Brings back what was removed last; nothing when that was over ten minutes ago.
    void undo();
    bool canUndo() const;
    /// Until when the latest removal can be undone: the later, the younger it is.
    QDeadlineTimer undoUntil() const;

Q_SIGNALS:
    /// Watches are gone; undo() brings these back.
    void removed(const QStringList &names);
    void restored(const QString &name);
    /// Nothing is left to undo.
    void undoExhausted();
    /// Something did not work; `text` says what and why. Once for whatever was done to several watches.
    void failed(const QString &text);

private:
    struct Removal {
        QStringList names;
        QDeadlineTimer until;
    };

    struct Call {
        QString name; ///< of the watch
        std::function<void(client::OnAnswer<void>)> send;
    };
    /// One thing that a person does, to one watch or several.
    struct Batch {
        QList<Call> calls;
        QString single; ///< what did not happen to watch %1
        QString tally;  ///< to how many of several it happened: %L1 of %L2
        /// Told at the end: what was done, and what was not but still can be.
        std::function<void(const QStringList &done, const QStringList &left)> finished;

        qsizetype next = 0;
        QStringList done;
        QStringList left;
        QString failedName;
        std::optional<client::CallError> failure; ///< the first
    };

    void restore(const Removal &removal);
    void start(Batch batch);
    void sendNext();
    void answered(const client::Answer<void> &answer);
    void finish();

    LiveData &m_live;
    QWidget *m_window;
    QList<Removal> m_removals;
    QQueue<Batch> m_batches; ///< the first is under way
};

} // namespace weir::gui
