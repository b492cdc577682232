// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace weir {

std::optional<Address> parseAddress(QStringView text)
{
    const QByteArray bytes = text.toUtf8();
    if (bytes.contains('\0'))
        return {};
    Address address;
    address.v6 = bytes.contains(':');
    if (inet_pton(address.v6 ? AF_INET6 : AF_INET, bytes.constData(), address.bytes.data()) != 1)
        return {};
    return address;
}

QString toString(const Address &address)
{
    char text[INET6_ADDRSTRLEN];
    inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
    return QString::fromLatin1(text);
}

Result<Prefix> parsePrefix(QStringView text)
{
    const qsizetype slash = text.indexOf(QLatin1Char('/'));
    const auto address = parseAddress(slash < 0 ? text : text.first(slash));
    if (!address)
        return failure(
            ErrorKind::InvalidArgument,
            QStringLiteral("\"%1\" is no address or prefix such as 203.0.113.0/24 or 2001:db8::/32")
                .arg(text));
    const quint8 longest = address->v6 ? 128 : 32;
    quint8 length = longest;
    if (slash >= 0) {
        const QStringView digits = text.sliced(slash + 1);
        const bool plain = !digits.isEmpty() && digits.size() <= 3
            && std::ranges::all_of(digits,
                                   [](QChar c) { return c >= QLatin1Char('0') && c <= QLatin1Char('9'); });
        const int wanted = plain ? digits.toInt() : -1;
        if (wanted < 0 || wanted > longest)
            return failure(ErrorKind::InvalidArgument,
                           QStringLiteral("\"%1\": the length behind / must be 0-%2").arg(text).arg(longest));
        length = quint8(wanted);
    }
    return prefixOf(*address, length);
}

QString toString(const Prefix &prefix)
{
    return toString(prefix.address) + QLatin1Char('/') + QString::number(prefix.length);
}

Prefix prefixOf(const Address &address, quint8 length)
{
    Prefix prefix{address, length};
    for (size_t i = 0; i < prefix.address.bytes.size(); ++i) {
        const int kept = std::clamp(int(length) - int(i) * 8, 0, 8);
        prefix.address.bytes[i] &= quint8(0xff00 >> kept);
    }
    return prefix;
}

bool contains(const Prefix &prefix, const Address &address)
{
    return prefix.address.v6 == address.v6 && prefixOf(address, prefix.length).address == prefix.address;
}

} // namespace weir
