// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QAbstractButton>
#include <QFrame>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace weir::gui {

/// One watch with its rates and a bar: blue for down, orange for up, as long as its share of the busiest one.
class BusyRow : public QAbstractButton
{
    Q_OBJECT
public:
    explicit BusyRow(QWidget *parent = nullptr);
    /// `scale`: bytes per second that fill the bar; 0 leaves it empty.
    void setWatch(const dbus::WatchRow &watch, double scale);
    void setStale(bool stale);
    const dbus::WatchRow &watch() const { return m_watch; }
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void paintBar(QPainter &painter, const QRectF &bar) const;

    dbus::WatchRow m_watch;
    double m_scale = 0;
    bool m_stale = false;
};

/// The six busiest watches, or the next step where there is none.
class BusiestList : public QFrame
{
    Q_OBJECT
public:
    static constexpr int kRows = 6;

    explicit BusiestList(QWidget *parent = nullptr);
    void setWatches(const QList<dbus::WatchRow> &busiest, int all);
    void setStale(bool stale);
    QList<const BusyRow *> rows() const; ///< those that show

Q_SIGNALS:
    void addRequested();
    /// Somebody wants to see the watch's connections.
    void watchActivated(const QString &name);
    void allRequested();

private:
    QList<BusyRow *> m_rows;
    QLabel *m_empty;
    QPushButton *m_add;
    QPushButton *m_all;
};

} // namespace weir::gui
