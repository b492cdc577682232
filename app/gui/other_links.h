// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QFrame>

QT_BEGIN_NAMESPACE
class QGridLayout;
class QToolButton;
QT_END_NAMESPACE

namespace weir::gui {

/// Links that are not metered, folded away, each with the reason.
class OtherLinks : public QFrame
{
    Q_OBJECT
public:
    explicit OtherLinks(QWidget *parent = nullptr);
    void setLinks(const dbus::LinkRows &links);

private:
    void fold();
    void rebuild();

    QToolButton *m_toggle;
    QWidget *m_body;
    QGridLayout *m_grid;
    dbus::LinkRows m_links;
};

} // namespace weir::gui
