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

    QuantityEdit *m_size;
    QComboBox *m_billing;
    QComboBox *m_scope;
    QComboBox *m_resetDay;
    QLineEdit *m_factor;
    QLineEdit *m_alerts;
    QLabel *m_countingHint;
    QButtonGroup *m_overflow;
    QuantityEdit *m_throttle;
    QWidget *m_block;
    QCheckBox *m_exemptLocal;
    QCheckBox *m_exemptSsh;
    PortEdit *m_exemptPorts;
    QLabel *m_exemptHint;
    QLabel *m_cuts;
    QuotaBar *m_bar;
    QLabel *m_standing;
    QList<QWidget *> m_ofExisting; ///< what only a quota that is set already has
    QuantityEdit *m_says;
    QPushButton *m_correct;
    QPushButton *m_uncorrect;
    QPushButton *m_begin;
    QPushButton *m_unbegin;
    dbus::QuotaState m_preview;
    uint m_asked = 0; ///< the latest preview that was asked for
};

} // namespace weir::gui
