// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/atoms.h"

#include <algorithm>
#include <bit>
#include <span>
#include <vector>

namespace weir {

/// A set of numbers below a bound. Sets that meet have the same bound; what lies close together costs little.
class NumberSet
{
public:
    NumberSet() = default;
    explicit NumberSet(size_t bound) : m_words((bound + 63) / 64), m_first(m_words.size()) { }

    void insert(size_t number)
    {
        m_words[number / 64] |= bit(number);
        m_first = std::min(m_first, number / 64);
        m_end = std::max(m_end, number / 64 + 1);
    }
    void remove(size_t number) { m_words[number / 64] &= ~bit(number); }
    bool contains(size_t number) const { return m_words[number / 64] & bit(number); }
    bool isEmpty() const;

    NumberSet &operator|=(const NumberSet &other);
    NumberSet &operator&=(const NumberSet &other);
    NumberSet &operator-=(const NumberSet &other); ///< what is in `other` leaves
    friend NumberSet operator&(NumberSet a, const NumberSet &b) { return a &= b; }

    /// Calls `visit(number)` in ascending order. What it removes of the greater ones is not visited.
    template <typename Visit>
    void each(Visit visit) const
    {
        for (size_t word = m_first; word < m_end; ++word)
            for (quint64 seen = 0, rest = 0; (rest = m_words[word] & ~seen) != 0;) {
                const int lowest = std::countr_zero(rest);
                seen |= (quint64(2) << lowest) - 1;
                visit(word * 64 + size_t(lowest));
            }
    }

private:
    static quint64 bit(size_t number) { return quint64(1) << (number % 64); }
    std::vector<quint64> m_words;
    size_t m_first = 0; // outside these words there is nothing
    size_t m_end = 0;
};

/// Which watches of ports lie within which.
///
/// Pure and immutable. Cost to make: linear in ports plus ranges, each range times a 64th of the number of
/// watches, however they overlap; memory grows with the square of that number (256 KiB for 1,000).
class PortNesting
{
public:
    /// The ports of each watch are normalized, ids differ.
    explicit PortNesting(std::vector<PortWatch> watches);

    /// In another order than given: a watch comes before all that hold it. Numbers in sets are places in it.
    const std::vector<PortWatch> &watches() const { return m_watches; }

    /// The watches that cover all that a watch covers; of those that cover just the same only the ones with a
    /// lower id.
    const NumberSet &holders(size_t watch) const { return m_holders[watch]; }

    /// Those among some watches that hold no other of them.
    NumberSet innermost(NumberSet among) const;

    /// The watches that cover each of some port positions, which ascend.
    std::vector<NumberSet> covers(const std::vector<quint32> &positions) const;

private:
    /// Watches by port position.
    class Places
    {
    public:
        Places() = default;
        Places(const std::vector<PortWatch> &watches, quint32 (*place)(quint32 first, quint32 last));
        std::span<const quint32> at(quint32 position) const
        {
            return std::span(m_entries).subspan(m_starts[position],
                                                m_starts[position + 1] - m_starts[position]);
        }

    private:
        std::vector<quint32> m_starts; // by position, into m_entries
        std::vector<quint32> m_entries;
    };
    template <typename Visit>
    void sweep(Visit visit) const;
    void sortInnerFirst();
    void findHolders();

    std::vector<PortWatch> m_watches;
    Places m_begins;
    Places m_ends; // each right behind the last port
    std::vector<NumberSet> m_holders;
};

} // namespace weir
