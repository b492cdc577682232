// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/nft_expressions.h"

#include <QtEndian>

#include <memory>
#include <new>
#include <optional>

#include <libmnl/libmnl.h>
#include <libnftnl/expr.h>
#include <linux/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

namespace weir::nft {

namespace {

constexpr size_t kMaxExpression = 1024;

struct FreeExpression {
    void operator()(nftnl_expr *expression) const { nftnl_expr_free(expression); }
};

template <typename Fill>
Expression encode(const char *name, const Fill &fill)
{
    const std::unique_ptr<nftnl_expr, FreeExpression> expression(nftnl_expr_alloc(name));
    if (!expression)
        throw std::bad_alloc();
    fill(expression.get());
    alignas(nlmsghdr) char buffer[kMaxExpression] = {}; // what is between attributes is compared, too
    nlmsghdr *message = mnl_nlmsg_put_header(buffer);
    nlattr *nest = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
    nftnl_expr_build_payload(message, expression.get());
    mnl_attr_nest_end(message, nest);
    return {static_cast<const char *>(mnl_nlmsg_get_payload(message)),
            qsizetype(mnl_nlmsg_get_payload_len(message))};
}

template <typename Number>
QByteArray bytesOf(Number value)
{
    return {reinterpret_cast<const char *>(&value), sizeof value};
}

Expression loadPayload(quint32 base, quint32 offset, quint32 length, Register to)
{
    return encode("payload", [&](nftnl_expr *e) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
        nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
        nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, length);
        nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, to);
    });
}

Expression loadExtension(quint32 offset, quint32 length, quint32 flags, Register to)
{
    return encode("exthdr", [&](nftnl_expr *e) {
        nftnl_expr_set_u8(e, NFTNL_EXPR_EXTHDR_TYPE, IPPROTO_FRAGMENT);
        nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_OFFSET, offset);
        nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_LEN, length);
        nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_FLAGS, flags);
        nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_OP, NFT_EXTHDR_OP_IPV6);
        nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_DREG, to);
    });
}

Expression compare(quint32 operation, const QByteArray &data, Register in)
{
    return encode("cmp", [&](nftnl_expr *e) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, in);
        nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, operation);
        nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data.constData(), quint32(data.size()));
    });
}

Expression lookup(const QByteArray &set, Register key, std::optional<quint32> to)
{
    return encode("lookup", [&](nftnl_expr *e) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, key);
        nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, set.constData());
        if (to)
            nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_DREG, *to);
    });
}

Expression object(quint32 type, const QByteArray &name)
{
    return encode("objref", [&](nftnl_expr *e) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_OBJREF_IMM_TYPE, type);
        nftnl_expr_set_str(e, NFTNL_EXPR_OBJREF_IMM_NAME, name.constData());
    });
}

Expression verdict(int code, const QByteArray &chain = {})
{
    return encode("immediate", [&](nftnl_expr *e) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
        nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, quint32(code));
        if (!chain.isEmpty())
            nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, chain.constData());
    });
}

} // namespace

QByteArray hostOrder(quint32 value)
{
    return bytesOf(value);
}

QByteArray hostOrder64(quint64 value)
{
    return bytesOf(value);
}

QByteArray networkOrder16(quint16 value)
{
    return bytesOf(qToBigEndian<quint16>(value));
}

Expression loadMeta(quint32 key, Register to)
{
    return encode("meta", [&](nftnl_expr *e) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
        nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, to);
    });
}

Expression setMeta(quint32 key, Register from)
{
    return encode("meta", [&](nftnl_expr *e) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
        nftnl_expr_set_u32(e, NFTNL_EXPR_META_SREG, from);
    });
}

Expression loadNetworkHeader(quint32 offset, quint32 length, Register to)
{
    return loadPayload(NFT_PAYLOAD_NETWORK_HEADER, offset, length, to);
}

Expression loadTransportHeader(quint32 offset, quint32 length, Register to)
{
    return loadPayload(NFT_PAYLOAD_TRANSPORT_HEADER, offset, length, to);
}

Expression loadFragmentHeader(quint32 offset, quint32 length, Register to)
{
    return loadExtension(offset, length, 0, to);
}

Expression hasFragmentHeader(Register to)
{
    return loadExtension(0, 1, NFT_EXTHDR_F_PRESENT, to);
}

Expression loadCgroup(quint32 level, Register to)
{
    return encode("socket", [&](nftnl_expr *e) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_SOCKET_KEY, NFT_SOCKET_CGROUPV2);
        nftnl_expr_set_u32(e, NFTNL_EXPR_SOCKET_DREG, to);
        nftnl_expr_set_u32(e, NFTNL_EXPR_SOCKET_LEVEL, level);
    });
}

Expression immediate(const QByteArray &data, Register to)
{
    return encode("immediate", [&](nftnl_expr *e) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, to);
        nftnl_expr_set(e, NFTNL_EXPR_IMM_DATA, data.constData(), quint32(data.size()));
    });
}

Expression mask(const QByteArray &bits, Register in)
{
    const QByteArray none(bits.size(), '\0');
    return encode("bitwise", [&](nftnl_expr *e) {
        nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, in);
        nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, in);
        nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
        nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, quint32(bits.size()));
        nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, bits.constData(), quint32(bits.size()));
        nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, none.constData(), quint32(none.size()));
    });
}

Expression equals(const QByteArray &data, Register in)
{
    return compare(NFT_CMP_EQ, data, in);
}

Expression differs(const QByteArray &data, Register in)
{
    return compare(NFT_CMP_NEQ, data, in);
}

Expression isAtLeast(const QByteArray &data, Register in)
{
    return compare(NFT_CMP_GTE, data, in);
}

Expression isAtMost(const QByteArray &data, Register in)
{
    return compare(NFT_CMP_LTE, data, in);
}

Expression isIn(const QByteArray &set, Register key)
{
    return lookup(set, key, std::nullopt);
}

Expression look(const QByteArray &map, Register key, Register to)
{
    return lookup(map, key, to);
}

Expression follow(const QByteArray &map, Register key)
{
    return lookup(map, key, NFT_REG_VERDICT);
}

Expression remember(const QByteArray &map, Register key, Register value)
{
    return encode("dynset", [&](nftnl_expr *e) {
        nftnl_expr_set_str(e, NFTNL_EXPR_DYNSET_SET_NAME, map.constData());
        nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_OP, NFT_DYNSET_OP_UPDATE);
        nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_SREG_KEY, key);
        nftnl_expr_set_u32(e, NFTNL_EXPR_DYNSET_SREG_DATA, value);
    });
}

Expression isOver(const QByteArray &quota)
{
    return object(NFT_OBJECT_QUOTA, quota);
}

Expression count(const QByteArray &counter)
{
    return object(NFT_OBJECT_COUNTER, counter);
}

Expression exceeds(quint64 bytesPerSecond, quint32 burstBytes)
{
    return encode("limit", [&](nftnl_expr *e) {
        nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_RATE, bytesPerSecond);
        nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_UNIT, 1);
        nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_BURST, burstBytes);
        nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKT_BYTES);
        nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_FLAGS, NFT_LIMIT_F_INV);
    });
}

Expression jump(const QByteArray &chain)
{
    return verdict(NFT_JUMP, chain);
}

Expression goTo(const QByteArray &chain)
{
    return verdict(NFT_GOTO, chain);
}

Expression leave()
{
    return verdict(NFT_RETURN);
}

Expression accept()
{
    return verdict(NF_ACCEPT);
}

Expression drop()
{
    return verdict(NF_DROP);
}

Expression forward(Register device)
{
    return encode("fwd", [&](nftnl_expr *e) { nftnl_expr_set_u32(e, NFTNL_EXPR_FWD_SREG_DEV, device); });
}

} // namespace weir::nft
