// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>

namespace weir::gui {

/// A line that underlines the piece that is wrong while one types.
class PortEdit : public QLineEdit
{
    Q_OBJECT
public:
    explicit PortEdit(QWidget *parent = nullptr);

    /// Marks `length` characters from `offset`.
    void mark(qsizetype offset, qsizetype length);
    void clearMark();

    qsizetype markOffset() const { return m_offset; }
    qsizetype markLength() const { return m_length; } ///< 0: nothing is marked

private:
    void format();

    qsizetype m_offset = 0;
    qsizetype m_length = 0;
};

} // namespace weir::gui
