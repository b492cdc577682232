// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QToolButton>

namespace weir::gui {

class LiveData;

/// Shows how many problems the helper knows of; pressed, it lists them with their remedies. Hidden while all
/// is well.
class ProblemsButton : public QToolButton
{
    Q_OBJECT
public:
    explicit ProblemsButton(LiveData &live, QWidget *parent = nullptr);

private:
    void follow();
    void list();

    LiveData &m_live;
};

} // namespace weir::gui
