// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <initializer_list>

/// The expressions that rules are made of, each as the bytes that the kernel takes. Values: two rules that do
/// the same are equal.
namespace weir::nft {

using Expression = QByteArray;
/// Expressions in their order; the first that does not match ends the rule.
using Rule = QByteArray;

inline Rule rule(std::initializer_list<Expression> expressions)
{
    Rule all;
    for (const Expression &expression : expressions)
        all += expression;
    return all;
}

/// Sixteen registers of four bytes each; values that lie behind each other make one key.
enum Register : quint32 { Reg0 = 8, Reg1, Reg2, Reg3, Reg4, Reg5, Reg6, Reg7, Reg8, Reg9, Reg10 };

/// The four bytes of a number as the machine has it.
QByteArray hostOrder(quint32 value);
/// The eight bytes of a number as the machine has it.
QByteArray hostOrder64(quint64 value);
/// The two bytes of a number as packets have it.
QByteArray networkOrder16(quint16 value);

Expression loadMeta(quint32 key, Register to = Reg0);
Expression setMeta(quint32 key, Register from = Reg0);
Expression loadNetworkHeader(quint32 offset, quint32 length, Register to = Reg0);
Expression loadTransportHeader(quint32 offset, quint32 length, Register to = Reg0);
/// Bytes of the fragment header of IPv6; a packet without one does not match.
Expression loadFragmentHeader(quint32 offset, quint32 length, Register to = Reg0);
/// One byte: 1 where there is a fragment header of IPv6, else 0.
Expression hasFragmentHeader(Register to = Reg0);
/// The id (8 bytes) of the cgroup of the packet's socket, or of that which lies `level` below the root above
/// it. A packet without a socket does not match.
Expression loadCgroup(quint32 level, Register to = Reg0);
Expression immediate(const QByteArray &data, Register to = Reg0);
Expression mask(const QByteArray &bits, Register in = Reg0);

Expression equals(const QByteArray &data, Register in = Reg0);
Expression differs(const QByteArray &data, Register in = Reg0);
Expression isAtLeast(const QByteArray &data, Register in = Reg0);
Expression isAtMost(const QByteArray &data, Register in = Reg0);
Expression isIn(const QByteArray &set, Register key = Reg0);
/// Replaces what is in `to` by the map's value; a key that is not in it does not match.
Expression look(const QByteArray &map, Register key, Register to);
/// Goes where the map of verdicts says; a key that is not in it does not match.
Expression follow(const QByteArray &map, Register key = Reg0);
/// Puts the key with its value into a dynamic map, or renews it; does not match when the map is full.
Expression remember(const QByteArray &map, Register key, Register value);

/// Matches what crosses the line of the quota object.
Expression isOver(const QByteArray &quota);
Expression count(const QByteArray &counter);
/// Matches what comes beyond the rate.
Expression exceeds(quint64 bytesPerSecond, quint32 burstBytes);

Expression jump(const QByteArray &chain);
Expression goTo(const QByteArray &chain);
Expression leave(); ///< return
Expression accept();
Expression drop();
/// Hands the packet to the device whose index is in the register.
Expression forward(Register device = Reg0);

} // namespace weir::nft
