// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/history_span.h"

#include <QDateTime>
#include <QTest>

using namespace weir;
using namespace weir::cli;

namespace {

qint64 at(const char *text)
{
    return QDateTime::fromString(QString::fromLatin1(text), Qt::ISODate).toSecsSinceEpoch();
}

client::HistorySpan span(const char *now, QHash<QString, QString> options)
{
    options.insert(QStringLiteral("zone"), QStringLiteral("UTC"));
    const auto typed = readSpan({{}, options}, at(now), Steps::OneAnswer);
    if (!typed)
        qWarning("%s", qPrintable(typed.error()));
    return typed ? typed->span : client::HistorySpan{};
}

const QString kFrom = QStringLiteral("from");
const QString kTo = QStringLiteral("to");

} // namespace

class HistorySpanTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatWasCountedInTheFirstSecondOfAMinuteIsInASpanUntilNow();
    void todayAndThisMonthAreThereInTheirFirstAndLastSecond();
    void theSecondThatRunsDoesNotMakeTheStepLonger();
    void aMomentThatWasTypedIsTheEnd();
};

void HistorySpanTest::whatWasCountedInTheFirstSecondOfAMinuteIsInASpanUntilNow()
{
    for (const auto &options : {QHash<QString, QString>{}, {{kTo, QStringLiteral("now")}}}) {
        const client::HistorySpan read = span("2026-03-05T10:07:00Z", options);
        QCOMPARE(read.from, at("2026-03-04T10:07:00Z"));
        QCOMPARE(read.to, at("2026-03-05T10:07:01Z"));
    }
}

void HistorySpanTest::todayAndThisMonthAreThereInTheirFirstAndLastSecond()
{
    const client::HistorySpan midnight = span("2026-03-01T00:00:00Z", {{kFrom, QStringLiteral("today")}});
    QCOMPARE(midnight.from, at("2026-03-01T00:00:00Z"));
    QCOMPARE(midnight.to, at("2026-03-01T00:00:01Z"));
    const client::HistorySpan last = span("2026-02-28T23:59:59Z", {{kFrom, QStringLiteral("this-month")}});
    QCOMPARE(last.from, at("2026-02-01T00:00:00Z"));
    QCOMPARE(last.to, at("2026-03-01T00:00:00Z"));
}

void HistorySpanTest::theSecondThatRunsDoesNotMakeTheStepLonger()
{
    QCOMPARE(span("2026-03-05T10:07:30Z", {{kFrom, QStringLiteral("-2h")}}).step, client::Step::Minute);
    QCOMPARE(span("2026-03-05T10:07:30Z", {{kFrom, QStringLiteral("-48h")}}).step, client::Step::Hour);
}

void HistorySpanTest::aMomentThatWasTypedIsTheEnd()
{
    const client::HistorySpan read = span("2026-03-05T10:07:00Z", {{kTo, QStringLiteral("today")}});
    QCOMPARE(read.from, at("2026-03-04T00:00:00Z"));
    QCOMPARE(read.to, at("2026-03-05T00:00:00Z"));
}

QTEST_GUILESS_MAIN(HistorySpanTest)
#include "history_span_test.moc"
