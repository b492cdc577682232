// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/ports.h"

#include <QString>

#include <optional>

namespace weir {

/// "80,8000-8099": how the database keeps ports, readable for people.
QString portText(const PortRanges &ranges);

/// The ranges, normalized; nothing when the text was not written by portText().
std::optional<PortRanges> parsePortText(const QString &text);

} // namespace weir
