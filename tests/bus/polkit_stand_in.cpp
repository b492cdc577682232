// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bus/polkit_stand_in.h"

#include <QDBusArgument>
#include <QDBusConnectionInterface>
#include <QDBusMetaType>

namespace weir::test {

namespace {

const QString kName = QStringLiteral("org.freedesktop.PolicyKit1");
const QString kAuthorityPath = QStringLiteral("/org/freedesktop/PolicyKit1/Authority");
constexpr uint kAllowUserInteraction = 1;

/// (bba{ss})
struct StandInResult {
    bool isAuthorized = false;
    bool isChallenge = false;
    QMap<QString, QString> details;
};

QDBusArgument &operator<<(QDBusArgument &argument, const StandInResult &result)
{
    argument.beginStructure();
    argument << result.isAuthorized << result.isChallenge << result.details;
    argument.endStructure();
    return argument;
}

const QDBusArgument &operator>>(const QDBusArgument &argument, StandInResult &result)
{
    argument.beginStructure();
    argument >> result.isAuthorized >> result.isChallenge >> result.details;
    argument.endStructure();
    return argument;
}

PolkitStandIn::Question questionIn(const QDBusMessage &message)
{
    const QVariantList arguments = message.arguments();
    PolkitStandIn::Question question;
    QVariantMap details;
    const auto subject = arguments.at(0).value<QDBusArgument>();
    subject.beginStructure();
    subject >> question.subjectKind >> details;
    subject.endStructure();
    question.sender = details.value(QStringLiteral("name")).toString();
    question.action = arguments.at(1).toString();
    question.interactive = arguments.at(3).toUInt() == kAllowUserInteraction;
    question.cancellationId = arguments.at(4).toString();
    question.message = message;
    return question;
}

} // namespace

} // namespace weir::test

Q_DECLARE_METATYPE(weir::test::StandInResult)

namespace weir::test {

PolkitStandIn::PolkitStandIn(const QDBusConnection &bus)
    : m_bus(bus), m_rule([](const Question &) { return Answer::Yes; })
{
    qDBusRegisterMetaType<QMap<QString, QString>>();
    qDBusRegisterMetaType<StandInResult>();
    m_bus.registerVirtualObject(kAuthorityPath, this);
    m_bus.registerService(kName);
}

PolkitStandIn::~PolkitStandIn()
{
    m_bus.unregisterService(kName);
    m_bus.unregisterObject(kAuthorityPath);
}

bool PolkitStandIn::handleMessage(const QDBusMessage &message, const QDBusConnection &)
{
    if (message.member() == QLatin1String("CancelCheckAuthorization")) {
        m_cancelled << message.arguments().constFirst().toString();
        m_bus.send(message.createReply());
        return true;
    }
    if (message.member() != QLatin1String("CheckAuthorization"))
        return false;
    const Question question = questionIn(message);
    m_questions << question;
    const Answer given = m_rule(question);
    if (given == Answer::Later)
        message.setDelayedReply(true);
    else
        answer(question, given);
    return true;
}

void PolkitStandIn::answer(const Question &question, Answer answer)
{
    const StandInResult result{answer == Answer::Yes, answer == Answer::Challenge, {}};
    m_bus.send(question.message.createReply(QVariant::fromValue(result)));
}

} // namespace weir::test
