// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/policy_dialog.h"

QT_BEGIN_NAMESPACE
class QButtonGroup;
class QComboBox;
class QGridLayout;
class QLineEdit;
QT_END_NAMESPACE

namespace weir::gui {

class PortEdit;
class QuantityEdit;
class QuotaBar;

/// The editor of a quota: how much, how it is counted and from when, what happens at its end; how it stands
/// now, what the provider says, and a period that begins by hand.
class QuotaDialog : public PolicyDialog
{
    Q_OBJECT
public:
    QuotaDialog(LiveData &live, PolicyActions &actions, const dbus::WatchRow &watch,
                QWidget *parent = nullptr);

    QString previewText() const;

protected:
    bool isSet() const override;
    void load() override;
    QString wrong() const override;
    QVariantMap fields() const override;
    QString describe() const override;
    void arrange() override;
    void askPreview() override;
    void clearPreview() override;

private:
    void buildCounting(QGridLayout *form);
    void buildOverflow(QGridLayout *form);
    QWidget *buildStanding();
    void buildProvider(QGridLayout *form);
    /// The quota as the fields have it.
    dbus::QuotaState wanted() const;
    QString exempt() const;
    void loadExempt(const QString &exempt);
    QString wrongAlerts() const;
    QString wrongExempt() const;
    void showPreview(const dbus::QuotaState &quota);
    void calibrate();
    void beginPeriod();

    QuantityEdit *m_size = nullptr;
    QComboBox *m_billing = nullptr;
    QComboBox *m_scope = nullptr;
    QComboBox *m_resetDay = nullptr;
    QLineEdit *m_factor = nullptr;
    QLineEdit *m_alerts = nullptr;
    QLabel *m_countingHint = nullptr;
    QButtonGroup *m_overflow = nullptr;
    QuantityEdit *m_throttle = nullptr;
    QWidget *m_slow = nullptr;  ///< what a throttle asks for
    QWidget *m_block = nullptr; ///< what a block asks for
    QCheckBox *m_exemptLocal = nullptr;
    QCheckBox *m_exemptSsh = nullptr;
    PortEdit *m_exemptPorts = nullptr;
    QLabel *m_exemptHint = nullptr;
    QLabel *m_cuts = nullptr;
    QuotaBar *m_bar = nullptr;
    QLabel *m_standing = nullptr;
    QList<QWidget *> m_ofExisting; ///< what only a quota that is set already has
    QuantityEdit *m_says = nullptr;
    QPushButton *m_correct = nullptr;
    QPushButton *m_uncorrect = nullptr;
    QPushButton *m_begin = nullptr;
    QPushButton *m_unbegin = nullptr;
    dbus::QuotaState m_preview;
    uint m_asked = 0; ///< the latest preview that was asked for
};

} // namespace weir::gui
