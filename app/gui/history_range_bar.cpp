// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/history_range_bar.h"

#include "app/gui/choice_bar.h"
#include "app/gui/figures.h"
#include "app/gui/flow_layout.h"
#include "app/gui/history_texts.h"
#include "app/gui/icons.h"
#include "app/gui/theme.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QDateTimeEdit>
#include <QHBoxLayout>
#include <QLabel>
#include <QStandardItemModel>
#include <QToolButton>

using namespace std::chrono_literals;

namespace weir::gui {

using Kind = HistoryRange::Kind;

HistoryRangeBar::HistoryRangeBar(QWidget *parent)
    : QWidget(parent), m_now(QDateTime::currentSecsSinceEpoch()), m_buttons(new QButtonGroup(this)),
      m_previous(new QToolButton), m_next(new QToolButton), m_title(new QLabel), m_steps(new QComboBox)
{
    const std::tuple<QToolButton *, QString, QKeySequence, int> arrows[] = {
        {m_previous, tr("The range before"), Qt::ALT | Qt::Key_Left, -1},
        {m_next, tr("The range after"), Qt::ALT | Qt::Key_Right, 1}};
    for (const auto &[button, text, key, by] : arrows) {
        button->setProperty("tool", true);
        button->setAccessibleName(text);
        button->setToolTip(QStringLiteral("%1 (%2)").arg(text, key.toString(QKeySequence::NativeText)));
        button->setShortcut(key);
        connect(button, &QToolButton::clicked, this, [this, by = by] { move(by); });
    }
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_steps->setAccessibleName(tr("Step"));
    m_steps->setToolTip(tr("How much time one row and one bar stand for"));
    for (const Step step : {Step::Minute, Step::Quarter, Step::Hour, Step::Day, Step::Month})
        m_steps->addItem(text::stepName(step));
    connect(m_steps, &QComboBox::activated, this, &HistoryRangeBar::chooseStep);

    auto *line = new QHBoxLayout;
    line->setSpacing(6);
    line->addWidget(m_previous);
    line->addWidget(m_next);
    line->addSpacing(6);
    line->addWidget(m_title);
    line->addStretch();
    line->addWidget(dimLabel(tr("Step")));
    line->addWidget(m_steps);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(buildButtons());
    layout->addWidget(m_custom = buildCustom());
    layout->addLayout(line);

    m_typed.setSingleShot(true);
    m_typed.setInterval(400ms);
    connect(&m_typed, &QTimer::timeout, this, &HistoryRangeBar::takeCustom);
    connect(&Theme::instance(), &Theme::changed, this, &HistoryRangeBar::applyTheme);
    applyTheme();
    resolveAgain();
}

QWidget *HistoryRangeBar::buildButtons()
{
    const std::tuple<HistoryRange, QString, QString> choices[] = {
        {{Kind::Hours24}, tr("24 h"), tr("The last 24 hours, by quarters of an hour")},
        {{Kind::Day}, tr("Today"), tr("Since midnight, by hours")},
        {{Kind::Day, 1}, tr("Yesterday"), tr("The day before today, by hours")},
        {{Kind::Days7}, tr("7 days"), tr("Today and the six days before, by hours")},
        {{Kind::Days30}, tr("30 days"), tr("Today and the 29 days before, by days")},
        {{Kind::Month}, tr("This month"), tr("This calendar month, by days")},
        {{Kind::Month, 1}, tr("Last month"), tr("The calendar month before this one, by days")},
        {{Kind::Year}, tr("This year"), tr("This calendar year, by months")},
        {{Kind::Months12}, tr("12 months"), tr("This month and the eleven before, by months")},
        {{Kind::All}, tr("All"), tr("Since the oldest history of what is shown")},
        {{Kind::Custom}, tr("Custom…"), tr("From one moment to another")},
    };
    auto *box = new QWidget;
    auto *flow = new FlowLayout(3, box);
    for (const auto &[range, text, tip] : choices) {
        auto *button = choiceButton(text, tip);
        m_buttons->addButton(button, int(m_choices.size()));
        m_choices.append(range);
        flow->addWidget(button);
    }
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    box->setSizePolicy(policy);
    m_buttons->setExclusive(false); // none is pressed where the arrows have led away
    connect(m_buttons, &QButtonGroup::idClicked, this, [this](int id) {
        const HistoryRange chosen = m_choices.at(id);
        if (chosen.kind == Kind::Custom)
            startCustom();
        else
            setRange(chosen);
    });
    return box;
}

QWidget *HistoryRangeBar::buildCustom()
{
    auto *box = new QWidget;
    auto *line = new QHBoxLayout(box);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(8);
    m_from = new QDateTimeEdit;
    m_to = new QDateTimeEdit;
    m_customError = new QLabel;
    m_customError->setProperty("hint", true);
    m_customError->setProperty("error", true);
    for (const auto &[edit, text] : {std::pair{m_from, tr("From")}, std::pair{m_to, tr("to")}}) {
        edit->setCalendarPopup(true);
        edit->setDisplayFormat(QStringLiteral("yyyy-MM-dd HH:mm"));
        edit->setAccessibleName(text);
        edit->setMinimumWidth(fontMetrics().horizontalAdvance(QStringLiteral("0000-00-00 00:00")) + 60);
        edit->setDateRange(QDate(2000, 1, 1), QDate(2099, 12, 31));
        line->addWidget(dimLabel(text));
        line->addWidget(edit);
        connect(edit, &QDateTimeEdit::dateTimeChanged, &m_typed, qOverload<>(&QTimer::start));
    }
    line->addWidget(m_customError, 1);
    line->addStretch();
    box->hide();
    return box;
}

void HistoryRangeBar::startCustom()
{
    if (m_range.kind != Kind::Custom)
        setRange({Kind::Custom, 0, m_interval.from, m_interval.to});
    else
        showRange();
    m_from->setFocus();
}

void HistoryRangeBar::takeCustom()
{
    if (m_range.kind != Kind::Custom)
        return;
    const qint64 from = m_from->dateTime().toSecsSinceEpoch();
    const qint64 to = m_to->dateTime().toSecsSinceEpoch();
    const bool good = from < to;
    m_customError->setText(good ? QString() : tr("The beginning must lie before the end."));
    if (good && (from != m_range.customFrom || to != m_range.customTo))
        setRange({Kind::Custom, 0, from, to});
}

void HistoryRangeBar::setRange(const HistoryRange &range)
{
    m_range = range;
    m_wantedStep.reset();
    m_typed.stop();
    resolveAgain();
    Q_EMIT changed();
}

void HistoryRangeBar::setMoment(qint64 now, qint64 first)
{
    m_now = now;
    m_first = first;
    resolveAgain();
}

void HistoryRangeBar::move(int by)
{
    if (const auto other = moved(m_range, by, m_now, displayZone()))
        setRange(*other);
}

void HistoryRangeBar::chooseStep(int index)
{
    if (!whyNot(Step(index), m_interval, m_now).isEmpty())
        return showSteps();
    m_wantedStep = Step(index);
    resolveAgain();
    Q_EMIT changed();
}

void HistoryRangeBar::resolveAgain()
{
    m_interval = resolve(m_range, m_now, displayZone(), m_first);
    m_step = m_wantedStep ? nearestPossible(*m_wantedStep, m_interval, m_now)
                          : ownStep(m_range.kind, m_interval, m_now);
    showRange();
}

void HistoryRangeBar::showRange()
{
    for (qsizetype i = 0; i < m_choices.size(); ++i) {
        const bool same = m_choices.at(i).kind == m_range.kind
            && (m_range.kind == Kind::Custom || m_choices.at(i).back == m_range.back);
        m_buttons->button(int(i))->setChecked(same);
    }
    m_title->setText(describe(m_interval, displayZone()));
    m_previous->setEnabled(moved(m_range, -1, m_now, displayZone()).has_value());
    m_next->setEnabled(moved(m_range, 1, m_now, displayZone()).has_value());
    m_custom->setVisible(m_range.kind == Kind::Custom);
    if (m_range.kind == Kind::Custom && !m_typed.isActive()) {
        const QSignalBlocker quietFrom(m_from);
        const QSignalBlocker quietTo(m_to);
        m_from->setDateTime(QDateTime::fromSecsSinceEpoch(m_interval.from));
        m_to->setDateTime(QDateTime::fromSecsSinceEpoch(m_interval.to));
        m_customError->clear();
    }
    showSteps();
}

void HistoryRangeBar::showSteps()
{
    auto *items = qobject_cast<QStandardItemModel *>(m_steps->model());
    for (int i = 0; i < m_steps->count(); ++i) {
        const QString why = whyNot(Step(i), m_interval, m_now);
        items->item(i)->setEnabled(why.isEmpty());
        items->item(i)->setToolTip(why);
    }
    m_steps->setCurrentIndex(int(m_step));
}

void HistoryRangeBar::applyTheme()
{
    m_previous->setIcon(lineIcon(Icon::ChevronLeft));
    m_next->setIcon(lineIcon(Icon::ChevronRight));
}

} // namespace weir::gui
