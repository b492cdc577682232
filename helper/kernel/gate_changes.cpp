// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/gate_headers.h"
#include "helper/kernel/gate_model.h"

#include <QtEndian>

#include <algorithm>
#include <iterator>
#include <limits>
#include <new>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/object.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

namespace weir {

namespace {

constexpr size_t kElementsInMessage = 1000; // some 50 bytes each, 64 KiB in all
constexpr quint64 kMaxLine = quint64(std::numeric_limits<qint64>::max());

template <typename T, void (*release)(const T *)>
struct Release {
    void operator()(T *object) const { release(object); }
};
using Chain = std::unique_ptr<nftnl_chain, Release<nftnl_chain, nftnl_chain_free>>;
using Object = std::unique_ptr<nftnl_obj, Release<nftnl_obj, nftnl_obj_free>>;
using Set = std::unique_ptr<nftnl_set, Release<nftnl_set, nftnl_set_free>>;

template <typename Owner>
Owner required(typename Owner::pointer object)
{
    if (!object)
        throw std::bad_alloc();
    return Owner(object);
}

/// Calls `each` with every key of the two maps and its value before and after; null where there is none.
template <typename Map, typename Each>
void inPairs(const Map &before, const Map &after, const Each &each)
{
    auto then = before.begin();
    auto now = after.begin();
    while (then != before.end() || now != after.end()) {
        const bool isGone = now == after.end() || (then != before.end() && then->first < now->first);
        const bool isNew = then == before.end() || (now != after.end() && now->first < then->first);
        each(isNew ? now->first : then->first, isNew ? nullptr : &then->second,
             isGone ? nullptr : &now->second);
        if (!isNew)
            ++then;
        if (!isGone)
            ++now;
    }
}

std::vector<QByteArray> onlyIn(const std::set<QByteArray> &these, const std::set<QByteArray> &those)
{
    std::vector<QByteArray> result;
    std::ranges::set_difference(these, those, std::back_inserter(result));
    return result;
}

/// One element to send: its key, and in a map of verdicts the chain.
struct Element {
    GateKey key;
    QByteArray chain = {};
};

/// For the lists of the command nft: which numbers of a set are as the machine has them.
QByteArray byteOrders(const GateSetKind &kind)
{
    const QByteArray hostEndian = nft::hostOrder(1); // as nft numbers orders
    const auto isNumber = [](quint32 type) {
        return type == kTypeMark || type == kTypeClass || type == kTypeCgroup;
    };
    QByteArray orders;
    const auto add = [&](quint8 attribute) {
        orders.append(char(attribute)).append(char(hostEndian.size())).append(hostEndian);
    };
    if (isNumber(kind.keyType))
        add(NFTNL_UDATA_SET_KEYBYTEORDER);
    if (kind.dataLength && isNumber(kind.dataType))
        add(NFTNL_UDATA_SET_DATABYTEORDER);
    return orders;
}

/// Writes the messages that change one table.
class TableChanges
{
public:
    TableChanges(NftFamily family, NftBatch &batch) : m_family(family), m_batch(batch) { }

    void run(const GateTable &before, const GateTable &after);
    void addTable();
    void deleteTable();

private:
    void addObject(const QByteArray &name, quint32 type, std::optional<quint64> line, const char *attempt);
    void deleteObject(const QByteArray &name, quint32 type);
    void addChain(const QByteArray &name, const std::optional<GateHook> &hook);
    void deleteChain(const QByteArray &name);
    void clearChain(const QByteArray &name);
    void addRules(const QByteArray &name, const GateChain &chain);
    void addSet(const QByteArray &name, const GateSetKind &kind);
    void deleteSet(const QByteArray &name);
    void sendElements(quint16 type, const QByteArray &set, const std::vector<Element> &elements);
    void changeElements(const QByteArray &name, const GateSet &before, const GateSet &after);
    void changePorts(const QByteArray &name, const GatePorts &before, const GatePorts &after);

    void addNew(const GateTable &before, const GateTable &after);
    void changeChains(const GateTable &before, const GateTable &after);
    void changeSets(const GateTable &before, const GateTable &after);
    void deleteOld(const GateTable &before, const GateTable &after);

    const NftFamily m_family;
    NftBatch &m_batch;
    quint32 m_setId = 0;
};

void TableChanges::addTable()
{
    m_batch.add(NFT_MSG_NEWTABLE, m_family, NLM_F_CREATE, "add table", kGateTable,
                [](nlmsghdr *m) { mnl_attr_put_strz(m, NFTA_TABLE_NAME, kGateTable); });
}

void TableChanges::deleteTable()
{
    m_batch.add(NFT_MSG_DELTABLE, m_family, 0, "delete table", kGateTable,
                [](nlmsghdr *m) { mnl_attr_put_strz(m, NFTA_TABLE_NAME, kGateTable); });
}

void TableChanges::addObject(const QByteArray &name, quint32 type, std::optional<quint64> line,
                             const char *attempt)
{
    const auto object = required<Object>(nftnl_obj_alloc());
    nftnl_obj_set_str(object.get(), NFTNL_OBJ_TABLE, kGateTable);
    nftnl_obj_set_str(object.get(), NFTNL_OBJ_NAME, name.constData());
    nftnl_obj_set_u32(object.get(), NFTNL_OBJ_TYPE, type);
    if (line) {
        nftnl_obj_set_u64(object.get(), NFTNL_OBJ_QUOTA_BYTES, std::min(*line, kMaxLine));
        nftnl_obj_set_u32(object.get(), NFTNL_OBJ_QUOTA_FLAGS, NFT_QUOTA_F_INV);
    }
    m_batch.add(NFT_MSG_NEWOBJ, m_family, NLM_F_CREATE, attempt, name,
                [&](nlmsghdr *m) { nftnl_obj_nlmsg_build_payload(m, object.get()); });
}

void TableChanges::deleteObject(const QByteArray &name, quint32 type)
{
    m_batch.add(NFT_MSG_DELOBJ, m_family, 0, "delete object", name, [&](nlmsghdr *m) {
        mnl_attr_put_strz(m, NFTA_OBJ_TABLE, kGateTable);
        mnl_attr_put_strz(m, NFTA_OBJ_NAME, name.constData());
        mnl_attr_put_u32(m, NFTA_OBJ_TYPE, qToBigEndian<quint32>(type));
    });
}

void TableChanges::addChain(const QByteArray &name, const std::optional<GateHook> &hook)
{
    const auto chain = required<Chain>(nftnl_chain_alloc());
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TABLE, kGateTable);
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_NAME, name.constData());
    QByteArray told = name;
    if (hook) {
        nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TYPE, "filter");
        nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_HOOKNUM, hook->number);
        nftnl_chain_set_s32(chain.get(), NFTNL_CHAIN_PRIO, 0);
        nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_POLICY, NF_ACCEPT);
        if (!hook->device.isEmpty()) {
            nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_DEV, hook->device.constData());
            told += " on the link " + hook->device;
        }
    }
    m_batch.add(NFT_MSG_NEWCHAIN, m_family, NLM_F_CREATE, "add chain", told,
                [&](nlmsghdr *m) { nftnl_chain_nlmsg_build_payload(m, chain.get()); });
}

void TableChanges::deleteChain(const QByteArray &name)
{
    m_batch.add(NFT_MSG_DELCHAIN, m_family, 0, "delete chain", name, [&](nlmsghdr *m) {
        mnl_attr_put_strz(m, NFTA_CHAIN_TABLE, kGateTable);
        mnl_attr_put_strz(m, NFTA_CHAIN_NAME, name.constData());
    });
}

void TableChanges::clearChain(const QByteArray &name)
{
    m_batch.add(NFT_MSG_DELRULE, m_family, 0, "delete the rules of chain", name, [&](nlmsghdr *m) {
        mnl_attr_put_strz(m, NFTA_RULE_TABLE, kGateTable);
        mnl_attr_put_strz(m, NFTA_RULE_CHAIN, name.constData());
    });
}

void TableChanges::addRules(const QByteArray &name, const GateChain &chain)
{
    for (const nft::Rule &rule : chain.rules) {
        m_batch.add(NFT_MSG_NEWRULE, m_family, NLM_F_CREATE | NLM_F_APPEND, "add a rule to chain", name,
                    [&](nlmsghdr *m) {
                        mnl_attr_put_strz(m, NFTA_RULE_TABLE, kGateTable);
                        mnl_attr_put_strz(m, NFTA_RULE_CHAIN, name.constData());
                        mnl_attr_put(m, NFTA_RULE_EXPRESSIONS | NLA_F_NESTED, size_t(rule.size()),
                                     rule.constData());
                    });
    }
}

void TableChanges::addSet(const QByteArray &name, const GateSetKind &kind)
{
    const auto set = required<Set>(nftnl_set_alloc());
    nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, kGateTable);
    nftnl_set_set_str(set.get(), NFTNL_SET_NAME, name.constData());
    nftnl_set_set_u32(set.get(), NFTNL_SET_ID, ++m_setId);
    nftnl_set_set_u32(set.get(), NFTNL_SET_FLAGS, kind.flags);
    nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_TYPE, kind.keyType);
    nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_LEN, kind.keyLength);
    if (kind.flags & NFT_SET_MAP) {
        nftnl_set_set_u32(set.get(), NFTNL_SET_DATA_TYPE, kind.dataLength ? kind.dataType : NFT_DATA_VERDICT);
        if (kind.dataLength)
            nftnl_set_set_u32(set.get(), NFTNL_SET_DATA_LEN, kind.dataLength);
    }
    if (kind.size)
        nftnl_set_set_u32(set.get(), NFTNL_SET_DESC_SIZE, kind.size);
    if (kind.timeoutMs)
        nftnl_set_set_u64(set.get(), NFTNL_SET_TIMEOUT, kind.timeoutMs);
    const QByteArray orders = byteOrders(kind);
    nftnl_set_set_data(set.get(), NFTNL_SET_USERDATA, orders.constData(), quint32(orders.size()));
    m_batch.add(NFT_MSG_NEWSET, m_family, NLM_F_CREATE, "add set", name,
                [&](nlmsghdr *m) { nftnl_set_nlmsg_build_payload(m, set.get()); });
}

void TableChanges::deleteSet(const QByteArray &name)
{
    m_batch.add(NFT_MSG_DELSET, m_family, 0, "delete set", name, [&](nlmsghdr *m) {
        mnl_attr_put_strz(m, NFTA_SET_TABLE, kGateTable);
        mnl_attr_put_strz(m, NFTA_SET_NAME, name.constData());
    });
}

void TableChanges::sendElements(quint16 type, const QByteArray &name, const std::vector<Element> &elements)
{
    const bool isNew = type == NFT_MSG_NEWSETELEM;
    for (size_t begin = 0; begin < elements.size(); begin += kElementsInMessage) {
        const auto set = required<Set>(nftnl_set_alloc());
        nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, kGateTable);
        nftnl_set_set_str(set.get(), NFTNL_SET_NAME, name.constData());
        for (size_t i = begin; i < std::min(begin + kElementsInMessage, elements.size()); ++i) {
            const Element &element = elements[i];
            nftnl_set_elem *made = nftnl_set_elem_alloc();
            if (!made)
                throw std::bad_alloc();
            nftnl_set_elem_add(set.get(), made); // which owns it
            nftnl_set_elem_set(made, NFTNL_SET_ELEM_KEY, element.key.bytes.constData(),
                               quint32(element.key.bytes.size()));
            if (element.key.endsInterval)
                nftnl_set_elem_set_u32(made, NFTNL_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
            if (isNew && !element.chain.isEmpty()) {
                nftnl_set_elem_set_u32(made, NFTNL_SET_ELEM_VERDICT, quint32(NFT_JUMP));
                nftnl_set_elem_set_str(made, NFTNL_SET_ELEM_CHAIN, element.chain.constData());
            }
        }
        m_batch.add(type, m_family, isNew ? NLM_F_CREATE : 0,
                    isNew ? "add elements to set" : "delete elements from set", name,
                    [&](nlmsghdr *m) { nftnl_set_elems_nlmsg_build_payload(m, set.get()); });
    }
}

void TableChanges::changeElements(const QByteArray &name, const GateSet &before, const GateSet &after)
{
    std::vector<Element> gone;
    std::vector<Element> come;
    inPairs(before.elements, after.elements,
            [&](const GateKey &key, const QByteArray *then, const QByteArray *now) {
                if (then && now && *then == *now)
                    return;
                if (then)
                    gone.push_back({key});
                if (now)
                    come.push_back({key, *now});
            });
    sendElements(NFT_MSG_DELSETELEM, name, gone);
    sendElements(NFT_MSG_NEWSETELEM, name, come);
}

void TableChanges::changePorts(const QByteArray &name, const GatePorts &before, const GatePorts &after)
{
    const auto keyOf = [](size_t index) {
        QByteArray key(8, '\0');
        key[0] = char(index < 65536 ? IPPROTO_TCP : IPPROTO_UDP);
        key.replace(4, 2, nft::networkOrder16(quint16(index)));
        return GateKey{key};
    };
    std::vector<Element> gone;
    std::vector<Element> come;
    // By the message, so that little memory is needed at once.
    const auto send = [&](size_t from) {
        if (std::max(gone.size(), come.size()) < from)
            return;
        sendElements(NFT_MSG_DELSETELEM, name, gone);
        sendElements(NFT_MSG_NEWSETELEM, name, come);
        gone.clear();
        come.clear();
    };
    for (size_t i = 0; i < kGatePortIndexes; ++i) {
        const quint32 then = before.atoms.empty() ? 0 : before.atoms[i];
        const quint32 now = after.atoms.empty() ? 0 : after.atoms[i];
        if (then == now)
            continue;
        if (then)
            gone.push_back({keyOf(i)});
        if (now)
            come.push_back({keyOf(i), after.chain(now)});
        send(kElementsInMessage);
    }
    send(1);
}

/// What rules and elements will refer to comes first.
void TableChanges::addNew(const GateTable &before, const GateTable &after)
{
    inPairs(before.quotas, after.quotas,
            [this](const QByteArray &name, const quint64 *then, const quint64 *now) {
                if (now && !then)
                    addObject(name, NFT_OBJECT_QUOTA, *now, "add quota");
                else if (now && *then != *now)
                    addObject(name, NFT_OBJECT_QUOTA, *now, "move the line of quota");
            });
    for (const QByteArray &name : onlyIn(after.counters, before.counters))
        addObject(name, NFT_OBJECT_COUNTER, std::nullopt, "add counter");
    for (const auto &[name, set] : after.sets) {
        if (!before.sets.contains(name))
            addSet(name, set.kind);
    }
    inPairs(before.chains, after.chains,
            [this](const QByteArray &name, const GateChain *then, const GateChain *now) {
                // A hook cannot be changed; nothing jumps to a chain that has one, so it can be made anew.
                if (now && then && then->hook != now->hook)
                    deleteChain(name);
                if (now && (!then || then->hook != now->hook))
                    addChain(name, now->hook);
            });
}

void TableChanges::changeChains(const GateTable &before, const GateTable &after)
{
    inPairs(before.chains, after.chains,
            [this](const QByteArray &name, const GateChain *then, const GateChain *now) {
                const bool stays = then && now && then->hook == now->hook;
                if (stays && then->rules == now->rules)
                    return;
                if ((stays || !now) && !then->rules.empty())
                    clearChain(name);
                if (now)
                    addRules(name, *now);
            });
}

void TableChanges::changeSets(const GateTable &before, const GateTable &after)
{
    static const GateSet empty;
    static const GatePorts none;
    inPairs(before.sets, after.sets, [this](const QByteArray &name, const GateSet *then, const GateSet *now) {
        if (now)
            changeElements(name, then ? *then : empty, *now);
    });
    inPairs(before.ports, after.ports,
            [this](const QByteArray &name, const GatePorts *then, const GatePorts *now) {
                if (now)
                    changePorts(name, then ? *then : none, *now);
            });
}

/// Nothing refers to them any more: their users were changed before, or go with them.
void TableChanges::deleteOld(const GateTable &before, const GateTable &after)
{
    for (const auto &[name, set] : before.sets) {
        if (!after.sets.contains(name))
            deleteSet(name);
    }
    inPairs(before.chains, after.chains,
            [this](const QByteArray &name, const GateChain *, const GateChain *now) {
                if (!now)
                    deleteChain(name);
            });
    inPairs(before.quotas, after.quotas, [this](const QByteArray &name, const quint64 *, const quint64 *now) {
        if (!now)
            deleteObject(name, NFT_OBJECT_QUOTA);
    });
    for (const QByteArray &name : onlyIn(before.counters, after.counters))
        deleteObject(name, NFT_OBJECT_COUNTER);
}

void TableChanges::run(const GateTable &before, const GateTable &after)
{
    addNew(before, after);
    changeChains(before, after);
    changeSets(before, after);
    deleteOld(before, after);
}

} // namespace

void addChanges(NftFamily family, const GateTable *before, const GateTable *after, NftBatch &batch)
{
    static const GateTable empty;
    TableChanges changes(family, batch);
    if (before && !after)
        return changes.deleteTable();
    if (!after)
        return;
    if (!before)
        changes.addTable();
    changes.run(before ? *before : empty, *after);
}

void addRemoval(NftFamily family, NftBatch &batch)
{
    TableChanges changes(family, batch);
    changes.addTable(); // deleting what is not there would fail the batch
    changes.deleteTable();
}

} // namespace weir
