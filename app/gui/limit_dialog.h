// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/policy_dialog.h"

QT_BEGIN_NAMESPACE
class QComboBox;
QT_END_NAMESPACE

namespace weir::gui {

class QuantityEdit;

/// The editor of a limit: both directions and when they hold.
class LimitDialog : public PolicyDialog
{
    Q_OBJECT
public:
    LimitDialog(LiveData &live, PolicyActions &actions, const dbus::WatchRow &watch,
                QWidget *parent = nullptr);

protected:
    bool isSet() const override;
    void load() override;
    QString wrong() const override;
    QVariantMap fields() const override;
    QString describe() const override;
    void arrange() override;

private:
    QString when() const;

    QuantityEdit *m_down;
    QuantityEdit *m_up;
    QComboBox *m_when;
    QLabel *m_whenHint;
    QLabel *m_problem;
};

} // namespace weir::gui
