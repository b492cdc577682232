// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/flow_query.h"

#include "helper/engine/bounds.h"
#include "helper/engine/engine.h"

#include <algorithm>
#include <array>

namespace weir {

namespace {

struct ProtocolName {
    quint8 number;
    QLatin1String name;
};

constexpr std::array kProtocols{
    ProtocolName{1, QLatin1String("icmp")},      ProtocolName{2, QLatin1String("igmp")},
    ProtocolName{4, QLatin1String("ipip")},      ProtocolName{6, QLatin1String("tcp")},
    ProtocolName{17, QLatin1String("udp")},      ProtocolName{33, QLatin1String("dccp")},
    ProtocolName{41, QLatin1String("ipv6")},     ProtocolName{47, QLatin1String("gre")},
    ProtocolName{50, QLatin1String("esp")},      ProtocolName{51, QLatin1String("ah")},
    ProtocolName{58, QLatin1String("icmpv6")},   ProtocolName{89, QLatin1String("ospf")},
    ProtocolName{112, QLatin1String("vrrp")},    ProtocolName{132, QLatin1String("sctp")},
    ProtocolName{136, QLatin1String("udplite")},
};

const QStringList &stateNames()
{
    static const QStringList names{QStringLiteral("opening"), QStringLiteral("established"),
                                   QStringLiteral("closing"), QStringLiteral("closed"),
                                   QStringLiteral("active"),  QStringLiteral("idle")};
    return names;
}

} // namespace

QString protocolName(quint8 protocol)
{
    const auto *found = std::ranges::find(kProtocols, protocol, &ProtocolName::number);
    return found == kProtocols.end() ? QString::number(protocol) : QString(found->name);
}

QString stateName(const FlowStatus &flow)
{
    switch (flow.flow.state) {
    case FlowState::Opening:
        return stateNames().at(0);
    case FlowState::Established:
        return stateNames().at(1);
    case FlowState::Closing:
        return stateNames().at(2);
    case FlowState::Closed:
        return stateNames().at(3);
    case FlowState::Stateless:
        break;
    }
    return stateNames().at(flow.active ? 4 : 5);
}

struct FlowFilter::Word {
    Key key = Key::Any;
    QString text; // folded to lower case but for Link and Watch
    PortRange ports;
    std::optional<Prefix> prefix;
    quint8 protocol = 0;
    bool internet = false;
};

namespace {

/// Words of a line; double quotes hold white space together: watch:"my web". Within them \" and \\ stand for
/// " and \.
Result<QStringList> split(const QString &line)
{
    QStringList words;
    QString word;
    bool quoted = false;
    bool begun = false;
    for (qsizetype i = 0; i < line.size(); ++i) {
        const QChar c = line.at(i);
        const QChar next = i + 1 < line.size() ? line.at(i + 1) : QChar();
        if (quoted && c == QLatin1Char('\\') && (next == QLatin1Char('"') || next == QLatin1Char('\\'))) {
            word.append(next);
            ++i;
        } else if (c == QLatin1Char('"')) {
            quoted = !quoted;
            begun = true;
        } else if (c.isSpace() && !quoted) {
            if (begun)
                words.append(std::exchange(word, {}));
            begun = false;
        } else {
            word.append(c);
            begun = true;
        }
    }
    if (quoted)
        return failure(ErrorKind::InvalidArgument, QStringLiteral("filter: a quotation mark is not closed"));
    if (begun)
        words.append(word);
    return words;
}

std::optional<PortRange> parsePorts(const QString &text)
{
    const QStringList ends = text.split(QLatin1Char('-'));
    if (ends.size() > 2)
        return {};
    const auto number = [](const QString &digits) -> std::optional<quint16> {
        bool valid = false;
        const uint value = digits.toUInt(&valid);
        if (!valid || digits.size() > 5 || value < 1 || value > 65535 || !digits.front().isDigit())
            return {};
        return quint16(value);
    };
    const auto first = number(ends.first());
    const auto last = number(ends.last());
    if (!first || !last || *first > *last)
        return {};
    return PortRange{*first, *last};
}

std::optional<quint8> parseProtocol(const QString &text)
{
    for (const ProtocolName &protocol : kProtocols)
        if (text == protocol.name)
            return protocol.number;
    bool valid = false;
    const uint number = text.toUInt(&valid);
    if (!valid || number > 255)
        return {};
    return quint8(number);
}

bool within(const PortRange &range, quint16 port)
{
    return port >= range.first && port <= range.last;
}

std::unexpected<Error> wrong(const QString &word, const QString &allowed)
{
    return failure(ErrorKind::InvalidArgument,
                   QStringLiteral("filter: \"%1\": %2").arg(word.left(60), allowed));
}

} // namespace

FlowFilter::FlowFilter() : m_words(std::make_shared<std::vector<Word>>())
{ }

Result<FlowFilter> FlowFilter::parse(const QString &line)
{
    if (line.size() > kMaxFilterLength)
        return failure(ErrorKind::InvalidArgument,
                       QStringLiteral("filter: has %1 characters, at most %2 are allowed")
                           .arg(line.size())
                           .arg(kMaxFilterLength));
    const auto parts = split(line);
    if (!parts)
        return std::unexpected(parts.error());
    if (parts->size() > kMaxFilterWords)
        return failure(ErrorKind::InvalidArgument,
                       QStringLiteral("filter: has %1 words, at most %2 are allowed")
                           .arg(parts->size())
                           .arg(kMaxFilterWords));

    static const QMap<QString, Key> keys{
        {QStringLiteral("port"), Key::Port},     {QStringLiteral("local"), Key::Local},
        {QStringLiteral("remote"), Key::Remote}, {QStringLiteral("protocol"), Key::Protocol},
        {QStringLiteral("state"), Key::State},   {QStringLiteral("scope"), Key::Scope},
        {QStringLiteral("link"), Key::Link},     {QStringLiteral("watch"), Key::Watch},
    };
    std::vector<Word> words;
    for (const QString &part : *parts) {
        const qsizetype colon = part.indexOf(QLatin1Char(':'));
        const QString before = colon > 0 ? part.first(colon).toLower() : QString();
        Word word;
        word.text = part.toLower();
        if (keys.contains(before)) {
            word.key = keys.value(before);
            word.text = part.sliced(colon + 1);
            if (word.key != Key::Link && word.key != Key::Watch)
                word.text = word.text.toLower();
            if (word.text.isEmpty())
                return wrong(part, QStringLiteral("a value must follow the colon"));
        } else if (!before.isEmpty() && std::ranges::all_of(before, [](QChar c) { return c.isLetter(); })
                   && !std::ranges::all_of(
                       before, [](QChar c) { return c >= QLatin1Char('a') && c <= QLatin1Char('f'); })) {
            // letters that are no part of an IPv6 address
            return wrong(
                part,
                QStringLiteral("known keys are port, local, remote, protocol, state, scope, link, watch"));
        }
        switch (word.key) {
        case Key::Any:
            if (const auto prefix = parsePrefix(word.text); prefix && word.text.contains(QLatin1Char('/')))
                word.prefix = *prefix;
            break;
        case Key::Port:
            if (const auto ports = parsePorts(word.text))
                word.ports = *ports;
            else
                return wrong(part, QStringLiteral("must be a port 1-65535 or a range such as 8000-8100"));
            break;
        case Key::Local:
        case Key::Remote:
            if (const auto prefix = parsePrefix(word.text))
                word.prefix = *prefix;
            else
                return wrong(part, QStringLiteral("must be an address or a prefix such as 192.0.2.0/24"));
            break;
        case Key::Protocol:
            if (const auto protocol = parseProtocol(word.text))
                word.protocol = *protocol;
            else
                return wrong(part, QStringLiteral("must be tcp, udp, icmp, icmpv6 … or a number 0-255"));
            break;
        case Key::State:
            if (!stateNames().contains(word.text))
                return wrong(part,
                             QStringLiteral("must be one of ") + stateNames().join(QLatin1String(", ")));
            break;
        case Key::Scope:
            word.internet = word.text == QLatin1String("internet");
            if (!word.internet && word.text != QLatin1String("local"))
                return wrong(part, QStringLiteral("must be internet or local"));
            break;
        case Key::Link:
        case Key::Watch:
            break;
        }
        words.push_back(std::move(word));
    }
    // words that may need the names of watches have their say when the others let the flow pass
    std::ranges::stable_sort(words, {}, [](const Word &word) {
        return word.key == Key::Watch ? 2 : word.key == Key::Any ? 1 : 0;
    });
    FlowFilter filter;
    filter.m_words = std::make_shared<const std::vector<Word>>(std::move(words));
    return filter;
}

QStringList FlowFilter::named(Key key) const
{
    QStringList names;
    for (const Word &word : *m_words)
        if (word.key == key)
            names.append(word.text);
    return names;
}

QStringList FlowFilter::links() const
{
    return named(Key::Link);
}

QStringList FlowFilter::watches() const
{
    return named(Key::Watch);
}

bool FlowFilter::matches(const FlowStatus &flow, const std::function<QStringList()> &watches) const
{
    std::optional<QStringList> asked;
    const auto names = [&]() -> const QStringList & {
        if (!asked)
            asked = watches();
        return *asked;
    };
    const FlowKey &key = flow.flow.key;
    const auto found = [](const QString &where, const QString &text) {
        return where.contains(text, Qt::CaseInsensitive);
    };
    const auto anywhere = [&](const Word &word) {
        if (word.prefix)
            return contains(*word.prefix, key.local) || contains(*word.prefix, key.remote);
        return found(flow.linkName, word.text) || found(protocolName(key.protocol), word.text)
            || found(stateName(flow), word.text) || QString::number(key.localPort).contains(word.text)
            || QString::number(key.remotePort).contains(word.text) || toString(key.remote).contains(word.text)
            || toString(key.local).contains(word.text)
            || std::ranges::any_of(names(), [&](const QString &name) { return found(name, word.text); });
    };
    return std::ranges::all_of(*m_words, [&](const Word &word) {
        switch (word.key) {
        case Key::Any:
            return anywhere(word);
        case Key::Port:
            return within(word.ports, key.localPort) || within(word.ports, key.remotePort);
        case Key::Local:
            return contains(*word.prefix, key.local);
        case Key::Remote:
            return contains(*word.prefix, key.remote);
        case Key::Protocol:
            return key.protocol == word.protocol;
        case Key::State:
            return stateName(flow) == word.text;
        case Key::Scope:
            return flow.flow.internet == word.internet;
        case Key::Link:
            return flow.linkName == word.text;
        case Key::Watch:
            return names().contains(word.text);
        }
        return false;
    });
}

} // namespace weir
