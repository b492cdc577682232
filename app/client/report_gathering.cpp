// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/report.h"

#include "dbus/names.h"

#include <QDateTime>

#include <algorithm>
#include <deque>

namespace weir::client {

namespace {

/// One report on its way: a queue of calls, each of which puts its answer in its place. Deletes itself when
/// it ends.
class Gathering : public QObject
{
public:
    Gathering(Client &client, const ReportPeriod &period, QObject *context, OnAnswer<Report> done)
        : QObject(context != nullptr ? context : &client), m_client(client), m_history(client),
          m_done(std::move(done))
    {
        m_report.made = QDateTime::currentSecsSinceEpoch();
        m_report.period = period;
    }

    void run()
    {
        const HistorySpan &span = m_report.period.span;
        m_steps = {[this] { m_client.status(this, into(m_report.status)); },
                   [this] { m_client.problems(this, into(m_report.problems)); },
                   [this] { m_client.watches(this, into(m_report.watches)); },
                   [this, span] {
                       m_history.ranking(QStringLiteral("watch"), span.from, span.to, kReportRanks, this,
                                         into(m_report.watchRanking));
                   },
                   [this, span] {
                       m_history.ranking(QStringLiteral("service"), span.from, span.to, kReportRanks, this,
                                         into(m_report.serviceRanking));
                   },
                   [this] { m_client.links(this, into(m_report.links)); },
                   [this] { m_history.series(this, into(m_series)); },
                   [this] { beginTraffic(); }};
        next();
    }

private:
    enum class Absent { Fails, IsEmpty };

    template <typename T>
    OnAnswer<T> into(T &place, Absent absent = Absent::Fails)
    {
        return [this, &place, absent](Answer<T> answer) {
            if (answer)
                place = std::move(*answer);
            else if (absent == Absent::Fails || answer.error().name != dbus::error::kNotFound)
                return end(std::unexpected(answer.error()));
            next();
        };
    }

    /// A link without a history yet is not asked about; one that loses it meanwhile has none.
    void beginTraffic()
    {
        for (const dbus::LinkRow &link : std::as_const(m_report.links)) {
            if (link.metered)
                m_report.traffic.append({link.name, {}, {}});
        }
        for (ReportTraffic &traffic : m_report.traffic) {
            const QString series = traffic.series();
            if (std::none_of(m_series.begin(), m_series.end(),
                             [&](const auto &row) { return row.series == series; }))
                continue;
            m_steps.push_back([this, series, &traffic] {
                m_history.points(series, m_report.period.span, this, into(traffic.steps, Absent::IsEmpty));
            });
            m_steps.push_back([this, series, &traffic] {
                const HistorySpan &span = m_report.period.span;
                m_history.remotes(series, span.from, span.to, kReportRemotes, this,
                                  into(traffic.remotes, Absent::IsEmpty));
            });
        }
        next();
    }

    void next()
    {
        if (m_steps.empty())
            return end(std::move(m_report));
        const auto step = std::move(m_steps.front());
        m_steps.pop_front();
        step();
    }

    void end(Answer<Report> answer)
    {
        deleteLater();
        m_done(std::move(answer));
    }

    Client &m_client;
    History m_history;
    OnAnswer<Report> m_done;
    std::deque<std::function<void()>> m_steps;
    Report m_report;
    dbus::SeriesRows m_series;
};

} // namespace

void gatherReport(Client &client, const ReportPeriod &period, QObject *context, OnAnswer<Report> done)
{
    (new Gathering(client, period, context, std::move(done)))->run();
}

} // namespace weir::client
