// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/meter_problems.h"

namespace weir::meter_problems {

KernelProblem notPermitted(const Error &error)
{
    return {QStringLiteral("meter-not-permitted"), QStringLiteral("error"), QStringLiteral("meter"),
            QStringLiteral("No packet is metered: %1.").arg(error.message),
            QStringLiteral(
                "Run the helper with the capabilities CAP_NET_ADMIN and CAP_BPF, as its systemd unit does.")};
}

KernelProblem notLoaded(const Error &error)
{
    return {QStringLiteral("meter-not-loaded"), QStringLiteral("error"), QStringLiteral("meter"),
            QStringLiteral("No packet is metered: %1.").arg(error.message),
            QStringLiteral(
                "The meter needs Linux 5.15 or later with CONFIG_BPF_SYSCALL and CONFIG_NET_CLS_ACT.")};
}

KernelProblem noBpffs(const Error &error, const QString &directory)
{
    return {QStringLiteral("bpffs-missing"), QStringLiteral("error"), QStringLiteral("meter"),
            QStringLiteral("No packet is metered: %1.").arg(error.message),
            QStringLiteral("Mount one (mount -t bpf bpf /sys/fs/bpf) and make %1 the helper's own directory.")
                .arg(directory)};
}

KernelProblem linkNotMetered(const QString &link, const Error &error)
{
    return {QStringLiteral("link-not-metered"), QStringLiteral("error"), link,
            QStringLiteral("Traffic of %1 is not metered: %2.").arg(link, error.message),
            QStringLiteral("Remove what excludes the meter from %1, or do not meter it.").arg(link)};
}

KernelProblem linkPartlyMetered(const QString &link, const QString &warning)
{
    return {QStringLiteral("link-partly-metered"), QStringLiteral("warning"), link,
            QStringLiteral("Traffic of %1 may be missing: %2.").arg(link, warning),
            QStringLiteral("Give that filter another priority, so that the meter can have the first.")};
}

KernelProblem uppersUnknown(const Error &error)
{
    return {
        QStringLiteral("uppers-unknown"), QStringLiteral("warning"), QStringLiteral("meter"),
        QStringLiteral("Watches may count packets twice that are forwarded from a bridge, bond or VLAN: %1.")
            .arg(error.message),
        QStringLiteral("Meter fewer of the links below such links.")};
}

KernelProblem flowTableFull(size_t capacity, const QString &reason)
{
    return {QStringLiteral("flow-table-full"), QStringLiteral("warning"), QStringLiteral("meter"),
            QStringLiteral("The table of %1 connections is full%2: the least active ones are forgotten. "
                           "Links and watches are not affected.")
                .arg(capacity)
                .arg(reason.isEmpty() ? QString() : QStringLiteral(" and cannot grow (%1)").arg(reason)),
            QStringLiteral("Connections that end make room by themselves.")};
}

KernelProblem overlapsMissed(quint64 packets)
{
    return {
        QStringLiteral("overlap-table-full"), QStringLiteral("warning"), QStringLiteral("meter"),
        QStringLiteral("%1 forwarded packets were counted twice by watches that hold both of their ports.")
            .arg(packets),
        QStringLiteral("Use fewer overlapping watches on a machine that forwards.")};
}

} // namespace weir::meter_problems
