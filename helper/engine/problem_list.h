// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/engine.h"

#include <vector>

namespace weir {

/// What is wrong now, by id and subject, with the time since which it is known. Each change tells whether
/// anything differs.
class ProblemList
{
public:
    /// Who knows of a problem: the kernel side tells all of its problems at once, others set and clear
    /// theirs.
    enum class Source { Kernel, Links, Other };

    bool set(Source source, const KernelProblem &problem, qint64 nowS);
    bool clear(Source source, const QString &id, const QString &subject);
    /// Replaces all problems of `source`; those that were known keep their time.
    bool replace(Source source, const std::vector<KernelProblem> &problems, qint64 nowS);

    std::vector<Problem> all() const; ///< errors first, then warnings, then the rest; the older first

private:
    struct Entry {
        Source source;
        Problem problem;
    };
    std::vector<Entry> m_entries;
};

} // namespace weir
