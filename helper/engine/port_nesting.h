// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/atoms.h"

#include <algorithm>
#include <bit>
#include <vector>

namespace weir {

/// A set of numbers below a bound. Sets that meet have the same bound.
class NumberSet
{
public:
    NumberSet() = default;
    explicit NumberSet(size_t bound) : m_words((bound + 63) / 64) { }

    void insert(size_t number) { m_words[number / 64] |= bit(number); }
    void remove(size_t number) { m_words[number / 64] &= ~bit(number); }
    bool contains(size_t number) const { return m_words[number / 64] & bit(number); }

    bool isEmpty() const
    {
        return std::ranges::all_of(m_words, [](quint64 word) { return word == 0; });
    }

    NumberSet &operator|=(const NumberSet &other);
    NumberSet &operator&=(const NumberSet &other);
    NumberSet &operator-=(const NumberSet &other); ///< what is in `other` leaves
    friend NumberSet operator&(NumberSet a, const NumberSet &b) { return a &= b; }
    bool operator==(const NumberSet &) const = default;

    /// Calls `visit(number)` in ascending order. What it removes of the greater ones is not visited.
    template <typename Visit>
    void each(Visit visit) const
    {
        for (size_t word = 0; word < m_words.size(); ++word)
            for (quint64 seen = 0, rest = 0; (rest = m_words[word] & ~seen) != 0;) {
                const int lowest = std::countr_zero(rest);
                seen |= (quint64(2) << lowest) - 1;
                visit(word * 64 + size_t(lowest));
            }
    }

private:
    static quint64 bit(size_t number) { return quint64(1) << (number % 64); }
    std::vector<quint64> m_words;
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

private:
    void sortInnerFirst();
    std::vector<PortWatch> m_watches;
    std::vector<NumberSet> m_holders;
};

} // namespace weir
