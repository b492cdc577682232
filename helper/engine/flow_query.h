// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/error.h"

#include <QStringList>

#include <functional>
#include <memory>
#include <vector>

namespace weir {

struct FlowStatus;

enum class FlowSort : quint8 { Rate, Rx, Tx, Total, Remote, Local, State, Age };

/// A parsed filter line such as "port:8000 state:established scope:internet 192.0.2.".
///
/// At most kMaxFilterWords words, which must all match; in quotation marks \" and \\ stand for " and \. Keys:
/// port (either end; a port or a range), local and remote (an address or a prefix), protocol, state, scope,
/// link, watch. A word without key is found in addresses, ports, protocol, state, link and watch names.
class FlowFilter
{
public:
    /// Matches everything.
    FlowFilter();

    /// Error: InvalidArgument naming the word and what is allowed.
    static Result<FlowFilter> parse(const QString &line);

    /// `watches` gives the names of all watches that count the flow. It is called once at most, and only when
    /// nothing but a name can decide: there may be thousands. `flow.watches` is not looked at.
    bool matches(const FlowStatus &flow, const std::function<QStringList()> &watches) const;

    /// Names that its words link: and watch: ask for.
    QStringList links() const;
    QStringList watches() const;

private:
    enum class Key { Any, Port, Local, Remote, Protocol, State, Scope, Link, Watch };
    struct Word;
    QStringList named(Key key) const;

    std::shared_ptr<const std::vector<Word>> m_words;
};

/// "tcp", "udp", "icmp", "icmpv6", "sctp" … or the number.
QString protocolName(quint8 protocol);

/// TCP: "opening", "established", "closing", "closed"; others: "active", "idle".
QString stateName(const FlowStatus &flow);

/// What rows of the flow table are asked for.
struct FlowQuery {
    FlowFilter filter;
    FlowSort sort = FlowSort::Rate;
    bool ascending = false;
    bool closed = false; ///< also ended flows
    size_t limit = 100;  ///< 1-5000
    size_t offset = 0;
};

} // namespace weir
