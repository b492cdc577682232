// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/client/client.h"

#include <QDialog>

#include <optional>

QT_BEGIN_NAMESPACE
class QButtonGroup;
class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
QT_END_NAMESPACE

namespace weir::gui {

class LiveData;

/// Makes or edits a watch. What is typed is checked at once; the helper has the last word, and its refusal is
/// shown here with everything that was typed still in place.
class WatchDialog : public QDialog
{
    Q_OBJECT
public:
    /// A new watch.
    explicit WatchDialog(LiveData &live, QWidget *parent = nullptr);
    /// Changes `watch`.
    WatchDialog(LiveData &live, const dbus::WatchRow &watch, QWidget *parent = nullptr);

    /// Fills in a new watch's name, ports and protocol ("tcp", "udp", "both").
    void propose(const QString &name, const QString &ports, const QString &protocol);

Q_SIGNALS:
    /// The helper has taken the watch.
    void saved(const QString &name);

private:
    void build();
    void load(const dbus::WatchRow &watch);
    void loadLinks();
    void loadServices();
    void check();
    bool checkName();
    bool checkPorts();
    bool checkService();
    bool checkCounted();
    bool checkNote();
    void save();
    void answered(const client::Answer<uint> &answer, const QString &name);
    void afterConflict(const client::CallError &error);
    void showMessage(const QString &text, bool error);
    void setBusy(bool busy);
    QString service() const;
    QString name() const;
    QString note() const;
    QVariantMap fields() const;

    LiveData &m_live;
    std::optional<dbus::WatchRow> m_original;
    QButtonGroup *m_kind = nullptr;
    QLineEdit *m_name = nullptr;
    QLabel *m_nameHint = nullptr;
    QWidget *m_portsForm = nullptr;
    QLineEdit *m_ports = nullptr;
    QLabel *m_portsHint = nullptr;
    QComboBox *m_protocol = nullptr;
    QWidget *m_linkForm = nullptr;
    QComboBox *m_link = nullptr;
    QWidget *m_serviceForm = nullptr;
    QComboBox *m_service = nullptr;
    QLabel *m_serviceHint = nullptr;
    QPlainTextEdit *m_note = nullptr;
    QLabel *m_noteHint = nullptr;
    QLabel *m_message = nullptr;
    QPushButton *m_save = nullptr;
    bool m_busy = false;
};

} // namespace weir::gui
