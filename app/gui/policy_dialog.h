// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/limits.h"

#include <QDialog>
#include <QTimer>

QT_BEGIN_NAMESPACE
class QCheckBox;
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace weir::gui {

class LiveData;
class PolicyActions;

/// What the editors of limits, quotas and burst guards share: a switch, fields that are checked as one types,
/// a sentence that says what will happen, a preview, and buttons to save and to remove.
///
/// The helper has the last word; its refusal is shown with everything that was typed still in place. A watch
/// that was changed elsewhere meanwhile is read again.
class PolicyDialog : public QDialog
{
    Q_OBJECT
public:
    /// `live` and `actions` outlive the dialog.
    PolicyDialog(client::Policy policy, LiveData &live, PolicyActions &actions, const dbus::WatchRow &watch,
                 QWidget *parent);

    QString sentence() const;
    /// Why it cannot be saved as it is; empty when it can.
    QString reason() const;

    bool event(QEvent *event) override;

protected:
    /// Whether the watch has such a policy already.
    virtual bool isSet() const = 0;
    /// Fills the fields in with those of watch(), or with a start when it has none.
    virtual void load() = 0;
    /// What is wrong with the fields, for the one who looks for why it cannot be saved; empty when nothing
    /// is.
    virtual QString wrong() const = 0;
    virtual QVariantMap fields() const = 0;
    /// What these fields do. Asked only while nothing is wrong with them.
    virtual QString describe() const = 0;
    /// Shows the parts that go with what is chosen.
    virtual void arrange() { }
    /// Asks the helper what would be, or would have been. While something is wrong nobody asks.
    virtual void askPreview() { }
    virtual void clearPreview() { }

    /// Puts `body` into the window. Call once, at the end of the constructor; loads and checks.
    void finish(QWidget *body);
    /// For every change of a field.
    void check();
    /// For the answer to a change that is made while the dialog stays: reads the watch again, or shows why
    /// not.
    void afterChange(const client::Answer<uint> &answer);

    const dbus::WatchRow &watch() const { return m_watch; }
    LiveData &live() const { return m_live; }
    PolicyActions &actions() const { return m_actions; }
    client::Limits limits() const;
    bool enabledWanted() const;
    void setEnabledWanted(bool enabled);
    bool busy() const { return m_busy; }
    void setBusy(bool busy);
    void showMessage(const QString &text, bool error);

private:
    void save();
    void remove();
    void answered(const client::Answer<uint> &answer);
    void readAgain(const client::Answer<uint> &answer);

    client::Policy m_policy;
    LiveData &m_live;
    PolicyActions &m_actions;
    dbus::WatchRow m_watch;
    QCheckBox *m_enabled;
    QLabel *m_sentence;
    QLabel *m_reason;
    QLabel *m_message;
    QPushButton *m_save = nullptr;
    QPushButton *m_remove = nullptr;
    QTimer m_preview;
    bool m_busy = false;
};

} // namespace weir::gui
