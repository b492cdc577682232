// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusVirtualObject>
#include <QHash>
#include <QMap>
#include <QSet>

namespace weir::test {

/// Stands in for the helper in tests of its clients: answers from rows that the test sets, on the test's
/// thread.
///
/// It keeps watches and settings as the helper does (revisions, names in use, undo of a removal) but counts
/// nothing. What it takes and sends is held against the XML of the contract: a call with another signature
/// gets InvalidArgs, a wrong answer of its own aborts the test. Of a history it gives the points that reach
/// into the span, as the test set them; removing a watch that has a series makes that one of a removed watch.
class StubHelper : public QDBusVirtualObject
{
    Q_OBJECT
public:
    struct Call {
        QString method;
        QVariantList arguments;
        bool interactive = false; ///< whether polkit may ask the person
    };

    /// Not on the bus yet: appear().
    explicit StubHelper(QDBusConnection bus, QObject *parent = nullptr);

    // What is answered; change it at will, then publish().
    QVariantMap status;
    dbus::ProblemRows problems;
    QVariantMap settings;
    uint settingsRevision = 1;
    dbus::LinkRows links;
    dbus::WatchRows watches; ///< above 30,000 GetWatches fails with LimitReached, and frames hold 10,000 each
    dbus::ServiceRows services;
    dbus::FlowRows flows;
    uint flowsTotal = 0; ///< of GetFlows and frames; at least flows.size() is told
    dbus::SeriesRows series;
    QHash<QString, dbus::HistoryRows> history; ///< by series: all points, whatever step is asked for
    QHash<QString, dbus::RemoteRows> remotes;  ///< by series
    QHash<QString, dbus::RankingRows> ranking; ///< by kind
    dbus::SumRows sums;
    dbus::LimitRows limits;
    qlonglong previewKnownFrom = 0; ///< answer of PreviewBurst
    uint previewStepS = 60;
    dbus::TriggerRows previewTriggers;
    QByteArray exported; ///< what Export and BackupDatabase write
    qulonglong exportedRows = 0;
    QStringList findings;    ///< of CheckDatabase
    QByteArray restored;     ///< what RestoreDatabase read last
    QString movedTo;         ///< answer of RestoreDatabase and StartAfresh
    QList<double> rxSamples; ///< of every link and watch
    QList<double> txSamples;
    qint64 timeMs = 1'700'000'000'000;

    /// Takes the helper's name, or gives it back; subscriptions end with it.
    void appear();
    void vanish();

    /// A method fails from now on, until heal().
    void fail(const QString &method, const QString &error, const QString &message);
    void heal();
    /// Calls of a method get no answer until release().
    void hold(const QString &method);
    void release(const QString &method);
    /// Answers the first of the calls that are held; the others wait on.
    void releaseOne(const QString &method);
    /// Answers a method with other arguments than the contract has, as another version would.
    void answerWith(const QString &method, const QVariantList &arguments);
    /// The first frame of a subscription goes out ahead of the reply to Subscribe.
    bool frameBeforeReply = false;

    /// A second has passed: sends each subscription what changed since its last frame.
    void publish();
    void publishProblems();
    /// Polkit changed its mind about all subscriptions.
    void endSubscriptions(const QString &reason);

    QList<Call> calls; ///< all since the start
    qsizetype callsOf(const QString &method) const;
    QVariantList argumentsOfLast(const char *method) const; ///< none when it was not called
    qsizetype subscriptionsTo(const QString &topic) const;
    /// The query of the latest subscription to "flows".
    QVariantMap flowQuery() const;

    QString introspect(const QString &path) const override;
    bool handleMessage(const QDBusMessage &message, const QDBusConnection &connection) override;

private:
    struct Subscriber {
        QString owner;
        QString topic;
        QVariantMap query;
        QMap<QString, dbus::LinkRow> links; ///< what was sent last
        QMap<QString, dbus::WatchRow> watches;
        QMap<qulonglong, dbus::FlowRow> flows;
    };
    struct Signature {
        QString in;
        QString out;
    };

    void readContract();
    void answer(const QDBusMessage &message);
    void reply(const QDBusMessage &message, const QVariantList &values);
    void refuse(const QDBusMessage &message, QLatin1String error, const QString &text);
    void subscribe(const QDBusMessage &message);
    void unsubscribe(const QDBusMessage &message);
    void addWatches(const QDBusMessage &message, const dbus::NewWatches &added);
    void editWatch(const QDBusMessage &message);
    void removeWatch(const QDBusMessage &message);
    void restoreWatch(const QDBusMessage &message);
    void setSettings(const QDBusMessage &message);
    bool answerHistory(const QDBusMessage &message);
    bool answerLimits(const QDBusMessage &message);
    void changePolicy(const QDBusMessage &message);
    void getHistory(const QDBusMessage &message);
    void deleteHistory(const QDBusMessage &message);
    void writeInto(const QDBusMessage &message, qulonglong count);
    void restoreDatabase(const QDBusMessage &message);
    void markSeriesRemoved(const QString &watch);
    bool hasSeries(const QString &name) const;
    void sendFrame(uint subscription, Subscriber &subscriber);
    void sendSignal(const QString &owner, QLatin1String interface, const QString &name,
                    const QVariantList &values);
    qsizetype indexOf(const QString &watch) const;

    QDBusConnection m_bus;
    QHash<QString, Signature> m_methods; ///< "interface.Method"
    QHash<QString, QString> m_signals;
    QMap<uint, Subscriber> m_subscribers;
    uint m_lastSubscription = 0;
    uint m_lastRemoved = 0; ///< number of the series that was removed last
    QHash<QString, QPair<QString, QString>> m_failures;
    QHash<QString, QVariantList> m_oddAnswers;
    QSet<QString> m_held;
    QList<QDBusMessage> m_waiting;
    dbus::WatchRows m_removed;
};

} // namespace weir::test
