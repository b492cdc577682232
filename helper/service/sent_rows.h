// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QList>

namespace weir {

/// Remembers which rows a subscriber has, so that a frame carries only what is new to it.
///
/// `Key` is the row's member that names it: SentRows<&dbus::LinkRow::name>.
template <auto KeyMember>
class SentRows;

template <typename Row, typename Key, Key Row::*KeyMember>
class SentRows<KeyMember>
{
public:
    struct Delta {
        QList<Row> changed; ///< new, or different from what was sent last; in the order of `rows`
        QList<Key> removed; ///< were sent, and are not in `rows`
    };

    /// What to send so that the subscriber has exactly `rows`.
    Delta advance(const QList<Row> &rows)
    {
        Delta delta;
        ++m_frame;
        for (const Row &row : rows) {
            Sent &sent = m_sent[row.*KeyMember];
            if (sent.frame == 0 || !(sent.row == row)) {
                delta.changed.append(row);
                sent.row = row;
            }
            sent.frame = m_frame;
        }
        if (m_sent.size() > rows.size())
            delta.removed = takeGone();
        return delta;
    }

private:
    struct Sent {
        Row row;
        quint64 frame = 0; // when it was last there; 0 for never
    };

    QList<Key> takeGone()
    {
        QList<Key> gone;
        for (auto sent = m_sent.begin(); sent != m_sent.end();) {
            if (sent->frame == m_frame) {
                ++sent;
                continue;
            }
            gone.append(sent.key());
            sent = m_sent.erase(sent);
        }
        return gone;
    }

    QHash<Key, Sent> m_sent;
    quint64 m_frame = 0;
};

} // namespace weir
