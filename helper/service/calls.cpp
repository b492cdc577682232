// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service/calls.h"

#include "dbus/names.h"
#include "helper/service/field_reader.h"

#include <QLoggingCategory>

namespace weir {

namespace {

constexpr uint kRoot = 0;
constexpr qsizetype kMaxHeldBatchBytes = 2 * dbus::kMaxBatchBytes; // of everybody but root

Q_LOGGING_CATEGORY(lcAudit, "weir.audit", QtInfoMsg)

QString errorName(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::InvalidArgument:
        return dbus::error::kInvalidArgument;
    case ErrorKind::NotFound:
        return dbus::error::kNotFound;
    case ErrorKind::Conflict:
        return dbus::error::kConflict;
    case ErrorKind::LimitReached:
        return dbus::error::kLimitReached;
    case ErrorKind::KernelRefused:
        return dbus::error::kKernelRefused;
    case ErrorKind::Unsupported:
        return dbus::error::kUnsupported;
    case ErrorKind::StorageFailed:
        return dbus::error::kStorageFailed;
    }
    Q_UNREACHABLE();
}

} // namespace

Call::Call(Calls &calls, const QDBusConnection &bus, const QDBusMessage &message, const QString &action)
    : m_calls(&calls), m_bus(bus), m_message(message), m_action(action)
{ }

Call::~Call()
{
    if (!m_isSettled)
        fail({ErrorKind::Conflict,
              QStringLiteral("%1: the helper is ending; call again when it is back").arg(member())});
}

void Call::send(const QDBusConnection &bus, const QDBusMessage &call, const QDBusMessage &reply)
{
    if (call.isReplyRequired()) // an answer that nobody asked for is refused by the bus, with a line in its
                                // log
        bus.send(reply);
}

void Call::answer(const QVariantList &values)
{
    send(m_bus, m_message, m_message.createReply(values));
    settle(QStringLiteral("done"));
}

void Call::fail(const Error &error)
{
    answerError(errorName(error.kind), error.message);
}

void Call::refuse(const QString &reason)
{
    answerError(dbus::error::kNotAuthorized, reason);
}

void Call::finish(const Result<void> &result)
{
    if (result)
        answer();
    else
        fail(result.error());
}

void Call::answerError(const QString &name, const QString &text)
{
    send(m_bus, m_message, m_message.createErrorReply(name, text));
    settle(name.section(QLatin1Char('.'), -1) + QStringLiteral(": ") + text);
}

void Call::settle(const QString &outcome)
{
    Q_ASSERT(!m_isSettled);
    m_isSettled = true;
    if (m_calls)
        m_calls->end(*this, outcome);
}

Calls::Calls(Clients &clients, Authorizer &authorizer, const ActionTable &actions, QObject *parent)
    : QObject(parent), m_clients(clients), m_authorizer(authorizer), m_actions(actions)
{
    connect(&m_clients, &Clients::left, this, &Calls::abandon);
}

CallPointer Calls::admit(const QDBusContext &context)
{
    const QDBusMessage message = context.message();
    context.setDelayedReply(true);
    const QDBusConnection bus = context.connection();
    const auto refuse = [&](QLatin1String error, const QString &text) {
        Call::send(bus, message, message.createErrorReply(error, text));
        return CallPointer();
    };
    if (m_isClosed)
        return refuse(
            dbus::error::kConflict,
            QStringLiteral("%1: the helper is ending; call again when it is back").arg(message.member()));
    const QString action = m_actions.action(message.interface(), message.member());
    if (action.isEmpty())
        return refuse(dbus::error::kNotAuthorized,
                      QStringLiteral("%1: call it with its interface, such as %2")
                          .arg(message.member(), dbus::kManagerInterface));

    m_clients.meet(message.service());
    int &pending = m_clients.pendingCalls(message.service());
    if (pending >= dbus::kMaxPendingCallsPerClient)
        return refuse(
            dbus::error::kLimitReached,
            QStringLiteral("%1: %2 of your calls are waiting already, more are not taken; wait for answers")
                .arg(message.member())
                .arg(pending));
    auto call = std::make_shared<Call>(*this, bus, message, action);
    m_bySender.insert(call->sender(), call.get());
    ++pending;
    if (const auto uid = m_clients.uid(message.service())) {
        if (const auto room = count(*call, *uid); !room) {
            call->fail(room.error());
            return {};
        }
    }
    return call;
}

Result<void> Calls::count(Call &call, uint uid)
{
    int &calls = m_callsByUser[uid];
    if (calls >= dbus::kMaxPendingCallsPerUser)
        return failure(ErrorKind::LimitReached,
                       QStringLiteral("%1: %2 calls of your user are waiting already, on all connections "
                                      "together, more are not taken; wait for answers")
                           .arg(call.member())
                           .arg(calls));
    ++calls;
    call.m_uid = uid;
    const auto batch = m_batches.find(&call);
    return batch == m_batches.end() ? Result<void>() : checkBatch(call, batch->second);
}

Result<void> Calls::checkBatch(const Call &call, qsizetype bytes) const
{
    qsizetype held = bytes;
    for (const auto &[other, otherBytes] : m_batches) {
        if (other == &call)
            continue;
        if (other->sender() == call.sender() || (call.m_uid && other->m_uid == call.m_uid))
            return failure(
                ErrorKind::LimitReached,
                QStringLiteral("%1: one of your user's is waiting already, and 1 is taken at a time; "
                               "wait for its answer")
                    .arg(call.member()));
        if (other->m_uid != kRoot)
            held += otherBytes;
    }
    if (held > kMaxHeldBatchBytes && call.m_uid != kRoot)
        return failure(
            ErrorKind::LimitReached,
            QStringLiteral("%1: batches of others are waiting, and %2 bytes of them are taken at a "
                           "time; try again")
                .arg(call.member())
                .arg(kMaxHeldBatchBytes));
    return {};
}

Result<void> Calls::holdBatch(const CallPointer &call, qsizetype bytes)
{
    const auto room = checkBatch(*call, bytes);
    if (room)
        m_batches[call.get()] = bytes;
    return room;
}

void Calls::authorize(const CallPointer &call, std::function<void()> apply)
{
    authorizeFor(call, {call->action(), call->isInteractive()}, std::move(apply));
}

void Calls::failForReaders(const CallPointer &call, const Error &error)
{
    if (error.kind == ErrorKind::InvalidArgument)
        return call->fail(error);
    authorizeFor(call, {dbus::action::kMonitor, false}, [call, error] { call->fail(error); });
}

void Calls::authorizeFor(const CallPointer &call, const Right &right, std::function<void()> apply)
{
    if (call->m_uid)
        return ask(call, right, std::move(apply));
    m_clients.withUid(call->sender(), [this, call, right, apply = std::move(apply)](std::optional<uint> uid) {
        if (!uid)
            return call->refuse(
                QStringLiteral("%1: the bus does not know whose call this is").arg(call->member()));
        if (const auto room = count(*call, *uid); !room)
            return call->fail(room.error());
        ask(call, right, apply);
    });
}

void Calls::ask(const CallPointer &call, const Right &right, std::function<void()> apply)
{
    if (!m_bySender.contains(call->sender(), call.get()))
        return call->refuse(QStringLiteral("%1: its caller has left").arg(call->member()));
    call->m_wasAsked = right.action == call->action();
    call->m_ticket = m_authorizer.ask({call->sender(), *call->m_uid, right.action, right.interactive},
                                      [call, apply = std::move(apply)](const Authorizer::Verdict &verdict) {
                                          call->m_ticket = 0;
                                          if (verdict.allowed)
                                              apply();
                                          else
                                              call->refuse(verdict.reason);
                                      });
}

void Calls::release(const Call &call)
{
    m_batches.erase(&call);
    if (!call.m_uid)
        return;
    const auto calls = m_callsByUser.find(*call.m_uid);
    if (--calls->second == 0)
        m_callsByUser.erase(calls);
}

void Calls::end(Call &call, const QString &outcome)
{
    release(call);
    if (m_bySender.remove(call.sender(), &call) > 0)
        --m_clients.pendingCalls(call.sender());
    // Nonsense is not worth a line that anybody could fill the journal with.
    if (!call.m_wasAsked || call.action() == dbus::action::kMonitor
        || call.action() == dbus::action::kMonitorAll)
        return;
    const QString what =
        call.m_subject.isEmpty() ? call.member() : call.member() + QLatin1Char(' ') + call.m_subject;
    qCInfo(lcAudit, "uid %u (%s): %s: %s", *call.m_uid, qUtf8Printable(call.sender()), qUtf8Printable(what),
           qUtf8Printable(outcome));
}

void Calls::abandon(const QString &sender)
{
    // Those that wait for polkit are let go; those that the engine works on are finished by it, unheard.
    const QList<Call *> calls = m_bySender.values(sender);
    m_bySender.remove(sender);
    for (Call *call : calls) {
        if (call->m_ticket == 0)
            continue;
        call->m_isSettled = true; // nobody is there to be answered
        release(*call);
        m_authorizer.cancel(call->m_ticket);
    }
}

} // namespace weir
