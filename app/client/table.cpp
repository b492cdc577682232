// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/table.h"

#include <algorithm>
#include <array>

namespace weir::client {

namespace {

struct Span {
    char32_t first;
    char32_t last;
};

// East Asian Width W and F of Unicode 15, in blocks.
constexpr std::array kWide{
    Span{0x1100, 0x115F},   Span{0x231A, 0x231B},   Span{0x2E80, 0x303E},   Span{0x3041, 0x33FF},
    Span{0x3400, 0x4DBF},   Span{0x4E00, 0x9FFF},   Span{0xA000, 0xA4CF},   Span{0xA960, 0xA97F},
    Span{0xAC00, 0xD7A3},   Span{0xF900, 0xFAFF},   Span{0xFE30, 0xFE6F},   Span{0xFF00, 0xFF60},
    Span{0xFFE0, 0xFFE6},   Span{0x16FE0, 0x18CFF}, Span{0x1B000, 0x1B2FF}, Span{0x1F300, 0x1F64F},
    Span{0x1F680, 0x1F6FF}, Span{0x1F900, 0x1F9FF}, Span{0x1FA70, 0x1FAFF}, Span{0x20000, 0x3FFFD},
};

int widthOf(char32_t c)
{
    switch (QChar::category(c)) {
    case QChar::Mark_NonSpacing:
    case QChar::Mark_Enclosing:
    case QChar::Other_Format:
        return 0;
    default:
        break;
    }
    return std::any_of(kWide.begin(), kWide.end(),
                       [c](Span span) { return c >= span.first && c <= span.last; })
        ? 2
        : 1;
}

bool turnsDirection(char32_t c)
{
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F;
}

} // namespace

int displayWidth(const QString &text)
{
    int width = 0;
    const auto characters = text.toUcs4();
    for (const char32_t c : characters)
        width += widthOf(c);
    return width;
}

QString elided(const QString &text, int width)
{
    if (displayWidth(text) <= width)
        return text;
    QString kept;
    int used = 1; // the ellipsis
    const auto characters = text.toUcs4();
    for (const char32_t c : characters) {
        used += widthOf(c);
        if (used > width)
            break;
        kept += QString::fromUcs4(&c, 1);
    }
    return kept + QStringLiteral("…");
}

QString printable(const QString &text)
{
    QString result;
    result.reserve(text.size());
    const auto characters = text.toUcs4();
    for (const char32_t c : characters) {
        const auto category = QChar::category(c);
        if (category == QChar::Other_Control || category == QChar::Separator_Line
            || category == QChar::Separator_Paragraph)
            result += QLatin1Char(' ');
        else if (!turnsDirection(c))
            result += QString::fromUcs4(&c, 1);
    }
    return result;
}

void Table::add(const QStringList &cells)
{
    Q_ASSERT(size_t(cells.size()) == m_columns.size());
    QStringList row;
    for (size_t column = 0; column < m_columns.size(); ++column)
        row << elided(printable(cells.at(qsizetype(column))), m_columns[column].maxWidth);
    m_rows.push_back(row);
}

QStringList Table::lines() const
{
    QStringList titles;
    for (const Column &column : m_columns)
        titles << column.title;
    std::vector<int> widths;
    for (const QString &title : titles)
        widths.push_back(displayWidth(title));
    for (const QStringList &row : m_rows) {
        for (size_t column = 0; column < widths.size(); ++column)
            widths[column] = std::max(widths[column], displayWidth(row.at(qsizetype(column))));
    }
    const auto line = [&](const QStringList &cells) {
        QString text;
        for (size_t column = 0; column < widths.size(); ++column) {
            const QString &cell = cells.at(qsizetype(column));
            const QString padding(widths[column] - displayWidth(cell), QLatin1Char(' '));
            if (column > 0)
                text += QStringLiteral("  ");
            text += m_columns[column].align == Align::Left ? cell + padding : padding + cell;
        }
        while (text.endsWith(QLatin1Char(' ')))
            text.chop(1);
        return text;
    };
    QStringList lines{line(titles)};
    for (const QStringList &row : m_rows)
        lines << line(row);
    return lines;
}

} // namespace weir::client
