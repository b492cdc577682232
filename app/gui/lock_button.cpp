// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/lock_button.h"

#include "app/gui/icons.h"
#include "app/gui/theme.h"
#include "dbus/names.h"

#include <PolkitQt1/Authority>
#include <PolkitQt1/Gui/ActionButton>
#include <PolkitQt1/Subject>

#include <QCoreApplication>

namespace weir::gui {

using PolkitQt1::Authority;
using PolkitQt1::Gui::Action;
using PolkitQt1::Gui::ActionButton;

LockButton::LockButton(QWidget *parent)
    : QToolButton(parent), m_action(new ActionButton(this, dbus::action::kConfigure, this))
{
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setIconSize(QSize(22, 16));
    dress();
    // A No of now may be a Yes after a log-in elsewhere: the button stays usable.
    m_action->setEnabled(true, Action::No);
    connect(m_action, &ActionButton::clicked, this, &LockButton::pressed);
    connect(&Theme::instance(), &Theme::changed, this, &LockButton::dress);
    connect(Authority::instance(), &Authority::checkAuthorizationFinished, this, &LockButton::refresh);
}

void LockButton::dress()
{
    m_action->setText(tr("Locked"), Action::Auth);
    m_action->setIcon(lineIcon(Icon::Locked), Action::Auth);
    m_action->setToolTip(tr("Changes need a password. Click to unlock them for some minutes."), Action::Auth);
    m_action->setText(tr("Unlocked"), Action::Yes);
    m_action->setIcon(lineIcon(Icon::Unlocked, colours().good), Action::Yes);
    m_action->setToolTip(
        tr("You may change watches and settings. Click to lock again, if a password unlocked it."),
        Action::Yes);
    m_action->setText(tr("Read only"), Action::No);
    m_action->setIcon(lineIcon(Icon::Locked, colours().dim), Action::No);
    m_action->setToolTip(
        tr("You may look but not change anything here, or polkit cannot be asked. Click to try."),
        Action::No);
    if (Authority::instance()->hasError()) {
        setText(tr("Unknown rights"));
        setIcon(lineIcon(Icon::Locked, colours().dim));
        setToolTip(
            tr("Polkit cannot be asked what you may do here: %1").arg(Authority::instance()->errorDetails()));
    }
}

void LockButton::refresh()
{
    if (Authority::instance()->polkitAuthority() == nullptr)
        return;                          // there is no system bus to ask on
    Authority::instance()->clearError(); // an old failure would silence every later check
    m_action->setPolkitAction(dbus::action::kConfigure);
    dress();
}

void LockButton::pressed()
{
    Authority *authority = Authority::instance();
    if (authority->polkitAuthority() == nullptr)
        return;
    authority->clearError();
    const PolkitQt1::UnixProcessSubject self(QCoreApplication::applicationPid());
    if (m_action->isAllowed())
        authority->revokeTemporaryAuthorizations(self);
    else
        authority->checkAuthorization(dbus::action::kConfigure, self, Authority::AllowUserInteraction);
}

} // namespace weir::gui
