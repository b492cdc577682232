// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/other_links.h"

#include "app/gui/figures.h"
#include "app/gui/icons.h"
#include "app/gui/texts.h"
#include "app/gui/theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QToolButton>

#include <algorithm>

namespace weir::gui {

namespace {

/// What the list shows; rates and totals of such links are not among it.
bool looksLike(const dbus::LinkRow &a, const dbus::LinkRow &b)
{
    return a.name == b.name && a.kind == b.kind && a.state == b.state && a.reason == b.reason;
}

} // namespace

OtherLinks::OtherLinks(QWidget *parent)
    : QFrame(parent), m_toggle(new QToolButton), m_body(new QWidget), m_grid(new QGridLayout(m_body))
{
    setProperty("card", true);
    m_toggle->setCheckable(true);
    m_toggle->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_toggle->setToolTip(tr("Links whose packets the meter does not see, so that nothing is counted twice"));
    m_grid->setContentsMargins(30, 0, 0, 4);
    m_grid->setHorizontalSpacing(20);
    m_grid->setVerticalSpacing(6);
    m_grid->setColumnStretch(2, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 18, 8);
    layout->addWidget(m_toggle, 0, Qt::AlignLeft);
    layout->addWidget(m_body);
    connect(m_toggle, &QToolButton::toggled, this, &OtherLinks::fold);
    connect(&Theme::instance(), &Theme::changed, this, &OtherLinks::fold);
    fold();
    hide();
}

void OtherLinks::setLinks(const dbus::LinkRows &links)
{
    const bool same = std::equal(links.begin(), links.end(), m_links.begin(), m_links.end(), looksLike);
    m_links = links;
    setVisible(!links.isEmpty());
    if (same)
        return;
    m_toggle->setText(tr("%Ln other link(s), not metered", nullptr, int(links.size())));
    if (m_toggle->isChecked())
        rebuild();
}

void OtherLinks::fold()
{
    const bool open = m_toggle->isChecked();
    m_toggle->setIcon(lineIcon(open ? Icon::ChevronDown : Icon::ChevronRight, colours().dim));
    if (open)
        rebuild();
    m_body->setVisible(open);
}

void OtherLinks::rebuild()
{
    while (QLayoutItem *item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int row = 0;
    for (const dbus::LinkRow &link : std::as_const(m_links)) {
        auto *name = new QLabel(link.name);
        name->setTextFormat(Qt::PlainText);
        name->setToolTip(link.addresses.join(QLatin1Char('\n')));
        auto *reason = dimLabel(text::linkReason(link.reason));
        reason->setWordWrap(true);
        m_grid->addWidget(name, row, 0, Qt::AlignTop);
        m_grid->addWidget(dimLabel(text::linkKind(link.kind)), row, 1, Qt::AlignTop);
        m_grid->addWidget(reason, row, 2);
        ++row;
    }
}

} // namespace weir::gui
