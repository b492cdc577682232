// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <vector>

namespace weir::client {

/// Columns that `text` takes on a terminal: East Asian wide characters take two, combining marks none.
int displayWidth(const QString &text);

/// `text` in at most `width` columns, its end replaced by "…" when it is longer.
QString elided(const QString &text, int width);

/// `text` fit for a terminal: control characters, which could drive it, become spaces; directions marks go.
QString printable(const QString &text);

/// Rows of text in aligned columns, for people.
class Table
{
public:
    enum class Align { Left, Right };
    struct Column {
        QString title;
        Align align = Align::Left;
        int maxWidth = 60; ///< longer cells are elided
    };

    explicit Table(std::vector<Column> columns) : m_columns(std::move(columns)) { }

    /// As many cells as columns.
    void add(const QStringList &cells);
    bool isEmpty() const { return m_rows.empty(); }

    /// One line each, the titles first, without spaces at the ends.
    QStringList lines() const;

private:
    std::vector<Column> m_columns;
    std::vector<QStringList> m_rows;
};

} // namespace weir::client
