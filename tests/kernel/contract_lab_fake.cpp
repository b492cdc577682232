// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/contract_lab.h"

#include "tests/support/fake_kernel.h"

namespace weir::test {

namespace {

Address address(const char *text)
{
    return *parseAddress(QString::fromLatin1(text));
}

class FakeLab : public ContractLab
{
public:
    FakeLab()
    {
        for (const auto &[name, net] : {std::pair{"wan0", 0}, std::pair{"lan0", 1}}) {
            const QStringList addresses = {QStringLiteral("10.9.%1.1/24").arg(net),
                                           QStringLiteral("2001:db8:9:%1::1/64").arg(net)};
            Link link = FakeMachine::ethernet(QLatin1String(name), addresses);
            link.kind = LinkKind::Veth;
            link.hardware = false;
            m_machine->addLink(link);
        }
    }

    std::unique_ptr<Kernel> kernel() override { return std::make_unique<FakeKernel>(m_machine); }

    void receiveDatagrams(const Conversation &conversation, size_t payload, int count) override
    {
        datagrams(Direction::Received, conversation, payload, count);
    }

    void sendDatagrams(const Conversation &conversation, size_t payload, int count) override
    {
        datagrams(Direction::Sent, conversation, payload, count);
    }

    std::unique_ptr<Connection> connect(const Conversation &conversation) override;

    void forwardDatagrams(Family family, quint16 sourcePort, quint16 destinationPort, size_t payload,
                          int count) override
    {
        FakeMachine::Forwarded packets;
        packets.from = index(QStringLiteral("wan0"));
        packets.to = index(QStringLiteral("lan0"));
        packets.protocol = 17;
        packets.source = peer(family, 0);
        packets.sourcePort = sourcePort;
        packets.destination = peer(family, 1);
        packets.destinationPort = destinationPort;
        packets.bytes = quint64(count) * (payload + headers(family));
        packets.packets = quint64(count);
        m_machine->forward(packets);
    }

    void addLink(const QString &name) override { m_machine->addLink(FakeMachine::ethernet(name, {})); }
    void removeLink(const QString &name) override { m_machine->removeLink(index(name)); }
    void renameLink(const QString &from, const QString &to) override
    {
        m_machine->renameLink(index(from), to);
    }
    void setUp(const QString &name, bool up) override { m_machine->setUp(index(name), up); }

    void addBridge(const QString &name, const QString &port) override
    {
        Link bridge = m_machine->link(index(port));
        Link lower = bridge;
        bridge.index = 0;
        bridge.name = name;
        bridge.kind = LinkKind::Bridge;
        bridge.counters = {};
        lower.master = m_machine->addLink(bridge);
        lower.addresses.clear();
        lower.prefixLengths.clear();
        lower.onLinkPrefixes.clear();
        m_machine->setLink(lower);
    }

    QStringList traces() override
    {
        return m_machine->hasTraces() ? QStringList{QStringLiteral("the fake's counters")} : QStringList{};
    }

    FakeMachine &machine() { return *m_machine; }

    Packets packets(Direction direction, const Conversation &conversation) const
    {
        Packets packets;
        packets.link = index(conversation.link);
        packets.direction = direction;
        packets.localPort = conversation.localPort;
        packets.remote = peer(conversation.family, conversation.link == QLatin1String("wan0") ? 0 : 1);
        packets.remotePort = conversation.remotePort;
        return packets;
    }

private:
    static Address peer(Family family, int net)
    {
        if (family == Family::V4)
            return address(net == 0 ? "10.9.0.2" : "10.9.1.2");
        return address(net == 0 ? "2001:db8:9:0::2" : "2001:db8:9:1::2");
    }

    int index(const QString &name) const
    {
        FakeKernel kernel(m_machine);
        const auto links = kernel.links();
        for (const Link &link : *links) {
            if (link.name == name)
                return link.index;
        }
        qFatal("there is no link %s", qPrintable(name));
    }

    void datagrams(Direction direction, const Conversation &conversation, size_t payload, int count)
    {
        Packets datagrams = packets(direction, conversation);
        datagrams.protocol = 17;
        datagrams.bytes = quint64(count) * (payload + headers(conversation.family));
        datagrams.packets = quint64(count);
        m_machine->pass(datagrams);
    }

    std::shared_ptr<FakeMachine> m_machine = std::make_shared<FakeMachine>();
};

/// Segments as TCP would send them, acknowledged one by one.
class FakeConnection : public ContractLab::Connection
{
public:
    FakeConnection(FakeLab &lab, const ContractLab::Conversation &conversation)
        : m_lab(lab), m_conversation(conversation),
          m_headers(conversation.family == ContractLab::Family::V4 ? 14 + 20 + 32 : 14 + 40 + 32)
    {
        pass(Direction::Received, 8, FlowState::Opening); // SYN has 8 bytes more of options
        pass(Direction::Sent, 8, FlowState::Opening);
        pass(Direction::Received, 0, FlowState::Established);
    }

    void receive(int segments, size_t payload) override { exchange(Direction::Received, segments, payload); }
    void send(int segments, size_t payload) override { exchange(Direction::Sent, segments, payload); }

    void close() override
    {
        pass(Direction::Received, 0, FlowState::Closing);
        pass(Direction::Sent, 0, FlowState::Closed);
        pass(Direction::Received, 0, FlowState::Closed);
    }

    Traffic wire() override { return m_wire; }

private:
    void exchange(Direction direction, int segments, size_t payload)
    {
        const Direction back = direction == Direction::Received ? Direction::Sent : Direction::Received;
        for (int i = 0; i < segments; ++i) {
            pass(direction, payload, FlowState::Established);
            pass(back, 0, FlowState::Established);
        }
    }

    void pass(Direction direction, size_t payload, FlowState state)
    {
        Packets segment = m_lab.packets(direction, m_conversation);
        segment.bytes = m_headers + payload;
        segment.state = state;
        m_lab.machine().pass(segment);
        m_wire += direction == Direction::Received ? Traffic{segment.bytes, 0, 1, 0}
                                                   : Traffic{0, segment.bytes, 0, 1};
    }

    FakeLab &m_lab;
    const ContractLab::Conversation m_conversation;
    const quint64 m_headers;
    Traffic m_wire;
};

std::unique_ptr<ContractLab::Connection> FakeLab::connect(const Conversation &conversation)
{
    return std::make_unique<FakeConnection>(*this, conversation);
}

} // namespace

std::unique_ptr<ContractLab> ContractLab::make()
{
    return std::make_unique<FakeLab>();
}

} // namespace weir::test
