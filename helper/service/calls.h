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
    std::optional<uint> m_uid; // known when it was authorized
    Authorizer::Ticket m_ticket = 0;
    bool m_wasAsked = false; // it was right in itself, and polkit was asked about it
    bool m_isSettled = false;
};

using CallPointer = std::shared_ptr<Call>;

/// Lets calls in, asks whether they are allowed, and keeps one client's calls from crowding out the others'.
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

    /// Asks whether the sender of this call may do its action. Then `apply`, or NotAuthorized.
    void authorize(const CallPointer &call, std::function<void()> apply);

    /// From now on every call is refused: the helper is ending.
    void close() { m_isClosed = true; }

private:
    friend class Call;
    void end(Call &call, const QString &outcome);
    void abandon(const QString &sender);

    Clients &m_clients;
    Authorizer &m_authorizer;
    const ActionTable &m_actions;
    QMultiHash<QString, Call *> m_bySender; // those that have no answer yet
    bool m_isClosed = false;
};

} // namespace weir
