// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/gate.h"

#include "helper/kernel/bpf_call.h"
#include "helper/kernel/gate_probe.h"
#include "helper/kernel/gate_rules.h"

#include <algorithm>
#include <new>
#include <set>
#include <utility>

#include <libmnl/libmnl.h>
#include <libnftnl/object.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

namespace weir {

namespace {

constexpr size_t kLargeBatch = 128 * 1024; // some hundred rules, some thousand elements
constexpr NftFamily kFamilies[] = {NftFamily::Netdev, NftFamily::Inet};

struct FreeObject {
    void operator()(nftnl_obj *object) const { nftnl_obj_free(object); }
};
using Object = std::unique_ptr<nftnl_obj, FreeObject>;

constexpr quint64 kEthernetHeader = 14;

struct Count {
    quint64 bytes = 0;
    quint64 packets = 0;
    bool hasHeaders = false; // of Ethernet

    quint64 framed() const { return hasHeaders ? bytes : bytes + packets * kEthernetHeader; }
};

const GateTable *tableIn(const GateModel &model, NftFamily family)
{
    const auto found = model.find(family);
    return found == model.end() ? nullptr : &found->second;
}

Object parsed(const nlmsghdr *message)
{
    Object object(nftnl_obj_alloc());
    if (!object)
        throw std::bad_alloc();
    if (nftnl_obj_nlmsg_parse(message, object.get()) < 0)
        return {};
    return object;
}

NftFamily familyIn(const nlmsghdr *message)
{
    return NftFamily(static_cast<const nfgenmsg *>(mnl_nlmsg_get_payload(message))->nfgen_family);
}

/// The name of the table that an event is about; they all have it in the same place.
QByteArray tableOf(const nlmsghdr *message)
{
    const nlattr *name = findAttribute(message, sizeof(nfgenmsg), NFTA_TABLE_NAME);
    return name && mnl_attr_validate(name, MNL_TYPE_STRING) >= 0 ? QByteArray(mnl_attr_get_str(name))
                                                                 : QByteArray();
}

} // namespace

Gate::Gate() = default;
Gate::~Gate() = default;

Result<void> Gate::start()
{
    auto socket = NftSocket::open();
    if (!socket) {
        m_unsupported = m_serviceUnsupported = socket.error().message;
        return {};
    }
    m_socket = std::move(*socket);
    GateSupport support = probeGate(*m_socket);
    m_unsupported = std::move(support.noGate);
    m_serviceUnsupported = std::move(support.noService);
    if (m_unsupported)
        return {};
    auto events = NftEvents::listen(m_socket->port());
    if (!events)
        return std::unexpected(events.error());
    m_events = std::move(*events);
    m_notifier = std::make_unique<QSocketNotifier>(m_events->descriptor(), QSocketNotifier::Read);
    QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(), [this] {
        takeEvents();
        deliver();
    });
    return {};
}

void Gate::onEvent(std::function<void(GateEvent)> callback)
{
    m_callback = std::move(callback);
}

Result<void> Gate::apply(const Wish &wish)
{
    if (m_unsupported) {
        if (wish.plan.isEmpty())
            return {};
        return failure(ErrorKind::Unsupported, *m_unsupported);
    }
    // What happened before is mended by what is done now.
    takeEvents();
    m_unheard = false;
    const bool isDone = m_isInStep && change(wish);
    const Result<void> done = isDone ? Result<void>() : rebuild(wish);
    if (done) {
        m_quotas = wish.plan.quotas;
        m_services = wish.plan.services;
        if (m_unheard && !areTablesThere()) {
            m_disturbed = true;
            m_isInStep = false;
        }
    }
    if (m_crossed || m_disturbed)
        QMetaObject::invokeMethod(
            m_notifier.get(), [this] { deliver(); }, Qt::QueuedConnection);
    return done;
}

GateModel Gate::modelOf(const Wish &wish, const GateStanding *standing) const
{
    GateModel model = gateModel(wish, standing);
    if (m_serviceUnsupported)
        model.erase(NftFamily::Inet);
    return model;
}

/// Sends what differs. False: the kernel has something else than what was put there.
bool Gate::change(const Wish &wish)
{
    const GateStanding standing{m_generation, m_model};
    GateModel model = modelOf(wish, &standing);
    NftBatch batch;
    for (const NftFamily family : kFamilies)
        addChanges(family, tableIn(m_model, family), tableIn(model, family), batch);
    if (!batch.isEmpty() && !send(batch)) {
        m_isInStep = false;
        return false;
    }
    m_model = std::move(model);
    return true;
}

Result<void> Gate::rebuild(const Wish &wish)
{
    GateModel model = modelOf(wish, nullptr);
    NftBatch batch;
    addRemovals(batch);
    for (const NftFamily family : kFamilies)
        addChanges(family, nullptr, tableIn(model, family), batch);
    if (auto done = send(batch); !done)
        return done;
    m_model = std::move(model);
    m_generation = boottimeNs();
    m_isInStep = true;
    return {};
}

/// Sends a batch; a large one unheard.
Result<void> Gate::send(NftBatch &batch)
{
    if (batch.bytes() < kLargeBatch)
        return m_socket->send(batch);
    m_unheard = true;
    m_events->pause();
    takeEvents();
    auto done = m_socket->send(batch);
    m_events->resume();
    return done;
}

/// Whether all tables are there: of what others do during a large batch nothing is heard.
bool Gate::areTablesThere()
{
    std::set<NftFamily> there;
    const auto done = m_socket->dump(
        QStringLiteral("list the tables of nftables"), NFT_MSG_GETTABLE, NftFamily::Unspecified,
        [](nlmsghdr *) {},
        [&](const nlmsghdr *message) {
            if (tableOf(message) == kGateTable && tableIn(m_model, familyIn(message)))
                there.insert(familyIn(message));
        });
    return done && there.size() == m_model.size();
}

/// Where services cannot be told apart there may be no such family of tables, and there is none of ours.
void Gate::addRemovals(NftBatch &batch) const
{
    for (const NftFamily family : kFamilies) {
        if (family != NftFamily::Inet || !m_serviceUnsupported)
            addRemoval(family, batch);
    }
}

Result<void> Gate::removeEverything()
{
    if (m_unsupported)
        return {};
    m_quotas.clear();
    m_services.clear();
    return rebuild({});
}

Result<GateReading> Gate::read()
{
    GateReading reading{m_generation, {}, {}};
    std::map<QByteArray, quint64> consumed;
    std::map<QByteArray, Count> counted;
    for (const auto &[family, table] : m_model) {
        if (table.quotas.empty() && table.counters.empty())
            continue;
        const auto done = m_socket->dump(
            QStringLiteral("read the quotas of nftables"), NFT_MSG_GETOBJ, family,
            [](nlmsghdr *m) { mnl_attr_put_strz(m, NFTA_OBJ_TABLE, kGateTable); },
            [&](const nlmsghdr *message) {
                const Object object = parsed(message);
                if (!object)
                    return;
                const QByteArray name = nftnl_obj_get_str(object.get(), NFTNL_OBJ_NAME);
                if (nftnl_obj_get_u32(object.get(), NFTNL_OBJ_TYPE) == NFT_OBJECT_QUOTA)
                    consumed[name] = nftnl_obj_get_u64(object.get(), NFTNL_OBJ_QUOTA_CONSUMED);
                else
                    counted[name] = {nftnl_obj_get_u64(object.get(), NFTNL_OBJ_CTR_BYTES),
                                     nftnl_obj_get_u64(object.get(), NFTNL_OBJ_CTR_PKTS),
                                     family == NftFamily::Netdev
                                         && name.endsWith(endingOf(FlowDirection::Up))};
            });
        if (!done)
            return std::unexpected(done.error());
    }
    for (const QuotaGate &quota : m_quotas) {
        const auto down = consumed.find(quotaName(quota, FlowDirection::Down));
        const auto up = consumed.find(quotaName(quota, FlowDirection::Up));
        if (down == consumed.end() || up == consumed.end())
            continue;
        reading.quotas.push_back({quota.watch,
                                  quota.epoch,
                                  {down->second, quota.apart ? up->second : 0},
                                  counted[droppedName(quota.watch, FlowDirection::Down)].framed(),
                                  counted[droppedName(quota.watch, FlowDirection::Up)].framed()});
    }
    std::set<qint64> policed;
    for (const GovernedService &service : m_services) {
        policed.insert(service.watch);
        policed.insert(service.quotas.begin(), service.quotas.end());
    }
    for (const qint64 watch : policed) {
        if (const auto drops = counted.find(policedName(watch)); drops != counted.end())
            reading.policed.push_back({watch, drops->second.packets, drops->second.bytes});
    }
    return reading;
}

void Gate::takeEvents()
{
    const auto received = m_events->receive([this](const nlmsghdr *message) { takeEvent(message); });
    if (received == NftEvents::Received::SomeLost)
        m_disturbed = true;
    if (m_disturbed)
        m_isInStep = false;
}

void Gate::takeEvent(const nlmsghdr *message)
{
    const quint16 type = NFNL_MSG_TYPE(message->nlmsg_type);
    if (NFNL_SUBSYS_ID(message->nlmsg_type) != NFNL_SUBSYS_NFTABLES || type == NFT_MSG_NEWGEN)
        return;
    const NftFamily family = familyIn(message);
    if (std::ranges::find(kFamilies, family) == std::end(kFamilies) || tableOf(message) != kGateTable)
        return;
    // A quota's crossing has no sender.
    if (type == NFT_MSG_NEWOBJ && message->nlmsg_pid == 0)
        m_crossed = true;
    else
        m_disturbed = true;
}

void Gate::deliver()
{
    const bool isDisturbed = std::exchange(m_disturbed, false);
    const bool isCrossed = std::exchange(m_crossed, false);
    if (isDisturbed && m_callback)
        m_callback(GateEvent::Disturbed);
    if (isCrossed && m_callback)
        m_callback(GateEvent::Crossed);
}

} // namespace weir
