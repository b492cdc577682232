// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QTimer>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
class QToolButton;
QT_END_NAMESPACE

namespace weir::gui {

/// A small message that floats at the foot of the window: what was done, with an undo, or what did not work.
class Capsule : public QFrame
{
    Q_OBJECT
public:
    explicit Capsule(QWidget *window);

    /// Stays until undone, closed, or `keep` is over.
    void offerUndo(const QString &text, std::chrono::milliseconds keep);
    /// Stays for some seconds.
    void tell(const QString &text);
    QString text() const;

Q_SIGNALS:
    void undoRequested();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void appear(const QString &text, bool undo, std::chrono::milliseconds keep);
    void place();

    QLabel *m_text;
    QPushButton *m_undo;
    QToolButton *m_close;
    QTimer m_over;
};

} // namespace weir::gui
