// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_legend.h"

#include "app/client/format.h"
#include "app/gui/figures.h"
#include "app/gui/flow_layout.h"
#include "app/gui/history_layer.h"
#include "app/gui/history_texts.h"
#include "app/gui/theme.h"

#include <QHBoxLayout>
#include <QPainter>

#include <algorithm>

namespace weir::gui {

namespace {

/// A square filled as the chart fills what it stands for.
QPixmap sample(const QBrush &brush, qreal ratio)
{
    constexpr int kSide = 12;
    QPixmap pixmap(QSize(kSide, kSide) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(brush.style() == Qt::SolidPattern ? QPen(Qt::NoPen) : QPen(colours().dim, 1));
    painter.setBrush(brush);
    painter.drawRoundedRect(QRectF(0.5, 0.5, kSide - 1, kSide - 1), 2, 2);
    return pixmap;
}

} // namespace

HistoryLegend::HistoryLegend(QWidget *parent) : QWidget(parent), m_keys(new QHBoxLayout), m_note(dimLabel())
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_keys->setSpacing(6);
    layout->addLayout(m_keys);
    layout->addStretch();
    layout->addWidget(m_note);
    connect(&Theme::instance(), &Theme::changed, this, &HistoryLegend::rebuild);
    rebuild();
}

void HistoryLegend::setParts(Division division, Scope scope, bool away, int stepsInColumn, Step step)
{
    m_note->setText(
        stepsInColumn > 1
            ? tr("Drawn together: %1 × %2").arg(QString::number(stepsInColumn), text::stepName(step))
            : QString());
    m_note->setToolTip(
        tr("There are more steps than room, so several are drawn as one, added up. A shorter range or a "
           "wider window shows each."));
    if (division == m_division && scope == m_scope && away == m_away)
        return;
    m_division = division;
    m_scope = scope;
    m_away = away;
    rebuild();
}

void HistoryLegend::rebuild()
{
    while (QLayoutItem *item = m_keys->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const auto add = [this](const QBrush &brush, const QString &text, const QString &tip) {
        auto *key = new QLabel;
        key->setPixmap(sample(brush, devicePixelRatioF()));
        auto *words = dimLabel(text);
        words->setToolTip(tip);
        m_keys->addWidget(key);
        m_keys->addWidget(words);
        m_keys->addSpacing(10);
    };
    const QList<QColor> paints = partColours(m_division);
    if (m_division == Division::Direction) {
        add(paints.at(0), tr("Down"), tr("Received by this machine"));
        add(paints.at(1), tr("Up"), tr("Sent by this machine"));
    } else {
        if (m_scope != Scope::Local)
            add(paints.at(0), tr("Internet"), tr("With an end outside this machine's local networks"));
        if (m_scope != Scope::Internet)
            add(paints.at(1), tr("Local"), tr("With both ends inside this machine's local networks"));
        if (m_scope == Scope::All)
            add(paints.at(2), tr("Rest"),
                tr("Links: what is not IP, or passed while no meter was there. Services: what went over the "
                   "loopback"));
    }
    if (m_away)
        add(awayBrush(), tr("Weir was away"),
            tr("In a part of such a step Weir was not running. What passed then stands in the step in "
               "which counting went on; of what passed while it was stopped watches have nothing, and links "
               "have it as the rest."));
}

HistoryFooter::HistoryFooter(QWidget *parent)
    : QWidget(parent), m_sum(new QLabel), m_average(dimLabel()), m_peak(dimLabel())
{
    auto *flow = new FlowLayout(18, this);
    flow->setContentsMargins(12, 7, 12, 8);
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    m_sum->setFont(bold);
    for (QLabel *label : {m_sum, m_average, m_peak})
        flow->addWidget(label);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void HistoryFooter::setRows(const dbus::HistoryRows &rows, Scope scope, Step step, const QTimeZone &zone,
                            qint64 now, bool selected)
{
    const HistorySum sum = sumOf(rows, 0, rows.size(), now);
    const dbus::Traffic &traffic = sum.of(scope);
    m_sum->setText((selected ? tr("Selected: ↓ %1  ↑ %2  together %3") : tr("Sum: ↓ %1  ↑ %2  together %3"))
                       .arg(client::formatBytes(traffic.rxBytes), client::formatBytes(traffic.txBytes),
                            client::formatBytes(bytesOf(traffic))));
    m_sum->setToolTip(text::historySum(sum, scope, zone));
    const auto busier = [scope](const auto &a, const auto &b) {
        return bytesOf(trafficOf(a, scope)) < bytesOf(trafficOf(b, scope));
    };
    const auto peak = std::max_element(rows.begin(), rows.end(), busier);
    m_average->setVisible(sum.end > sum.start);
    m_peak->setVisible(peak != rows.end() && bytesOf(trafficOf(*peak, scope)) > 0);
    if (sum.end > sum.start) {
        const double rate = sum.bytesPerSecond(bytesOf(traffic));
        m_average->setText(tr("Average: %1").arg(client::formatRate(rate)));
        m_average->setToolTip(tr("Down and up together over the time that has passed: about %1 each %2")
                                  .arg(client::formatBytes(quint64(rate * double(secondsOf(step)))),
                                       text::stepName(step).toLower()));
    }
    if (!m_peak->isHidden()) {
        m_peak->setText(tr("Peak: %1, %2")
                            .arg(client::formatBytes(bytesOf(trafficOf(*peak, scope))),
                                 spanText(peak->start, peak->end, zone)));
        m_peak->setToolTip(text::historySum(sumOf({*peak}, 0, 1, now), scope, zone));
    }
    setAccessibleName(text());
    updateGeometry();
}

QString HistoryFooter::text() const
{
    return QStringList{m_sum->text(), m_average->text(), m_peak->text()}.join(QStringLiteral(" · "));
}

} // namespace weir::gui
