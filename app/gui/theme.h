// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QObject>
#include <QPalette>

#include <optional>

namespace weir::gui {

enum class ThemeChoice { System, Light, Dark };

/// "system", "light", "dark": as typed on the command line and kept in the settings.
std::optional<ThemeChoice> themeFromName(const QString &name);
QString nameOfTheme(ThemeChoice choice);

/// The colours of one look. Down and up are blue and orange, which colour-blind people tell apart; they never
/// carry a meaning alone: an arrow or a word stands beside them.
struct Colours {
    QColor window; ///< behind everything
    QColor side;   ///< behind the navigation
    QColor card;   ///< behind content
    QColor border;
    QColor text;
    QColor dim;  ///< labels and secondary text, at least 4.5:1 on card
    QColor grid; ///< chart grid, row separators
    QColor hover;
    QColor accent;
    QColor accentSoft; ///< behind what is selected
    QColor down;
    QColor up;
    QColor
        internet; ///< the parts of a bar that is divided by scope: dark, light and grey, apart for everybody
    QColor local;
    QColor rest;
    QColor good;
    QColor warning;
    QColor warningSoft; ///< behind a warning
    QColor error;
    QColor errorSoft;
};

/// The look of the whole application: Fusion with a palette of our own, light or dark.
class Theme : public QObject
{
    Q_OBJECT
public:
    static Theme &instance();

    ThemeChoice choice() const { return m_choice; }
    bool isDark() const { return m_dark; }
    const Colours &colours() const;

    /// Applies at once to every widget. `System` follows the palette of the desktop.
    void setChoice(ThemeChoice choice);

    bool eventFilter(QObject *watched, QEvent *event) override;

Q_SIGNALS:
    void changed();

private:
    Theme();
    void apply();

    ThemeChoice m_choice = ThemeChoice::System;
    bool m_dark = false;
    bool m_applying = false;
};

/// Shorthand for Theme::instance().colours().
const Colours &colours();

/// `colour` with an opacity of 0-1.
QColor withAlpha(QColor colour, qreal opacity);

} // namespace weir::gui
