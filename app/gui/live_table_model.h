// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <vector>

namespace weir::gui {

/// Role of the bare value behind a cell, for sorting and for tests: numbers as numbers.
inline constexpr int kRawRole = Qt::UserRole + 1;

/// A table that is fed with frames of changed rows.
///
/// Keeps rows by key and the order of those that show. A frame changes, appends, reorders and removes, in
/// that order and with one announcement each, so that selection and scroll position stay and 5,000 rows cost
/// a sort and no reset. `Entry` holds one row: `Entry(wireRow)` makes it, `update(wireRow)` changes it,
/// `key()` names it.
template <typename Entry, typename Key>
class LiveTableModel : public QAbstractTableModel
{
public:
    using QAbstractTableModel::QAbstractTableModel;

    int rowCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : int(m_shown.size());
    }

    /// Rows that there are, shown or not.
    int entryCount() const { return int(m_slots.size()); }

    /// Whether a frame has come yet; until then "no rows" means nothing.
    bool isFed() const { return m_fed; }

    /// `row`: 0 to rowCount() - 1.
    const Entry &entryAt(int row) const { return m_shown.at(size_t(row))->entry; }

    /// Null when there is none.
    const Entry *find(const Key &key) const
    {
        const auto found = m_slots.find(key);
        return found == m_slots.end() ? nullptr : &found->second->entry;
    }

    /// Row that shows `key`; -1 when none does.
    int rowOf(const Key &key) const
    {
        for (size_t row = 0; row < m_shown.size(); ++row)
            if (m_shown[row]->entry.key() == key)
                return int(row);
        return -1;
    }

    template <typename Visit>
    void forEach(Visit visit) const
    {
        for (const auto &[key, slot] : m_slots)
            visit(slot->entry);
    }

    int sortColumn() const { return m_sortColumn; }
    Qt::SortOrder sortOrder() const { return m_sortOrder; }

    void sort(int column, Qt::SortOrder order) override
    {
        m_sortColumn = column;
        m_sortOrder = order;
        arrange();
    }

protected:
    /// Whether the row shows.
    virtual bool accepts(const Entry &) const { return true; }
    /// Negative, zero or positive; ascending order of `column`, which is -1 when no column is sorted by.
    virtual int compare(const Entry &a, const Entry &b, int column) const = 0;

    template <typename Wire>
    void applyFrame(bool reset, const QList<Wire> &changed, const QList<Key> &removed)
    {
        m_fed = true;
        if (reset)
            for (auto &[key, slot] : m_slots)
                slot->gone = true;
        for (const Wire &wire : changed) {
            Entry fresh(wire);
            auto &slot = m_slots[fresh.key()];
            if (!slot) {
                slot = std::make_unique<Slot>(std::move(fresh));
            } else {
                slot->entry.update(wire);
                slot->gone = false;
                slot->touched = slot->shown;
            }
        }
        for (const Key &key : removed)
            if (const auto found = m_slots.find(key); found != m_slots.end())
                found->second->gone = true;
        settle();
    }

    /// Judges every row again, after accepts() changed its mind.
    void refilter() { settle(); }

    void announceAll(const QList<int> &roles)
    {
        if (!m_shown.empty())
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1), roles);
    }

private:
    struct Slot {
        explicit Slot(Entry e) : entry(std::move(e)) { }
        Entry entry;
        bool shown = false;
        bool touched = false; ///< changed since it was last announced
        bool gone = false;
        bool leaving = false; ///< shown, but no longer to be
    };

    void settle()
    {
        std::vector<Slot *> entering;
        size_t leaving = 0;
        for (auto &[key, slot] : m_slots) {
            const bool wanted = !slot->gone && accepts(slot->entry);
            slot->leaving = slot->shown && !wanted;
            leaving += slot->leaving;
            if (!slot->shown && wanted)
                entering.push_back(slot.get());
        }
        append(entering);
        announceTouched();
        arrange();
        if (leaving > 0) {
            const int first = rowCount() - int(leaving);
            beginRemoveRows({}, first, rowCount() - 1);
            for (size_t row = size_t(first); row < m_shown.size(); ++row)
                m_shown[row]->shown = m_shown[row]->leaving = false;
            m_shown.resize(size_t(first));
            endRemoveRows();
        }
        std::erase_if(m_slots, [](const auto &item) { return item.second->gone; });
    }

    void append(const std::vector<Slot *> &entering)
    {
        if (entering.empty())
            return;
        beginInsertRows({}, rowCount(), rowCount() + int(entering.size()) - 1);
        for (Slot *slot : entering) {
            slot->shown = true;
            m_shown.push_back(slot);
        }
        endInsertRows();
    }

    void announceTouched()
    {
        int first = -1;
        int last = -1;
        for (int row = 0; row < rowCount(); ++row) {
            bool &touched = m_shown[size_t(row)]->touched;
            if (!touched)
                continue;
            touched = false;
            first = first < 0 ? row : first;
            last = row;
        }
        if (first >= 0)
            Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
    }

    bool before(const Slot *a, const Slot *b) const
    {
        if (a->leaving != b->leaving)
            return b->leaving;
        int order = compare(a->entry, b->entry, m_sortColumn);
        if (m_sortOrder == Qt::DescendingOrder)
            order = -order;
        return order != 0 ? order < 0 : a->entry.key() < b->entry.key();
    }

    void arrange()
    {
        const auto less = [this](const Slot *a, const Slot *b) { return before(a, b); };
        if (std::is_sorted(m_shown.begin(), m_shown.end(), less))
            return;
        Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
        const QModelIndexList persistent = persistentIndexList();
        std::unordered_map<int, Slot *> held;
        for (const QModelIndex &index : persistent)
            held.emplace(index.row(), m_shown[size_t(index.row())]);
        std::sort(m_shown.begin(), m_shown.end(), less);
        if (!held.empty())
            movePersistent(persistent, held);
        Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
    }

    void movePersistent(const QModelIndexList &persistent, const std::unordered_map<int, Slot *> &held)
    {
        std::unordered_map<const Slot *, int> rows;
        for (size_t row = 0; row < m_shown.size(); ++row)
            rows.emplace(m_shown[row], int(row));
        QModelIndexList moved;
        moved.reserve(persistent.size());
        for (const QModelIndex &old : persistent)
            moved.append(index(rows.at(held.at(old.row())), old.column()));
        changePersistentIndexList(persistent, moved);
    }

    std::unordered_map<Key, std::unique_ptr<Slot>> m_slots;
    std::vector<Slot *> m_shown;
    bool m_fed = false;
    int m_sortColumn = -1;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

} // namespace weir::gui
