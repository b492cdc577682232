// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

#include <expected>

namespace weir::dbus {

/// Ports `first`..`last`, both included, 1-65535.
struct PortRange {
    quint16 first = 0;
    quint16 last = 0;
    bool operator==(const PortRange &) const = default;
};

/// What is wrong with a text and where, for an editor that marks it as one types.
struct PortListError {
    enum class Kind { Empty, NotANumber, OutOfRange, Reversed, TooMany };
    Kind kind;
    QString part;            ///< the offending piece, at most 40 characters of it
    qsizetype offset;        ///< where the piece begins in the text
    QString message() const; ///< English, for the bus and the log; the application has its own words
};

/// Reads a port list such as "8000, 9000-9100": ports and ranges separated by commas or white space.
///
/// Ranges may overlap; the result is sorted, disjoint and merged. At most kMaxPortRanges pieces.
std::expected<QList<PortRange>, PortListError> parsePortList(const QString &text);

/// The shortest text that parsePortList() reads back as `ranges`: "8000,9000-9100".
QString formatPortList(const QList<PortRange> &ranges);

} // namespace weir::dbus
