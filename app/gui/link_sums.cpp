// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/link_sums.h"

#include "app/gui/history_range.h"
#include "app/gui/live_data.h"

using namespace std::chrono_literals;

namespace weir::gui {

namespace {

constexpr auto kRefresh = 30s;
constexpr QLatin1String kPrefix("link:");

/// `sum` with what came to `total` since it was `before`; unchanged where a counter began anew.
dbus::Traffic grown(dbus::Traffic sum, const dbus::Traffic &before, const dbus::Traffic &total)
{
    const auto grow = [](qulonglong &value, qulonglong from, qulonglong to) {
        value += to > from ? to - from : 0;
    };
    grow(sum.rxBytes, before.rxBytes, total.rxBytes);
    grow(sum.txBytes, before.txBytes, total.txBytes);
    grow(sum.rxPackets, before.rxPackets, total.rxPackets);
    grow(sum.txPackets, before.txPackets, total.txPackets);
    return sum;
}

} // namespace

LinkSums::LinkSums(LiveData &live, QObject *parent) : QObject(parent), m_live(live), m_history(live.client())
{
    m_refresh.setInterval(kRefresh);
    m_midnight.setSingleShot(true);
    m_midnight.setTimerType(Qt::VeryCoarseTimer);
    connect(&m_refresh, &QTimer::timeout, this, &LinkSums::ask);
    connect(&m_midnight, &QTimer::timeout, this, &LinkSums::ask);
    connect(&live, &LiveData::reachChanged, this, [this] {
        if (m_live.reach() == Reach::Live)
            ask();
    });
}

void LinkSums::setActive(bool active)
{
    if (active == m_active)
        return;
    m_active = active;
    if (!active) {
        m_refresh.stop();
        m_midnight.stop();
        return;
    }
    m_refresh.start();
    ask();
}

void LinkSums::ask()
{
    if (!m_active || m_live.reach() != Reach::Live)
        return;
    waitForMidnight();
    m_history.sums({}, QString::fromLatin1(displayZone().id()), this,
                   [this](const client::Answer<dbus::SumRows> &answer) {
                       if (answer)
                           apply(*answer);
                   });
}

void LinkSums::waitForMidnight()
{
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    const Interval today = resolve({HistoryRange::Kind::Day}, now, displayZone(), 0);
    m_midnight.start(std::chrono::seconds(today.to - now + 1));
}

void LinkSums::apply(const dbus::SumRows &rows)
{
    m_known.clear();
    for (const dbus::SumRow &row : rows) {
        const QString link = row.series.startsWith(kPrefix) ? row.series.mid(kPrefix.size()) : row.series;
        const auto now = m_live.links().rows().constFind(link);
        const bool there = now != m_live.links().rows().cend();
        m_known.insert(link, there ? Known{row, true, now->total, now->internet} : Known{row, false, {}, {}});
    }
    Q_EMIT updated();
}

std::optional<dbus::SumRow> LinkSums::of(const QString &link) const
{
    const auto known = m_known.constFind(link);
    if (known == m_known.cend())
        return std::nullopt;
    dbus::SumRow sums = known->sums;
    const auto now = m_live.links().rows().constFind(link);
    if (!known->grows || now == m_live.links().rows().cend())
        return sums;
    for (dbus::Traffic *sum : {&sums.today, &sums.month, &sums.year})
        *sum = grown(*sum, known->total, now->total);
    for (dbus::Traffic *sum : {&sums.todayInternet, &sums.monthInternet, &sums.yearInternet})
        *sum = grown(*sum, known->internet, now->internet);
    return sums;
}

} // namespace weir::gui
