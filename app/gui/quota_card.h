// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QAbstractButton>
#include <QFrame>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace weir::gui {

/// The quota of a watch: how much is used, when it resets, where it is heading. A click leads to its editor.
class QuotaRow : public QAbstractButton
{
    Q_OBJECT
public:
    explicit QuotaRow(QWidget *parent = nullptr);
    void setWatch(const dbus::WatchRow &watch);
    const dbus::WatchRow &watch() const { return m_watch; }
    void setStale(bool stale);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    dbus::WatchRow m_watch;
    bool m_stale = false;
};

/// The quotas that are used most, on the first page; not there while there is none.
class QuotaCard : public QFrame
{
    Q_OBJECT
public:
    /// The card shows at most so many.
    static constexpr int kRows = 4;

    explicit QuotaCard(QWidget *parent = nullptr);
    /// `fullest`: at most kRows; `all`: how many there are.
    void setWatches(const QList<dbus::WatchRow> &fullest, int all);
    void setStale(bool stale);
    QList<const QuotaRow *> rows() const;

Q_SIGNALS:
    /// The quota of this watch was clicked.
    void activated(const QString &name);

private:
    QList<QuotaRow *> m_rows;
    QLabel *m_more;
};

} // namespace weir::gui
