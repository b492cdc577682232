// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/rate_history.h"
#include "dbus/types.h"

#include <QFrame>

#include <optional>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace weir::gui {

class ElidedLabel;
class RateChart;
class RateLabel;
class TotalsLabel;

/// One metered link: what it is, its rate and totals, and its last two minutes.
class LinkCard : public QFrame
{
    Q_OBJECT
public:
    explicit LinkCard(const QString &name, QWidget *parent = nullptr);

    /// The row as the last frame told it, and the second that it is of.
    void setRow(const dbus::LinkRow &row, qint64 timeMs);
    /// What passed today, this month and this year; nothing while that is not known.
    void setSums(const std::optional<dbus::SumRow> &sums);
    /// No frame told anything new until `timeMs`.
    void hold(qint64 timeMs);
    /// The two minutes before, from the helper's memory.
    void fill(const client::SampleAnswer &samples);
    void setStale(bool stale);

    const RateChart &chart() const { return *m_chart; }
    const RateLabel &rate() const { return *m_rate; }
    const TotalsLabel &today() const { return *m_today; }
    const TotalsLabel &month() const { return *m_month; }
    const TotalsLabel &year() const { return *m_year; }

private:
    void showKind(const QString &kind);

    QLabel *m_icon;
    QLabel *m_name;
    QLabel *m_kind;
    QLabel *m_state;
    ElidedLabel *m_addresses;
    RateLabel *m_rate;
    RateChart *m_chart;
    TotalsLabel *m_today;
    TotalsLabel *m_month;
    TotalsLabel *m_year;
    TotalsLabel *m_total;
    TotalsLabel *m_internet;
    TotalsLabel *m_local;
    QLabel *m_since;
    RateHistory m_history;
    QString m_kindName;
};

} // namespace weir::gui
