// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/types.h"

#include <QByteArray>
#include <QStringList>

/// Rows as comma separated values (RFC 4180, UTF-8, lines end with CR LF), with the names and units of the
/// API, made from Row::members().
///
/// The member "total" stands flat (rx_bytes, …); other traffic has its name in front (internet_rx_bytes, …).
namespace weir::client {

/// One line. What a cell holds stays what it is: quoted where needed, and text that a spreadsheet would
/// take for a formula gets an apostrophe in front.
QByteArray csvLine(const QStringList &cells);

namespace csv {

template <typename Value>
void addNames(QStringList &names, const QString &name)
{
    if constexpr (dbus::WireRow<Value>) {
        const QString prefix = name == QLatin1String("total") ? QString() : name + QLatin1Char('_');
        std::apply([&](const auto &...member) { ((names << prefix + QLatin1String(member.name)), ...); },
                   Value::members());
    } else {
        names << name;
    }
}

inline QString cell(const QString &value)
{
    return value;
}

inline QString cell(bool value)
{
    return value ? QStringLiteral("true") : QStringLiteral("false");
}

template <typename Number>
requires std::is_arithmetic_v<Number> QString cell(Number value)
{
    return QString::number(value);
}

template <typename Value>
void addCells(QStringList &cells, const Value &value)
{
    if constexpr (dbus::WireRow<Value>)
        std::apply([&](const auto &...member) { ((cells << cell(value.*member.pointer)), ...); },
                   Value::members());
    else
        cells << cell(value);
}

} // namespace csv

/// A line of names and a line for each row.
template <dbus::WireRow Row>
QByteArray toCsv(const QList<Row> &rows)
{
    QStringList names;
    std::apply(
        [&](const auto &...member) {
            (csv::addNames<std::remove_cvref_t<decltype(std::declval<Row>().*member.pointer)>>(
                 names, QLatin1String(member.name)),
             ...);
        },
        Row::members());
    QByteArray text = csvLine(names);
    for (const Row &row : rows) {
        QStringList cells;
        std::apply([&](const auto &...member) { (csv::addCells(cells, row.*member.pointer), ...); },
                   Row::members());
        text += csvLine(cells);
    }
    return text;
}

} // namespace weir::client
