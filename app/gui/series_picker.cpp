// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/series_picker.h"

#include "app/gui/history_texts.h"
#include "app/gui/icons.h"
#include "app/gui/theme.h"

#include <QFrame>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QScreen>
#include <QVBoxLayout>

#include <algorithm>

namespace weir::gui {

SeriesPicker::SeriesPicker(QWidget *parent)
    : QToolButton(parent), m_model(new SeriesModel(this)), m_popup(new QFrame(this, Qt::Popup)),
      m_search(new QLineEdit), m_list(new QListView)
{
    setProperty("tool", true);
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setIconSize(QSize(26, 16));
    setFocusPolicy(Qt::StrongFocus);
    setMinimumWidth(fontMetrics().horizontalAdvance(QLatin1Char('0')) * 22);
    setMaximumWidth(fontMetrics().horizontalAdvance(QLatin1Char('0')) * 36);
    buildPopup();
    connect(this, &QToolButton::clicked, this, &SeriesPicker::openList);
    connect(&Theme::instance(), &Theme::changed, this, &SeriesPicker::showCurrent);
    showCurrent();
}

void SeriesPicker::buildPopup()
{
    m_popup->setProperty("popup", true);
    m_search->setObjectName(QStringLiteral("search"));
    m_search->setPlaceholderText(tr("Find by name"));
    m_search->setAccessibleName(tr("Find by name"));
    m_search->setClearButtonEnabled(true);
    m_list->setModel(m_model);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setIconSize(QSize(16, 16));
    m_list->setAccessibleName(tr("What to show"));
    m_list->setMouseTracking(true);
    auto *layout = new QVBoxLayout(m_popup);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->addWidget(m_search);
    layout->addWidget(m_list);
    m_search->installEventFilter(this);
    m_list->installEventFilter(this);
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_model->setFilter(text);
        const int first = m_model->choosable(0);
        m_list->setCurrentIndex(first < 0 ? QModelIndex() : m_model->index(first));
    });
    connect(m_list, &QListView::clicked, this, &SeriesPicker::take);
}

void SeriesPicker::setSeries(const dbus::SeriesRows &series)
{
    m_model->setSeries(series);
    showCurrent();
}

void SeriesPicker::setCurrent(const QString &series)
{
    if (!m_model->find(series))
        return;
    m_current = series;
    showCurrent();
}

void SeriesPicker::showCurrent()
{
    const dbus::SeriesRow *row = current();
    const QString name = row ? text::seriesName(*row) : tr("Nothing to show yet");
    setEnabled(row != nullptr);
    const int room = maximumWidth() - iconSize().width() - 40;
    setText(fontMetrics()
                .elidedText(name, Qt::ElideMiddle, room)
                .replace(QLatin1Char('&'), QStringLiteral("&&")));
    setIcon(row ? m_model->index(m_model->rowOf(m_current)).data(Qt::DecorationRole).value<QIcon>()
                : QIcon());
    if (row && icon().isNull())
        setIcon(lineIcon(Icon::ChevronDown, colours().dim)); // filtered out of the open list
    setToolTip(row ? text::seriesTip(*row) + QStringLiteral("\n\n")
                       + tr("Click to choose another link, watch or service.")
                   : QString());
    setAccessibleName(tr("Shown: %1").arg(name));
}

void SeriesPicker::openList()
{
    m_search->clear();
    m_search->setVisible(m_model->series().size() >= kSearchFrom);
    const QSize screenSize = screen()->availableSize();
    const int row = m_list->sizeHintForRow(0);
    const int lines = std::clamp(m_model->rowCount(), 3, 16);
    m_list->setFixedHeight(std::min(row * lines + 8, screenSize.height() / 2));
    m_popup->setMinimumWidth(std::max(width(), m_list->sizeHintForColumn(0) + 60));
    m_popup->adjustSize();
    m_popup->move(mapToGlobal(QPoint(0, height() + 4)));
    m_popup->show();
    m_list->setCurrentIndex(m_model->index(m_model->rowOf(m_current)));
    (m_search->isVisible() ? static_cast<QWidget *>(m_search) : m_list)->setFocus(Qt::PopupFocusReason);
}

void SeriesPicker::walk(int by)
{
    const int row = m_model->choosable(m_list->currentIndex().row() + by, by);
    if (row >= 0)
        m_list->setCurrentIndex(m_model->index(row));
}

void SeriesPicker::take(const QModelIndex &index)
{
    const QString series = index.data(SeriesModel::SeriesRole).toString();
    if (series.isEmpty())
        return;
    m_popup->hide();
    m_search->clear();
    if (series == m_current)
        return;
    setCurrent(series);
    Q_EMIT chosen(series);
}

void SeriesPicker::paintEvent(QPaintEvent *event)
{
    QToolButton::paintEvent(event);
    constexpr int kMark = 12;
    QPainter painter(this);
    lineIcon(Icon::ChevronDown, colours().dim)
        .paint(&painter, QRect(width() - kMark - 10, (height() - kMark) / 2, kMark, kMark));
}

bool SeriesPicker::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::KeyPress)
        return QToolButton::eventFilter(watched, event);
    switch (static_cast<QKeyEvent *>(event)->key()) {
    case Qt::Key_Down:
        walk(1);
        return true;
    case Qt::Key_Up:
        walk(-1);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        take(m_list->currentIndex());
        return true;
    default:
        return QToolButton::eventFilter(watched, event);
    }
}

} // namespace weir::gui
