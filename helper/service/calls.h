// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/engine.h"
#include "helper/service/action_table.h"
#include "helper/service/authorizer.h"
#include "helper/service/clients.h"

#include <QDBusConnection>
#include <QDBusContext>
#include <QDBusMessage>
#include <QMultiHash>
#include <QObject>
#include <QPointer>

#include <map>
#include <memory>

namespace weir {

class Calls;

/// One call of one client, from its arrival to its one answer.
///
/// A call that is dropped without an answer answers that the helper is ending, so that nobody waits for
/// nothing.
class Call
{
public:
    Call(Calls &calls, const QDBusConnection &bus, const QDBusMessage &message, const QString &action);
    ~Call();
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    QString sender() const { return m_message.service(); }
    QString member() const { return m_message.member(); }
    QString action() const { return m_action; }
    std::optional<uint> uid() const { return m_uid; } ///< of its user; known when it was authorized
    bool isInteractive() const { return m_message.isInteractiveAuthorizationAllowed(); }

    /// What the call is about, for the audit log.
    void describe(const QString &subject) { m_subject = subject; }

    void answer(const QVariantList &values = {});
    void fail(const Error &error);
    void refuse(const QString &reason); ///< NotAuthorized

    /// Answers with what a request of the engine gave.
    void finish(const Result<void> &result);
    template <typename T>
    void finish(const Result<T> &result)
    {
        if (result)
            answer({QVariant::fromValue(*result)});
        else
            fail(result.error());
    }

private:
    friend class Calls;
    static void send(const QDBusConnection &bus, const QDBusMessage &call, const QDBusMessage &reply);
    void answerError(const QString &name, const QString &text);
    void settle(const QString &outcome);

    QPointer<Calls> m_calls;
    QDBusConnection m_bus;
    QDBusMessage m_message;
    QString m_action;
    QString m_subject;
    std::optional<uint> m_uid; // when it is counted as one of that user's
    Authorizer::Ticket m_ticket = 0;
    bool m_wasAsked = false; // it was right in itself, and polkit was asked about it
    bool m_isSettled = false;
};

using CallPointer = std::shared_ptr<Call>;

/// Lets calls in, asks whether they are allowed, and keeps one user's calls from crowding out the others'.
///
/// Waiting calls are counted by client and by user, over all connections that the user opened, until they
/// have their answer; who is over a bound is refused with LimitReached. A client whose user is not known yet
/// waits for that, one answer of the bus, before anything is done for it.
///
/// Each method of the contract has the same shape: admit, validate, authorize, then the engine's request,
/// which validates again against the state of now and whose result finishes the call.
class Calls : public QObject
{
    Q_OBJECT
public:
    Calls(Clients &clients, Authorizer &authorizer, const ActionTable &actions, QObject *parent = nullptr);

    /// The call that `context` is in, its reply delayed. Null when it was refused already, for being too
    /// many.
    CallPointer admit(const QDBusContext &context);

    /// Lets a call hold a batch of `bytes` until it is answered. At most one of each user waits, and all of
    /// them together are bounded but for root's: libdbus reads nothing more while 63 MiB of messages are
    /// held. Error: LimitReached.
    Result<void> holdBatch(const CallPointer &call, qsizetype bytes);

    /// Asks whether the sender of this call may do its action. Then `apply`, or NotAuthorized; LimitReached
    /// when it turns out to be of a user with too many calls.
    void authorize(const CallPointer &call, std::function<void()> apply);

    /// Refuses a call because of the state of now. That is told only to those who may see the state: others
    /// get NotAuthorized. Nobody is asked for a password. InvalidArgument is told to everybody.
    void failForReaders(const CallPointer &call, const Error &error);

    /// From now on every call is refused: the helper is ending.
    void close() { m_isClosed = true; }

private:
    friend class Call;
    Result<void> count(Call &call, uint uid);
    Result<void> checkBatch(const Call &call, qsizetype bytes) const;
    struct Right {
        QString action;
        bool interactive;
    };
    void authorizeFor(const CallPointer &call, const Right &right, std::function<void()> apply);
    void ask(const CallPointer &call, const Right &right, std::function<void()> apply);
    void release(const Call &call);
    void end(Call &call, const QString &outcome);
    void abandon(const QString &sender);

    Clients &m_clients;
    Authorizer &m_authorizer;
    const ActionTable &m_actions;
    QMultiHash<QString, Call *> m_bySender; // those that have no answer yet
    std::map<uint, int> m_callsByUser;
    std::map<const Call *, qsizetype> m_batches; // bytes of each that waits
    bool m_isClosed = false;
};

} // namespace weir
