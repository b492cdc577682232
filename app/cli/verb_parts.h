// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/verb.h"

#include <initializer_list>

/// What the lists of verbs are written with.
namespace weir::cli {

inline QString text(const char *utf8)
{
    return QString::fromUtf8(utf8);
}

inline QStringList lines(std::initializer_list<const char *> values)
{
    QStringList list;
    for (const char *value : values)
        list << text(value);
    return list;
}

inline Option flag(const char *name, const char *meaning)
{
    return {text(name), {}, text(meaning)};
}

inline Option option(const char *name, const char *value, const char *meaning)
{
    return {text(name), text(value), text(meaning)};
}

inline Option json()
{
    return flag("json", "print one JSON document with exact numbers instead of a table");
}

/// What passed when, and the database that keeps it; part of verbs().
std::vector<Verb> historyVerbs();

/// What watches are held to; part of verbs().
std::vector<Verb> policyVerbs();

} // namespace weir::cli
