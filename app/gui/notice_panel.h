// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace weir::gui {

/// Stands where there is nothing to show: says why, and what to do next.
class NoticePanel : public QWidget
{
    Q_OBJECT
public:
    explicit NoticePanel(QWidget *parent = nullptr);

    /// `button` may be empty.
    void setNotice(const QString &title, const QString &text, const QString &button = {});
    QString title() const;

Q_SIGNALS:
    void activated();

private:
    QLabel *m_title;
    QLabel *m_text;
    QPushButton *m_button;
};

} // namespace weir::gui
