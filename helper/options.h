// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/meter.h"
#include "helper/log.h"

#include <QString>
#include <QStringList>

#include <expected>

namespace weir {

/// The command line of weir-helper, with what the environment adds.
struct Options {
    QString stateDirectory;
    Meter::Options meter;
    QString cgroupRoot; ///< services are counted below it; empty: not at all
    QString bus;        ///< "system", "session" or an address
    log::Level level = log::Level::Info;
    bool clean = false; ///< take everything out of the kernel and end
    QString text;       ///< of --help or --version: print it and end; else empty
};

/// Error: what is wrong with the command line, for a person.
std::expected<Options, QString> parseOptions(const QStringList &arguments);

} // namespace weir
