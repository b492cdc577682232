// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/error.h"

#include <QStringList>

namespace weir {

/// The meter's pin directory.
///
///     layout-N/           maps of layout N in use; complete when it has "layout"
///     old-GENERATION/     maps that count no more, kept until they are read out
///     links/              attachments (MeterAttachments)
///     made/               there when the directory itself is ours
class MeterPins
{
public:
    explicit MeterPins(QString directory) : m_directory(std::move(directory)) { }

    /// Makes the directory where needed. Errors: Unsupported when there is no bpffs, KernelRefused.
    Result<void> prepare() const;

    QString layoutDirectory() const; ///< of this build's layout
    QString linksDirectory() const;

    /// What earlier helpers left.
    struct Found {
        bool adoptable = false; ///< layoutDirectory() is complete and the latest
        QStringList superseded; ///< directories of other layouts, not yet set aside, the latest last
    };

    /// Looks, and clears away what was cut short. A complete layoutDirectory() with a later one of another
    /// layout beside it was superseded itself, by a helper that crashed before it said so: it is set aside.
    Found find() const;

    /// Makes `directory` one of leftovers().
    Result<void> setAside(const QString &directory) const;

    /// Directories of generations that count no more.
    QStringList leftovers() const;

    /// Removes all, and the directory itself where prepare() made it.
    Result<void> removeAll() const;

private:
    QString m_directory;

    QStringList entries(const QString &pattern) const;
};

} // namespace weir
