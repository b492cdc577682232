// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/engine.h"

#include <QStringList>

namespace weir {

/// What gets people out of trouble with the database; the composition root binds it to the store. A
/// descriptor is the caller's: it is copied where it is used longer than the call. Answers come on the main
/// thread.
struct Repair {
    std::function<void(Reply<QStringList>)> check;              ///< findings, a line each
    std::function<void(int descriptor, Reply<quint64>)> backup; ///< bytes written
    std::function<void(int descriptor, Reply<QString>)>
        restore; ///< where the former file is now; the helper then begins anew
    std::function<void(Reply<QString>)> startAfresh; ///< likewise
};

} // namespace weir
