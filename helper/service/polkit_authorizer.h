// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/service/authorizer.h"

#include <QDBusConnection>
#include <QObject>

#include <chrono>
#include <list>
#include <map>

QT_BEGIN_NAMESPACE
class QDBusPendingCallWatcher;
QT_END_NAMESPACE

namespace weir {

/// Asks polkit over the bus, one pending call for each question.
///
/// polkit-qt is not used here: its result signal does not say which question it answers, so that a program
/// with two of them under way can give one caller's yes to another. No verdict is kept; `auth_admin_keep`
/// lives in polkit.
///
/// Few questions are under way at once, the rest wait their turn: the bus allows a connection 128 unanswered
/// calls, and a person who leaves password dialogs open must not use them up for everybody. So each user has
/// a share, however many connections it opens; the next turn is of the user with the fewest under way; and
/// some places are root's alone.
class PolkitAuthorizer : public QObject, public Authorizer
{
    Q_OBJECT
public:
    struct Patience {
        std::chrono::milliseconds interactive = std::chrono::minutes(5); ///< a person types a password
        std::chrono::milliseconds silent = std::chrono::seconds(25);
    };

    explicit PolkitAuthorizer(const QDBusConnection &bus, Patience patience, QObject *parent = nullptr);
    explicit PolkitAuthorizer(const QDBusConnection &bus, QObject *parent = nullptr);
    ~PolkitAuthorizer() override;

    Ticket ask(const Question &question, Answer answer) override;
    void cancel(Ticket ticket) override;

    static constexpr int kMaxInteractive = 64; ///< under way at once
    static constexpr int kMaxSilent = 48;
    static constexpr int kMaxPerUser = 8; ///< of each kind; as many of each are kept for root

private:
    struct Pending {
        Ticket ticket = 0;
        Question question;
        Answer answer;
        QDBusPendingCallWatcher *watcher = nullptr; // null while it waits its turn
    };

    /// How many questions of one kind are under way, in all and by user.
    struct Load {
        int all = 0;
        std::map<uint, int> byUser;
    };

    Load &loadOf(const Question &question) { return question.interactive ? m_interactive : m_silent; }
    std::list<Pending>::iterator nextInTurn();
    void sendWhatHasRoom();
    void send(Pending &pending);
    void finish(Ticket ticket, QDBusPendingCallWatcher *watcher);
    void release(const Question &question);
    void withdraw(Ticket ticket);

    QDBusConnection m_bus;
    Patience m_patience;
    Ticket m_lastTicket = 0;
    std::list<Pending> m_waiting;
    std::map<Ticket, Pending> m_underWay;
    Load m_interactive;
    Load m_silent;
};

} // namespace weir
