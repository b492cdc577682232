// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/problems_button.h"

#include "app/gui/figures.h"
#include "app/gui/icons.h"
#include "app/gui/live_data.h"
#include "app/gui/problem_texts.h"
#include "app/gui/texts.h"
#include "app/gui/theme.h"

#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

namespace weir::gui {

namespace {

QColor colourOf(const QString &severity)
{
    return severity == QLatin1String("error")  ? colours().error
        : severity == QLatin1String("warning") ? colours().warning
                                               : colours().accent;
}

QLabel *paragraph(const QString &text)
{
    auto *label = new QLabel(text);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return label;
}

QWidget *problemWidget(const dbus::ProblemRow &problem, qreal pixelRatio)
{
    auto *widget = new QWidget;
    auto *layout = new QHBoxLayout(widget);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    auto *sign = new QLabel;
    sign->setPixmap(lineIcon(Icon::Warning, colourOf(problem.severity)).pixmap(QSize(20, 20), pixelRatio));
    layout->addWidget(sign, 0, Qt::AlignTop);
    auto *words = new QVBoxLayout;
    words->setSpacing(4);
    const QString title = text::problemTitle(problem);
    if (!title.isEmpty()) {
        auto *label = paragraph(title);
        QFont bold = label->font();
        bold.setWeight(QFont::DemiBold);
        label->setFont(bold);
        words->addWidget(label);
    }
    QString head = text::problemSeverity(problem);
    if (!problem.subject.isEmpty())
        head += QStringLiteral(" · ") + problem.subject;
    words->addWidget(dimLabel(ProblemsButton::tr("%1 · since %2").arg(head, text::moment(problem.since))));
    words->addWidget(paragraph(problem.text));
    if (const QString todo = text::problemRemedy(problem); !todo.isEmpty()) {
        auto *remedy = paragraph(ProblemsButton::tr("What to do: %1").arg(todo));
        remedy->setProperty("dim", true);
        words->addWidget(remedy);
    }
    layout->addLayout(words, 1);
    return widget;
}

} // namespace

ProblemsButton::ProblemsButton(LiveData &live, QWidget *parent) : QToolButton(parent), m_live(live)
{
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setIconSize(QSize(22, 16));
    setToolTip(tr("What is wrong or missing now, and what to do about it"));
    connect(this, &QToolButton::clicked, this, &ProblemsButton::list);
    connect(&live, &LiveData::problemsChanged, this, &ProblemsButton::follow);
    connect(&Theme::instance(), &Theme::changed, this, &ProblemsButton::follow);
    follow();
}

void ProblemsButton::follow()
{
    const dbus::ProblemRows &problems = m_live.problems();
    setVisible(!problems.isEmpty());
    if (problems.isEmpty())
        return;
    const QLatin1String ranks[] = {QLatin1String("error"), QLatin1String("warning"), QLatin1String("info")};
    for (const QLatin1String severity : ranks) {
        const auto has = [&](const dbus::ProblemRow &problem) { return problem.severity == severity; };
        if (std::any_of(problems.begin(), problems.end(), has)) {
            setIcon(lineIcon(Icon::Warning, colourOf(severity)));
            break;
        }
    }
    setText(tr("%Ln problem(s)", nullptr, int(problems.size())));
}

void ProblemsButton::list()
{
    auto *popup = new QFrame(this, Qt::Popup);
    popup->setAttribute(Qt::WA_DeleteOnClose);
    popup->setProperty("popup", true);
    popup->setAccessibleName(tr("Problems"));
    auto *content = new QWidget;
    auto *rows = new QVBoxLayout(content);
    rows->setContentsMargins(18, 16, 18, 16);
    rows->setSpacing(16);
    for (const dbus::ProblemRow &problem : m_live.problems())
        rows->addWidget(problemWidget(problem, devicePixelRatioF()));
    rows->addStretch();
    auto *scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    content->setAutoFillBackground(false);
    auto *layout = new QVBoxLayout(popup);
    layout->setContentsMargins(1, 1, 1, 1);
    layout->addWidget(scroll);
    const int width = 460;
    popup->resize(width, std::clamp(content->layout()->totalHeightForWidth(width - 20) + 4, 80, 460));
    popup->move(mapToGlobal(QPoint(this->width() - width, height() + 6)));
    popup->show();
}

} // namespace weir::gui
