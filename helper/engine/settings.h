// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/address.h"
#include "helper/engine/bounds.h"
#include "helper/engine/history.h"

#include <QMap>
#include <QStringList>
#include <QVariant>

#include <vector>

namespace weir {

/// The settings that people can change, read from their keys:
/// metered_links (s: "auto" or interface names separated by commas), local_prefixes (s: prefixes separated by
/// commas), flush_interval_s (u: 5-900), and how many days history is kept: keep_minutes_days (u: 1-31),
/// keep_quarters_days (u: 35-3660), keep_remotes_days (u: 1-400, addresses by the hour).
struct Settings {
    QStringList meteredLinks;          ///< empty: chosen automatically
    std::vector<Prefix> localPrefixes; ///< sorted, each once
    std::chrono::seconds flushInterval{kDefaultFlushSeconds};
    Retention retention;

    /// Values of `stored` that are valid; defaults for the rest: a setting of a later version must not stop
    /// the helper.
    static Settings fromStored(const QMap<QString, QVariant> &stored);

    /// With `changes` applied. Error: InvalidArgument naming the key and its range; unknown keys and other
    /// types are refused.
    Result<Settings> changed(const QMap<QString, QVariant> &changes) const;

    /// All keys, in canonical form.
    QMap<QString, QVariant> toMap() const;
};

/// Links that changes of settings name, so that they can be looked for; see Engine::lookForLinks().
QStringList linksOf(const QMap<QString, QVariant> &changes);

} // namespace weir
