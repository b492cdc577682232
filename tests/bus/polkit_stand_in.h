// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusVirtualObject>

#include <functional>

namespace weir::test {

/// Stands in for polkit on a test's bus: answers as the test says and remembers what it was asked.
class PolkitStandIn : public QDBusVirtualObject
{
    Q_OBJECT
public:
    struct Question {
        QString subjectKind;
        QString sender;
        QString action;
        bool interactive = false;
        QString cancellationId;
        QDBusMessage message;
    };

    enum class Answer { Yes, No, Challenge, Later };
    using Rule = std::function<Answer(const Question &)>;

    /// Takes polkit's name on the bus; says Yes until told otherwise.
    explicit PolkitStandIn(const QDBusConnection &bus);
    ~PolkitStandIn() override;

    void setRule(Rule rule) { m_rule = std::move(rule); }

    const QList<Question> &questions() const { return m_questions; }
    const QStringList &cancelled() const { return m_cancelled; }
    void forget() { m_questions.clear(); }

    /// Answers a question that got Later.
    void answer(const Question &question, Answer answer);

    bool handleMessage(const QDBusMessage &message, const QDBusConnection &connection) override;
    QString introspect(const QString &) const override { return {}; }

private:
    QDBusConnection m_bus;
    Rule m_rule;
    QList<Question> m_questions;
    QStringList m_cancelled;
};

} // namespace weir::test
