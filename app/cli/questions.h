// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/verb.h"

namespace weir::cli {

/// Asks back before something that cannot be undone, unless --yes was typed.
class Question
{
public:
    /// Refuses when nobody could be asked: standard input is no terminal and --yes was not typed.
    static std::expected<Question, QString> prepare(const Arguments &arguments);

    /// Shows the question and waits for a line; only "yes" and "y" agree.
    bool agreed(const QString &question) const;

private:
    explicit Question(bool needed) : m_needed(needed) { }
    bool m_needed;
};

} // namespace weir::cli
