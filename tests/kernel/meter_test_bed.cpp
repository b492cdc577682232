// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/meter_test_bed.h"

#include "helper/kernel/meter_settings.h"

#include <QtEndian>

#include <bpf/bpf.h>

#include <arpa/inet.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace weir::test {

namespace {

template <typename T>
T require(Result<T> result)
{
    if (!result)
        qFatal("%s", qPrintable(result.error().message));
    return std::move(*result);
}

MeterObject loaded()
{
    auto object = MeterObject::load();
    if (!object)
        qFatal("%s", qPrintable(object.error().error.message));
    return std::move(*object);
}

} // namespace

MeterTestBed::MeterTestBed(Framing framing)
    : m_object(loaded()), m_counters(require(MeterCounters::of(m_object))),
      m_flows4(require(FlowMap::create(FlowMap::Version::V4, m_object.map(MeterMap::Flows4)))),
      m_flows6(require(FlowMap::create(FlowMap::Version::V6, m_object.map(MeterMap::Flows6))))
{
    if (auto written = meter_settings::writeLink(m_object, kLoopback, true, framing == Framing::Ethernet);
        !written)
        qFatal("%s", qPrintable(written.error().message));
}

int MeterTestBed::shortest(const QByteArray &packet)
{
    const QByteArray type = packet.mid(12, 2);
    return type == packet::big16(0x0800) ? 34 : type == packet::big16(0x86dd) ? 54 : 15;
}

int MeterTestBed::feed(Hook hook, const QByteArray &packet, const PacketContext &context, int times)
{
    __sk_buff buffer{};
    buffer.ifindex = kLoopback;
    buffer.ingress_ifindex = quint32(context.from);
    buffer.gso_segs = context.segments;
    buffer.gso_size = context.segmentSize;

    bpf_test_run_opts options{};
    options.sz = sizeof(options);
    options.data_in = packet.constData();
    options.data_size_in = quint32(packet.size());
    options.ctx_in = &buffer;
    options.ctx_size_in = sizeof(buffer);
    options.repeat = times;
    if (bpf_prog_test_run_opts(m_object.program(hook), &options) != 0)
        qFatal("cannot run the program on %d bytes: %s", int(packet.size()), strerror(errno));
    return int(options.retval);
}

MeterSample MeterTestBed::sample(const std::vector<Atom> &atoms)
{
    return require(m_counters.sample(atoms));
}

LinkMeter MeterTestBed::link()
{
    const std::vector<LinkMeter> links = sample().links;
    const auto found = std::find_if(links.begin(), links.end(),
                                    [](const LinkMeter &link) { return link.index == kLoopback; });
    if (found == links.end())
        qFatal("the loopback has no counters");
    return *found;
}

std::vector<Flow> MeterTestBed::flows(std::chrono::seconds later)
{
    std::vector<Flow> flows;
    for (FlowMap *table : {&m_flows4, &m_flows6}) {
        if (auto read = table->read({{0, kLoopback}}, std::chrono::steady_clock::now() + later, &flows);
            !read)
            qFatal("%s", qPrintable(read.error().message));
    }
    std::sort(flows.begin(), flows.end(), [](const Flow &a, const Flow &b) { return a.key < b.key; });
    return flows;
}

namespace packet {

QByteArray big16(quint16 value)
{
    QByteArray bytes(2, '\0');
    qToBigEndian(value, bytes.data());
    return bytes;
}

QByteArray zeros(int count)
{
    return QByteArray(count, '\0');
}

QByteArray ethernet(quint16 type, const QByteArray &payload)
{
    return QByteArray::fromHex("020000000001020000000002") + big16(type) + payload;
}

QByteArray tag(quint16 type, const QByteArray &payload)
{
    return big16(42) + big16(type) + payload;
}

QByteArray vlan(quint16 tagType, quint16 type, const QByteArray &payload)
{
    return ethernet(tagType, tag(type, payload));
}

QByteArray v4(const V4 &header, const QByteArray &payload)
{
    QByteArray bytes;
    bytes += char(0x40 | (5 + header.options.size() / 4));
    bytes += char(0);
    bytes += big16(quint16(20 + header.options.size() + payload.size()));
    bytes += big16(header.identification);
    bytes += big16(header.fragment);
    bytes += char(64);
    bytes += char(header.protocol);
    bytes += big16(0);
    for (const char *text : {header.source, header.destination}) {
        QByteArray address(4, '\0');
        if (inet_pton(AF_INET, text, address.data()) != 1)
            qFatal("%s is no address", text);
        bytes += address;
    }
    return bytes + header.options + payload;
}

QByteArray v6(const V6 &header, const QByteArray &payload)
{
    QByteArray bytes = QByteArray::fromHex("60000000") + big16(quint16(payload.size()));
    bytes += char(header.next);
    bytes += char(64);
    for (const char *text : {header.source, header.destination}) {
        QByteArray address(16, '\0');
        if (inet_pton(AF_INET6, text, address.data()) != 1)
            qFatal("%s is no address", text);
        bytes += address;
    }
    return bytes + payload;
}

QByteArray udp(quint16 source, quint16 destination, int payload)
{
    return big16(source) + big16(destination) + big16(quint16(8 + payload)) + big16(0) + zeros(payload);
}

QByteArray tcp(quint16 source, quint16 destination, quint8 flags, int payload, int options)
{
    QByteArray bytes = big16(source) + big16(destination) + zeros(8);
    bytes += char((5 + options / 4) << 4);
    bytes += char(flags);
    return bytes + zeros(6) + zeros(options) + zeros(payload);
}

QByteArray v4Frame(const V4 &header, const QByteArray &payload)
{
    return ethernet(0x0800, v4(header, payload));
}

QByteArray v6Frame(const V6 &header, const QByteArray &payload)
{
    return ethernet(0x86dd, v6(header, payload));
}

} // namespace packet

} // namespace weir::test
