// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/error.h"

#include <array>
#include <optional>

namespace weir {

/// An IPv4 or IPv6 address. IPv4 sits in the first four bytes, the rest is zero.
struct Address {
    bool v6 = false;
    std::array<quint8, 16> bytes{};
    auto operator<=>(const Address &) const = default;
};

/// An address and how many of its leading bits count; the bits behind are zero.
struct Prefix {
    Address address;
    quint8 length = 0; ///< 0-32 or 0-128
    auto operator<=>(const Prefix &) const = default;
};

/// "192.0.2.1", "2001:db8::1"; nothing when the text is no address.
std::optional<Address> parseAddress(QStringView text);
QString toString(const Address &address);

/// "10.0.0.0/8", "2001:db8::/32", or an address alone (a /32 or /128). Host bits are cleared.
/// Error: InvalidArgument, naming the text and the range of the length.
Result<Prefix> parsePrefix(QStringView text);
QString toString(const Prefix &prefix);

/// `address` with all bits behind the first `length` cleared.
Prefix prefixOf(const Address &address, quint8 length);
bool contains(const Prefix &prefix, const Address &address);

} // namespace weir
