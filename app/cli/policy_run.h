// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"
#include "app/client/limits.h"

#include <initializer_list>

/// What limit, quota and burst do alike.
namespace weir::cli {

using client::Policy;

/// Reads the watch of this name; complains and finishes when there is none.
void readWatch(Session &session, const QString &name, std::function<void(const dbus::WatchRow &)> then);

/// Prints how a policy of a watch stands, as sentences or as JSON, and finishes.
void showPolicy(Session &session, Policy policy, const dbus::WatchRow &watch, bool asJson);

/// The job of a verb without options.
Job showingPolicy(Policy policy, const QString &name, bool asJson);

/// Takes the answer of a change: reads the watch again and shows how the policy stands, or tells why it was
/// not changed (`doing`: "cannot limit 'web'") and finishes.
client::OnAnswer<uint> thenShow(Session &session, Policy policy, const QString &name, const QString &doing);

/// The one of these flags that was typed; empty when none was. The error when something else was typed
/// beside it, which only --yes and --json may be.
std::expected<QString, QString> soleFlag(const Arguments &arguments,
                                         std::initializer_list<const char *> flags);

/// Why an option is not what it must be: "--down: '20' has no unit: …"
std::unexpected<QString> wrongOption(const QString &option, const QString &error);

/// Why --json was refused beside a change.
QString jsonShows();

/// Carries out --on, --off or --remove on a watch that has the policy; complains and finishes when it has
/// none.
void switchPolicy(Session &session, Policy policy, const dbus::WatchRow &watch, const QString &flag);

/// Whether the watch has the policy; complains and finishes when it has not.
bool requirePolicy(Session &session, Policy policy, const dbus::WatchRow &watch);

} // namespace weir::cli
