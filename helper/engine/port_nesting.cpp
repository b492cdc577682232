// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/port_nesting.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

namespace weir {

namespace {

/// Watches by port position.
class ByPosition
{
public:
    /// Calls `enumerate(visit)` twice, which calls `visit(position, watch)` for each entry.
    template <typename Enumerate>
    explicit ByPosition(Enumerate enumerate) : m_starts(kPortPositions + 2)
    {
        enumerate([&](quint32 position, quint32) { ++m_starts[position + 1]; });
        std::partial_sum(m_starts.begin(), m_starts.end(), m_starts.begin());
        m_entries.resize(m_starts.back());
        std::vector<quint32> next(m_starts.begin(), m_starts.end() - 1);
        enumerate([&](quint32 position, quint32 watch) { m_entries[next[position]++] = watch; });
    }
    std::span<const quint32> at(quint32 position) const
    {
        return std::span(m_entries).subspan(m_starts[position], m_starts[position + 1] - m_starts[position]);
    }

private:
    std::vector<quint32> m_starts;
    std::vector<quint32> m_entries;
};

ByPosition edges(const std::vector<PortWatch> &watches, bool ends)
{
    return ByPosition([&](auto visit) {
        for (quint32 i = 0; i < watches.size(); ++i)
            eachRange(watches[i], [&](quint32 first, quint32 last) { visit(ends ? last + 1 : first, i); });
    });
}

} // namespace

NumberSet &NumberSet::operator|=(const NumberSet &other)
{
    std::ranges::transform(m_words, other.m_words, m_words.begin(), std::bit_or());
    return *this;
}

NumberSet &NumberSet::operator&=(const NumberSet &other)
{
    std::ranges::transform(m_words, other.m_words, m_words.begin(), std::bit_and());
    return *this;
}

NumberSet &NumberSet::operator-=(const NumberSet &other)
{
    std::ranges::transform(m_words, other.m_words, m_words.begin(),
                           [](quint64 mine, quint64 its) { return mine & ~its; });
    return *this;
}

PortNesting::PortNesting(std::vector<PortWatch> watches) : m_watches(std::move(watches))
{
    sortInnerFirst();
    const size_t count = m_watches.size();
    NumberSet active(count);
    NumberSet all(count);
    for (size_t i = 0; i < count; ++i)
        all.insert(i);

    // A port of one watch that another does not cover lies behind a place where the one began and the other
    // was not there, or where the other ended and the one went on. It is enough to look at these.
    std::vector<NumberSet> thereAtBegin(count, all); // by the one: who covers every place where it begins
    std::vector<NumberSet> goneAtEnd(count, all);    // by the other: who never goes on where it ends
    const ByPosition begins = edges(m_watches, false);
    const ByPosition ends = edges(m_watches, true);
    for (quint32 position = 0; position <= kPortPositions; ++position) {
        const auto ending = ends.at(position);
        const auto beginning = begins.at(position);
        for (const quint32 watch : ending)
            active.remove(watch);
        for (const quint32 watch : beginning)
            active.insert(watch);
        for (const quint32 watch : ending)
            goneAtEnd[watch] -= active;
        for (const quint32 watch : beginning)
            thereAtBegin[watch] &= active;
    }

    m_holders.assign(count, NumberSet(count));
    for (size_t i = 0; i < count; ++i)
        thereAtBegin[i].each([&](size_t other) {
            if (other > i && goneAtEnd[other].contains(i))
                m_holders[i].insert(other);
        });
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
