// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/port_nesting.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace weir {

bool NumberSet::isEmpty() const
{
    for (size_t word = m_first; word < m_end; ++word)
        if (m_words[word] != 0)
            return false;
    return true;
}

NumberSet &NumberSet::operator|=(const NumberSet &other)
{
    for (size_t word = other.m_first; word < other.m_end; ++word)
        m_words[word] |= other.m_words[word];
    m_first = std::min(m_first, other.m_first);
    m_end = std::max(m_end, other.m_end);
    return *this;
}

NumberSet &NumberSet::operator&=(const NumberSet &other)
{
    for (size_t word = m_first; word < m_end; ++word)
        m_words[word] &= other.m_words[word];
    return *this;
}

NumberSet &NumberSet::operator-=(const NumberSet &other)
{
    for (size_t word = other.m_first; word < other.m_end; ++word)
        m_words[word] &= ~other.m_words[word];
    return *this;
}

PortNesting::Places::Places(const std::vector<PortWatch> &watches,
                            quint32 (*place)(quint32 first, quint32 last))
    : m_starts(kPortPositions + 2)
{
    const auto each = [&](auto visit) {
        for (quint32 i = 0; i < watches.size(); ++i)
            eachRange(watches[i], [&](quint32 first, quint32 last) { visit(place(first, last), i); });
    };
    each([&](quint32 position, quint32) { ++m_starts[position + 1]; });
    std::partial_sum(m_starts.begin(), m_starts.end(), m_starts.begin());
    m_entries.resize(m_starts.back());
    std::vector<quint32> next(m_starts.begin(), m_starts.end() - 1);
    each([&](quint32 position, quint32 watch) { m_entries[next[position]++] = watch; });
}

/// Calls `visit(position, active, beginning, ending)` for each position, with the watches that cover it.
template <typename Visit>
void PortNesting::sweep(Visit visit) const
{
    NumberSet active(m_watches.size());
    for (quint32 position = 0; position <= kPortPositions; ++position) {
        const auto beginning = m_begins.at(position);
        const auto ending = m_ends.at(position);
        for (const quint32 watch : ending)
            active.remove(watch);
        for (const quint32 watch : beginning)
            active.insert(watch);
        visit(position, active, beginning, ending);
    }
}

PortNesting::PortNesting(std::vector<PortWatch> watches) : m_watches(std::move(watches))
{
    sortInnerFirst();
    m_begins = Places(m_watches, [](quint32 first, quint32) { return first; });
    m_ends = Places(m_watches, [](quint32, quint32 last) { return last + 1; });
    findHolders();
}

void PortNesting::findHolders()
{
    const size_t count = m_watches.size();
    NumberSet all(count);
    for (size_t i = 0; i < count; ++i)
        all.insert(i);
    // A port of one watch that another does not cover lies behind a place where the one began and the other
    // was not there, or where the other ended and the one went on. It is enough to look at these.
    std::vector<NumberSet> thereAtBegin(count, all); // by the one: who covers every place where it begins
    std::vector<NumberSet> goneAtEnd(count, all);    // by the other: who never goes on where it ends
    sweep([&](quint32, const NumberSet &active, auto beginning, auto ending) {
        for (const quint32 watch : ending)
            goneAtEnd[watch] -= active;
        for (const quint32 watch : beginning)
            thereAtBegin[watch] &= active;
    });
    m_holders.assign(count, NumberSet(count));
    for (size_t i = 0; i < count; ++i)
        thereAtBegin[i].each([&](size_t other) {
            if (other > i && goneAtEnd[other].contains(i))
                m_holders[i].insert(other);
        });
}

std::vector<NumberSet> PortNesting::covers(const std::vector<quint32> &positions) const
{
    std::vector<NumberSet> found;
    found.reserve(positions.size());
    sweep([&](quint32 position, const NumberSet &active, auto, auto) {
        if (found.size() < positions.size() && positions[found.size()] == position)
            found.push_back(active);
    });
    return found;
}

NumberSet PortNesting::innermost(NumberSet among) const
{
    // in this order nothing that is still to come lies within what was visited
    among.each([&](size_t watch) { among -= m_holders[watch]; });
    return among;
}

void PortNesting::sortInnerFirst()
{
    struct Place {
        quint32 ports = 0;
        qint64 id = 0;
        size_t from = 0;
    };
    std::vector<Place> places;
    for (size_t i = 0; i < m_watches.size(); ++i) {
        Place place{0, m_watches[i].id, i};
        eachRange(m_watches[i], [&](quint32 first, quint32 last) { place.ports += last - first + 1; });
        places.push_back(place);
    }
    std::ranges::sort(places, [](const Place &a, const Place &b) {
        return a.ports != b.ports ? a.ports < b.ports : a.id > b.id;
    });
    std::vector<PortWatch> sorted;
    for (const Place &place : places)
        sorted.push_back(std::move(m_watches[place.from]));
    m_watches = std::move(sorted);
}

} // namespace weir
