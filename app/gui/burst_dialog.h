// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/policy_dialog.h"

QT_BEGIN_NAMESPACE
class QComboBox;
QT_END_NAMESPACE

namespace weir::gui {

class QuantityEdit;

/// The editor of a burst guard, with what it would have done in the last week.
class BurstDialog : public PolicyDialog
{
    Q_OBJECT
public:
    BurstDialog(LiveData &live, PolicyActions &actions, const dbus::WatchRow &watch,
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
    /// The guard as the fields have it.
    dbus::BurstState wanted() const;

    QuantityEdit *m_trigger;
    QComboBox *m_direction;
    QuantityEdit *m_window;
    QuantityEdit *m_throttle;
    QuantityEdit *m_hold;
    QWidget *m_now;
    QLabel *m_nowText;
    QPushButton *m_restore;
    QLabel *m_preview;
    uint m_asked = 0; ///< the latest preview that was asked for
};

} // namespace weir::gui
