// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/handlers.h"

#include "app/cli/metrics.h"
#include "app/cli/output_file.h"
#include "app/cli/session.h"

#include <QMap>
#include <QTimer>

#include <utility>

namespace weir::cli {

namespace {

constexpr int kFrameIntervalMs = 1000;
constexpr int kPatienceMs = 20'000;

/// Gathers what belongs to one moment: the frames of links and watches that carry the same time.
///
/// Many watches come in several frames of one time; all are there when they are as many as the status tells.
class MetricsRun : public QObject
{
public:
    MetricsRun(Session &session, std::optional<QString> path)
        : QObject(&session), m_session(session), m_path(std::move(path)),
          m_linkTopic(session.client(), kFrameIntervalMs), m_watchTopic(session.client(), kFrameIntervalMs)
    {
        connect(&m_linkTopic, &client::LinkSubscription::frame, this,
                [this](bool reset, qint64 timeMs, const auto &changed, const auto &removed) {
                    take(m_links, reset, changed, removed);
                    m_linksTime = timeMs;
                    gather();
                });
        connect(&m_watchTopic, &client::WatchSubscription::frame, this,
                [this](bool reset, qint64 timeMs, const auto &changed, const auto &removed) {
                    take(m_watches, reset, changed, removed);
                    m_watchesTime = timeMs;
                    gather();
                });
        connect(&m_linkTopic, &client::Subscription::failed, this, &MetricsRun::fail);
        connect(&m_watchTopic, &client::Subscription::failed, this, &MetricsRun::fail);
        QTimer::singleShot(kPatienceMs, this, [this] {
            fail({QDBusError::errorString(QDBusError::Timeout),
                  QStringLiteral("the helper sent no figures of one moment")});
        });
    }

    void run()
    {
        m_linkTopic.start();
        m_watchTopic.start();
    }

private:
    template <typename Row>
    static void take(QMap<QString, Row> &rows, bool reset, const QList<Row> &changed,
                     const QStringList &removed)
    {
        if (reset)
            rows.clear();
        for (const QString &name : removed)
            rows.remove(name);
        for (const Row &row : changed)
            rows.insert(row.name, row);
    }

    void gather()
    {
        if (m_linksTime == 0 || m_linksTime != m_watchesTime || std::exchange(m_asking, true))
            return;
        MetricsMoment moment{{}, {}, m_links.values(), m_watches.values(), {}, m_linksTime};
        m_session.client().status(this, [this, moment = std::move(moment)](const auto &status) mutable {
            if (!status)
                return fail(status.error());
            moment.status = *status;
            m_session.client().problems(
                this, [this, moment = std::move(moment)](const auto &problems) mutable {
                    if (!problems)
                        return fail(problems.error());
                    moment.problems = *problems;
                    m_session.client().services(
                        this, [this, moment = std::move(moment)](const auto &services) mutable {
                            m_asking = false;
                            if (services) // where they cannot be read a problem tells so
                                moment.services = *services;
                            // else frames are missing, or a watch came or went: the next frame is a second
                            // away
                            if (qulonglong(moment.watches.size())
                                == moment.status.value(QStringLiteral("watches")).toULongLong())
                                give(metricsText(moment), Exit::Ok);
                        });
                });
        });
    }

    void fail(const client::CallError &error)
    {
        if (m_ended)
            return;
        m_session.complain(error, QStringLiteral("cannot read the figures"), Purpose::Read);
        if (error.helperAway())
            return give(metricsTextWithoutHelper(), Exit::Failed);
        m_ended = true;
        m_session.finish(Session::exitOf(error));
    }

    void give(const QByteArray &text, Exit exit)
    {
        if (std::exchange(m_ended, true))
            return;
        if (!m_path) {
            m_session.printBytes(text);
            return m_session.finish(exit);
        }
        auto file = OutputFile::open(*m_path, OutputFile::Existing::Replace);
        std::expected<void, QString> written;
        if (!file)
            written = std::unexpected(file.error());
        else if (written = file->write(text); written)
            written = file->commit();
        if (!written)
            m_session.complain(written.error());
        m_session.finish(written ? exit : Exit::Failed);
    }

    Session &m_session;
    const std::optional<QString> m_path;
    client::LinkSubscription m_linkTopic;
    client::WatchSubscription m_watchTopic;
    QMap<QString, dbus::LinkRow> m_links;
    QMap<QString, dbus::WatchRow> m_watches;
    qint64 m_linksTime = 0; ///< UTC ms of the latest frame of each; 0 before the first
    qint64 m_watchesTime = 0;
    bool m_asking = false;
    bool m_ended = false;
};

} // namespace

std::expected<Job, QString> prepareMetrics(const Arguments &arguments)
{
    return [path = arguments.value(QStringLiteral("output"))](Session &session) {
        (new MetricsRun(session, path))->run();
    };
}

} // namespace weir::cli
