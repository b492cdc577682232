// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/traffic.h"

#include <QTest>

namespace weir {

/// For QCOMPARE to show the numbers.
inline char *toString(const Traffic &traffic)
{
    return qstrdup(qPrintable(QStringLiteral("rx %1 B in %2, tx %3 B in %4")
                                  .arg(traffic.rxBytes)
                                  .arg(traffic.rxPackets)
                                  .arg(traffic.txBytes)
                                  .arg(traffic.txPackets)));
}

} // namespace weir
