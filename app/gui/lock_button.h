// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QToolButton>

namespace PolkitQt1::Gui {
class ActionButton;
}

namespace weir::gui {

/// Shows whether this person may change things, and asks for a password ahead of the first change.
///
/// Only a convenience: the helper asks polkit for every change by itself, so nothing is disabled here. Where
/// polkit cannot be asked (no bus, no policy) the button says so.
class LockButton : public QToolButton
{
    Q_OBJECT
public:
    explicit LockButton(QWidget *parent = nullptr);

    /// Asks polkit anew what this person may do; call when the helper has come.
    void refresh();

private:
    void dress();
    void pressed();

    PolkitQt1::Gui::ActionButton *m_action;
};

} // namespace weir::gui
