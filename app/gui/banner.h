// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace weir::gui {

class LiveData;

/// Says that the helper is away or does not answer, what to do, and since when the figures stand still. Goes
/// by itself.
class Banner : public QFrame
{
    Q_OBJECT
public:
    explicit Banner(LiveData &live, QWidget *parent = nullptr);
    QString title() const;

private:
    void follow();

    LiveData &m_live;
    QLabel *m_icon;
    QLabel *m_title;
    QLabel *m_text;
    QPushButton *m_retry;
};

} // namespace weir::gui
