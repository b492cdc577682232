// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/series_model.h"

#include <QToolButton>

QT_BEGIN_NAMESPACE
class QFrame;
class QLineEdit;
class QListView;
QT_END_NAMESPACE

namespace weir::gui {

/// A button that names the chosen series and opens a list of all, with a search line where they are many.
class SeriesPicker : public QToolButton
{
    Q_OBJECT
public:
    /// From so many on they can be searched.
    static constexpr int kSearchFrom = 12;

    explicit SeriesPicker(QWidget *parent = nullptr);

    /// The choice stays where it is still there.
    void setSeries(const dbus::SeriesRows &series);
    /// Chooses without telling; nothing happens when there is none of that name.
    void setCurrent(const QString &series);
    /// Null when there is nothing to choose from.
    const dbus::SeriesRow *current() const { return m_model->find(m_current); }
    const SeriesModel &model() const { return *m_model; }

    void openList();

Q_SIGNALS:
    /// The person chose another one.
    void chosen(const QString &series);

protected:
    void paintEvent(QPaintEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void buildPopup();
    void walk(int by);
    void take(const QModelIndex &index);
    void showCurrent();

    SeriesModel *m_model;
    QFrame *m_popup;
    QLineEdit *m_search;
    QListView *m_list;
    QString m_current;
};

} // namespace weir::gui
