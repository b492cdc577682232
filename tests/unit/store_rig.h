// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

/// What another program does to a database, for tests of the store.
namespace weir {

void executeIn(const QString &path, const QStringList &statements);

/// The first value of an answer; -1 when there is none or it is NULL.
qint64 numberIn(const QString &path, const QString &query);

} // namespace weir
