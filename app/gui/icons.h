// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>

namespace weir::gui {

/// Line icons, painted on a grid of 24 at any size, in the colours of the theme of the moment.
enum class Icon {
    Overview,
    Watches,
    Connections,
    Locked,
    Unlocked,
    Warning,
    Check,
    Add,
    Edit,
    Remove,
    Pause,
    Resume,
    Undo,
    Menu,
    Search,
    Help,
    Close,
    Down,
    Up,
    Ethernet,
    Wireless,
    Link,
    ChevronLeft,
    ChevronRight,
    ChevronDown,
    Refresh,
    History,
    Export,
    Limit,
    Quota,
    Burst,
    Guard,
    Blocked,
    Clock,
};

/// Colour: the theme's text colour (dimmed when disabled) unless one is given.
QIcon lineIcon(Icon which, QColor colour = {});

/// The application's own icon, from the desktop's icon theme or the copy inside the program.
QIcon applicationIcon();

} // namespace weir::gui
