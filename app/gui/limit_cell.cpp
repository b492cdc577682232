// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/limit_cell.h"

#include "app/client/limits.h"
#include "app/gui/data_table.h"
#include "app/gui/form_parts.h"
#include "app/gui/live_data.h"
#include "app/gui/policy_cells.h"
#include "app/gui/policy_columns.h"
#include "app/gui/policy_sentences.h"
#include "app/gui/theme.h"

#include <QApplication>
#include <QHelpEvent>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

namespace weir::gui {

namespace {

constexpr int kBox = 14;
constexpr int kPadding = 9;
constexpr int kIcon = 16;

Direction directionOf(const QModelIndex &index)
{
    return index.column() == WatchModel::LimitUp ? Direction::Up : Direction::Down;
}

dbus::WatchRow watchOf(const QModelIndex &index)
{
    return index.data(kWatchRole).value<dbus::WatchRow>();
}

QRect boxIn(const QRect &cell)
{
    return {cell.left() + kPadding, cell.center().y() - kBox / 2 + 1, kBox, kBox};
}

void paintBox(QPainter *painter, const QRect &box, bool checked, bool stale)
{
    const Colours &c = colours();
    const QColor fill = stale ? c.rest : c.accent;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(checked ? fill : c.dim);
    painter->setBrush(checked ? fill : c.card);
    painter->drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 3.5, 3.5);
    if (checked) {
        painter->setPen(QPen(c.card, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter->drawPolyline(QPolygonF{QPointF(box.left() + 3.4, box.top() + 7.2),
                                        QPointF(box.left() + 6, box.top() + 9.8),
                                        QPointF(box.left() + 10.6, box.top() + 4.4)});
    }
    painter->restore();
}

} // namespace

LimitEditor::LimitEditor(QWidget *viewport) : QLineEdit(viewport), m_bubble(new QLabel(viewport))
{
    setProperty("cell", true);
    setPlaceholderText(tr("none"));
    setMaxLength(64);
    m_bubble->setProperty("bubble", true);
    m_bubble->setTextFormat(Qt::PlainText);
    m_bubble->setAttribute(Qt::WA_TransparentForMouseEvents);
    connect(this, &QLineEdit::textChanged, this, &LimitEditor::showReading);
    showReading();
}

LimitEditor::~LimitEditor()
{
    delete m_bubble;
}

void LimitEditor::setLineSpeed(quint64 bitsPerSecond, const QString &warning)
{
    m_lineSpeed = bitsPerSecond;
    m_tooFast = warning;
    showReading();
}

QString LimitEditor::told() const
{
    return m_bubble->text();
}

bool LimitEditor::event(QEvent *event)
{
    // Return ends what is typed here; it is also a shortcut of the page.
    if (event->type() == QEvent::ShortcutOverride) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Escape) {
            event->accept();
            return true;
        }
    }
    return QLineEdit::event(event);
}

void LimitEditor::moveEvent(QMoveEvent *event)
{
    QLineEdit::moveEvent(event);
    placeBubble();
}

void LimitEditor::resizeEvent(QResizeEvent *event)
{
    QLineEdit::resizeEvent(event);
    placeBubble();
}

void LimitEditor::hideEvent(QHideEvent *event)
{
    QLineEdit::hideEvent(event);
    m_bubble->hide();
}

void LimitEditor::showReading()
{
    m_reading = read({.optional = true}, text());
    const bool tooFast = m_lineSpeed != 0 && m_reading.value.value_or(0) > m_lineSpeed;
    setHint(m_bubble, tooFast ? QStringLiteral("%1 · %2").arg(m_reading.told, m_tooFast) : m_reading.told,
            !m_reading.fits ? Tone::Error
                : tooFast   ? Tone::Warning
                            : Tone::Plain);
    setAccessibleDescription(m_bubble->text());
    placeBubble();
}

void LimitEditor::placeBubble()
{
    const QSize room = parentWidget()->size();
    m_bubble->setWordWrap(false);
    QSize size = m_bubble->sizeHint();
    if (const int most = std::min(320, room.width() - 8); size.width() > most) {
        m_bubble->setWordWrap(true);
        size = {most, m_bubble->heightForWidth(most)};
    }
    const int x = std::clamp(this->x(), 4, std::max(4, room.width() - size.width() - 4));
    const int below = geometry().bottom() + 4;
    const int y = below + size.height() <= room.height() ? below : geometry().top() - size.height() - 3;
    m_bubble->setGeometry(x, y, size.width(), size.height());
    m_bubble->show();
    m_bubble->raise();
}

LimitDelegate::LimitDelegate(DataTable *table, LiveData &live)
    : QStyledItemDelegate(table), m_table(table), m_live(live)
{ }

void LimitDelegate::reopen(const QModelIndex &index, const QString &typed)
{
    m_table->setCurrentIndex(index);
    m_typed = typed;
    m_table->edit(index);
    m_typed.clear();
}

void LimitDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                          const QModelIndex &index) const
{
    m_table->paintGround(painter, option, index);
    QRect cell = option.rect.adjusted(kPadding, 0, -kPadding, 0);
    if (const QVariant checked = index.data(Qt::CheckStateRole); checked.isValid()) {
        paintBox(painter, boxIn(option.rect), checked.toInt() == Qt::Checked,
                 index.data(kStaleRole).toBool());
        cell.setLeft(cell.left() + kBox + 7);
    }
    if (const QVariant mark = index.data(Qt::DecorationRole); mark.isValid()) {
        cell.setRight(cell.right() - kIcon - 3);
        mark.value<QIcon>().paint(painter,
                                  QRect(cell.right() + 4, cell.center().y() - kIcon / 2 + 1, kIcon, kIcon));
    }
    const QVariant colour = index.data(Qt::ForegroundRole);
    painter->setFont(option.font);
    painter->setPen(colour.isValid() ? colour.value<QColor>() : colours().text);
    painter->drawText(
        cell, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
        painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, cell.width()));
    paintCurrent(painter, option);
}

QWidget *LimitDelegate::createEditor(QWidget *parent, const QStyleOptionViewItem &,
                                     const QModelIndex &index) const
{
    auto *editor = new LimitEditor(parent);
    editor->setAccessibleName(
        tr("%1 of %2", "what is typed here, of which watch")
            .arg(policyTitle(directionOf(index) == Direction::Down ? PolicyColumn::LimitDown
                                                                   : PolicyColumn::LimitUp,
                             false),
                 watchOf(index).name));
    editor->setLineSpeed(text::lineSpeed(m_live.links(), watchOf(index)),
                         text::tooFast(m_live.links(), watchOf(index)));
    return editor;
}

void LimitDelegate::setEditorData(QWidget *editor, const QModelIndex &index) const
{
    // Frames come each second: what is typed stays.
    if (editor->property("loaded").toBool())
        return;
    editor->setProperty("loaded", true);
    auto *line = static_cast<LimitEditor *>(editor);
    line->setText(m_typed.isEmpty() ? index.data(Qt::EditRole).toString() : m_typed);
    line->selectAll();
}

void LimitDelegate::setModelData(QWidget *editor, QAbstractItemModel *, const QModelIndex &index) const
{
    const auto *line = static_cast<LimitEditor *>(editor);
    const Reading &reading = line->reading();
    if (!reading.fits)
        return;
    const dbus::WatchRow watch = watchOf(index);
    const DirectedLimit before = directed(watch.limit, directionOf(index));
    if (reading.value.value_or(0) != before.own)
        Q_EMIT entered(watch.name, directionOf(index), reading.value, line->text());
}

void LimitDelegate::updateEditorGeometry(QWidget *editor, const QStyleOptionViewItem &option,
                                         const QModelIndex &) const
{
    editor->setGeometry(option.rect.adjusted(1, 1, -1, -2));
}

bool LimitDelegate::editorEvent(QEvent *event, QAbstractItemModel *, const QStyleOptionViewItem &option,
                                const QModelIndex &index)
{
    const QVariant checked = index.data(Qt::CheckStateRole);
    const auto switchIt = [&] {
        Q_EMIT switched(watchOf(index).name, checked.toInt() != Qt::Checked);
        return true;
    };
    if (event->type() == QEvent::KeyPress)
        return static_cast<QKeyEvent *>(event)->key() == Qt::Key_Space && checked.isValid() && switchIt();
    if (event->type() == QEvent::MouseButtonPress) {
        m_pressed = index;
        return false;
    }
    if (event->type() != QEvent::MouseButtonRelease || m_pressed != index)
        return false;
    const auto *mouse = static_cast<QMouseEvent *>(event);
    if (mouse->button() != Qt::LeftButton || mouse->modifiers() != Qt::NoModifier)
        return false;
    if (checked.isValid() && boxIn(option.rect).adjusted(-5, -6, 5, 6).contains(mouse->pos()))
        return switchIt();
    // When the view is done with this click: it would take the new editor for one of before.
    QMetaObject::invokeMethod(
        this,
        [this, cell = QPersistentModelIndex(index)] {
            if (cell.isValid())
                m_table->edit(cell);
        },
        Qt::QueuedConnection);
    return false;
}

bool LimitDelegate::helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option,
                              const QModelIndex &index)
{
    if (event->type() == QEvent::ToolTip && index.isValid()
        && directed(watchOf(index).limit, directionOf(index)).inForce != 0)
        askShaper(event->globalPos(), index);
    return QStyledItemDelegate::helpEvent(event, view, option, index);
}

void LimitDelegate::askShaper(const QPoint &position, const QPersistentModelIndex &index)
{
    client::Limits(m_live.client())
        .limits(this, [this, position, index](const client::Answer<dbus::LimitRows> &answer) {
            if (!answer || !index.isValid() || !QToolTip::isVisible())
                return;
            const QString name = watchOf(index).name;
            const QLatin1String direction(directionOf(index) == Direction::Down ? "down" : "up");
            const auto row = std::find_if(answer->begin(), answer->end(), [&](const dbus::LimitRow &limit) {
                return limit.name == name && limit.direction == direction;
            });
            const QString tip = index.data(Qt::ToolTipRole).toString();
            if (row != answer->end() && QToolTip::text() == tip)
                QToolTip::showText(position, tip + QStringLiteral("\n\n") + text::shaperTip(*row),
                                   m_table->viewport());
        });
}

bool LimitDelegate::eventFilter(QObject *editor, QEvent *event)
{
    const auto *line = static_cast<const LimitEditor *>(editor);
    if (event->type() == QEvent::KeyPress && !line->reading().fits) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Tab || key == Qt::Key_Backtab)
            return true; // it stays open and says what is wrong
    }
    // Somebody looks something up in another window: nothing is decided yet.
    if (event->type() == QEvent::FocusOut) {
        const Qt::FocusReason reason = static_cast<QFocusEvent *>(event)->reason();
        if (reason == Qt::ActiveWindowFocusReason || reason == Qt::PopupFocusReason)
            return false;
    }
    return QStyledItemDelegate::eventFilter(editor, event);
}

} // namespace weir::gui
