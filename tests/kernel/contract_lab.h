// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/kernel.h"

#include <QStringList>

#include <memory>

namespace weir::test {

/// What the contract test needs of a machine: links, another host at the end of each, and traffic between
/// them.
///
/// "Here" is where the kernel under test is, with ip_forward on. Its links are wan0 and lan0; behind wan0 is
/// one host, behind lan0 another. IPv4 addresses are private (local by themselves), IPv6 ones are of
/// 2001:db8::/32 (internet until a prefix is added). Every call returns when its packets have arrived.
class ContractLab
{
public:
    enum class Family { V4, V6 };

    struct Conversation {
        Family family = Family::V4;
        quint16 localPort = 0;
        quint16 remotePort = 40000;
        QString link = QStringLiteral("wan0");
    };

    /// A TCP connection that the other host made to us.
    class Connection
    {
    public:
        virtual ~Connection() = default;
        virtual void receive(int segments, size_t payload) = 0;
        virtual void send(int segments, size_t payload) = 0;
        virtual void close() = 0;   ///< both sides
        virtual Traffic wire() = 0; ///< what passed so far, by an account other than the meter's
    };

    /// Headers around a datagram's payload: Ethernet, IP, UDP.
    static constexpr size_t headers(Family family)
    {
        return family == Family::V4 ? 14 + 20 + 8 : 14 + 40 + 8;
    }

    static std::unique_ptr<ContractLab> make();
    virtual ~ContractLab() = default;

    /// A new object that looks at this machine's kernel, not started.
    virtual std::unique_ptr<Kernel> kernel() = 0;

    virtual void receiveDatagrams(const Conversation &conversation, size_t payload, int count) = 0;
    virtual void sendDatagrams(const Conversation &conversation, size_t payload, int count) = 0;
    virtual std::unique_ptr<Connection> connect(const Conversation &conversation) = 0;
    /// From the host behind wan0 through here to the host behind lan0.
    virtual void forwardDatagrams(Family family, quint16 sourcePort, quint16 destinationPort, size_t payload,
                                  int count) = 0;

    virtual void addLink(const QString &name) = 0; ///< up, without addresses
    virtual void removeLink(const QString &name) = 0;
    virtual void renameLink(const QString &from, const QString &to) = 0;
    virtual void setUp(const QString &name, bool up) = 0;
    /// Makes a bridge that is up, of which `port` is a port; the addresses of `port` move to the bridge.
    virtual void addBridge(const QString &name, const QString &port) = 0;

    /// What of Weir is in the kernel, in words; empty when nothing is.
    virtual QStringList traces() = 0;
};

} // namespace weir::test
