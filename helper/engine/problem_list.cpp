// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/problem_list.h"

#include <algorithm>

namespace weir {

namespace {

bool about(const Problem &problem, const QString &id, const QString &subject)
{
    return problem.what.id == id && problem.what.subject == subject;
}

int rank(const Problem &problem)
{
    if (problem.what.severity == QLatin1String("error"))
        return 0;
    return problem.what.severity == QLatin1String("warning") ? 1 : 2;
}

} // namespace

bool ProblemList::set(Source source, const KernelProblem &problem, qint64 nowS)
{
    const auto known = std::ranges::find_if(m_entries, [&](const Entry &entry) {
        return entry.source == source && about(entry.problem, problem.id, problem.subject);
    });
    if (known == m_entries.end()) {
        m_entries.push_back({source, {problem, nowS}});
        return true;
    }
    if (known->problem.what == problem)
        return false;
    known->problem.what = problem;
    return true;
}

bool ProblemList::clear(Source source, const QString &id, const QString &subject)
{
    return std::erase_if(m_entries,
                         [&](const Entry &entry) {
                             return entry.source == source && about(entry.problem, id, subject);
                         })
        > 0;
}

bool ProblemList::replace(Source source, const std::vector<KernelProblem> &problems, qint64 nowS)
{
    bool differs = std::erase_if(m_entries,
                                 [&](const Entry &entry) {
                                     return entry.source == source
                                         && std::ranges::none_of(problems, [&](const KernelProblem &problem) {
                                                return about(entry.problem, problem.id, problem.subject);
                                            });
                                 })
        > 0;
    for (const KernelProblem &problem : problems)
        differs |= set(source, problem, nowS);
    return differs;
}

std::vector<Problem> ProblemList::all() const
{
    std::vector<Problem> problems;
    for (const Entry &entry : m_entries)
        problems.push_back(entry.problem);
    std::ranges::stable_sort(problems, [](const Problem &a, const Problem &b) {
        return std::pair(rank(a), a.sinceS) < std::pair(rank(b), b.sinceS);
    });
    return problems;
}

} // namespace weir
