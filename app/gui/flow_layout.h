// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLayout>

namespace weir::gui {

/// Lays widgets out as words in a paragraph: from left to right, and in a new line where there is no room.
class FlowLayout final : public QLayout
{
public:
    explicit FlowLayout(int spacing, QWidget *parent = nullptr);
    ~FlowLayout() override;

    void addItem(QLayoutItem *item) override { m_items.append(item); }
    int count() const override { return int(m_items.size()); }
    QLayoutItem *itemAt(int index) const override { return m_items.value(index); }
    QLayoutItem *takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return {}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return arrange(QRect(0, 0, width, 0), Apply::No); }
    void setGeometry(const QRect &rect) override;
    QSize sizeHint() const override;
    QSize minimumSize() const override;

private:
    enum class Apply { No, Yes };
    int arrange(const QRect &outer, Apply apply) const;

    QList<QLayoutItem *> m_items;
};

} // namespace weir::gui
