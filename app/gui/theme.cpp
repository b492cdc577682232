// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/theme.h"

#include <QApplication>
#include <QEvent>
#include <QFile>
#include <QStyleFactory>
#include <QToolTip>

namespace weir::gui {

namespace {

const Colours kLight = {
    .window = 0xf4f5f7,
    .side = 0xebedf0,
    .card = 0xffffff,
    .border = 0xdfe2e7,
    .text = 0x1b1f24,
    .dim = 0x59626e,
    .grid = 0xe9ebef,
    .hover = 0xf2f5f9,
    .accent = 0x1565c0,
    .accentSoft = 0xdbe9f9,
    .down = 0x1769c4,
    .up = 0xc85a00,
    .internet = 0x0b6e63,
    .local = 0xcf8fc4,
    .rest = 0xa9b0ba,
    .good = 0x1b7a43,
    .warning = 0x9a5b00,
    .warningSoft = 0xfff3dc,
    .error = 0xb3261e,
    .errorSoft = 0xfdeceb,
};

const Colours kDark = {
    .window = 0x16181c,
    .side = 0x111316,
    .card = 0x1f2227,
    .border = 0x32363d,
    .text = 0xe7e9ec,
    .dim = 0xa0a8b3,
    .grid = 0x2b2f36,
    .hover = 0x272b31,
    .accent = 0x6cb0ff,
    .accentSoft = 0x23405f,
    .down = 0x5aaaff,
    .up = 0xffa14a,
    .internet = 0x5fd6c4,
    .local = 0x9a5fb5,
    .rest = 0x68707b,
    .good = 0x62cf8f,
    .warning = 0xf0b651,
    .warningSoft = 0x3a2f19,
    .error = 0xff8a80,
    .errorSoft = 0x43221f,
};

QPalette paletteOf(const Colours &c, bool dark)
{
    QPalette palette(c.text, c.card, dark ? c.border.lighter(130) : c.card, c.border.darker(120), c.border,
                     c.text, c.text, c.card, c.window);
    palette.setColor(QPalette::AlternateBase, c.hover);
    palette.setColor(QPalette::Button, c.card);
    palette.setColor(QPalette::Highlight, c.accent);
    palette.setColor(QPalette::HighlightedText, dark ? QColor(0x0b1a2b) : QColor(Qt::white));
    palette.setColor(QPalette::Link, c.accent);
    palette.setColor(QPalette::LinkVisited, c.accent);
    palette.setColor(QPalette::PlaceholderText, withAlpha(c.dim, 0.8));
    palette.setColor(QPalette::ToolTipBase, c.card);
    palette.setColor(QPalette::ToolTipText, c.text);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, withAlpha(c.dim, 0.6));
    palette.setColor(QPalette::Disabled, QPalette::Highlight, c.border);
    palette.setColor(QPalette::Disabled, QPalette::HighlightedText, c.dim);
    return palette;
}

QString styleSheetOf(const Colours &c, bool dark)
{
    QFile file(QStringLiteral(":/weir/style.qss"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QString sheet = QString::fromUtf8(file.readAll());
    const std::pair<const char *, QColor> names[] = {
        {"@window", c.window},
        {"@side", c.side},
        {"@card", c.card},
        {"@border", c.border},
        {"@text", c.text},
        {"@dim", c.dim},
        {"@grid", c.grid},
        {"@hover", c.hover},
        {"@accentSoft", c.accentSoft},
        {"@accentText", dark ? QColor(0x0b1a2b) : QColor(Qt::white)},
        {"@accent", c.accent},
        {"@warningSoft", c.warningSoft},
        {"@warning", c.warning},
        {"@errorSoft", c.errorSoft},
        {"@error", c.error},
        {"@down", c.down},
        {"@up", c.up},
    };
    for (const auto &[name, colour] : names)
        sheet.replace(QLatin1String(name), colour.name());
    return sheet.replace(QLatin1String("@look"), dark ? QLatin1String("dark") : QLatin1String("light"));
}

} // namespace

QColor withAlpha(QColor colour, qreal opacity)
{
    colour.setAlphaF(float(opacity));
    return colour;
}

std::optional<ThemeChoice> themeFromName(const QString &name)
{
    for (const auto choice : {ThemeChoice::System, ThemeChoice::Light, ThemeChoice::Dark})
        if (name == nameOfTheme(choice))
            return choice;
    return std::nullopt;
}

QString nameOfTheme(ThemeChoice choice)
{
    switch (choice) {
    case ThemeChoice::System:
        return QStringLiteral("system");
    case ThemeChoice::Light:
        return QStringLiteral("light");
    case ThemeChoice::Dark:
        return QStringLiteral("dark");
    }
    Q_UNREACHABLE();
}

Theme &Theme::instance()
{
    static Theme theme;
    return theme;
}

Theme::Theme()
{
    qApp->setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    qApp->installEventFilter(this);
    apply();
}

const Colours &Theme::colours() const
{
    return m_dark ? kDark : kLight;
}

const Colours &colours()
{
    return Theme::instance().colours();
}

void Theme::setChoice(ThemeChoice choice)
{
    if (m_choice == choice)
        return;
    m_choice = choice;
    apply();
}

void Theme::apply()
{
    m_applying = true;
    if (m_choice == ThemeChoice::System) {
        // Only without a palette of ours does the application show the desktop's.
        qApp->setPalette(QPalette());
        const QPalette desktop = qApp->palette();
        m_dark =
            desktop.color(QPalette::Window).lightness() < desktop.color(QPalette::WindowText).lightness();
    } else {
        m_dark = m_choice == ThemeChoice::Dark;
    }
    const QPalette palette = paletteOf(colours(), m_dark);
    qApp->setPalette(palette);
    QToolTip::setPalette(palette);
    qApp->setStyleSheet(styleSheetOf(colours(), m_dark));
    m_applying = false;
    Q_EMIT changed();
}

bool Theme::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::ThemeChange && !m_applying && m_choice == ThemeChoice::System
        && watched->isWindowType())
        apply();
    return QObject::eventFilter(watched, event);
}

} // namespace weir::gui
