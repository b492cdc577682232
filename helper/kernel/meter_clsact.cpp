// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/meter_clsact.h"

#include <bpf/libbpf.h>

#include <netlink/cache.h>
#include <netlink/netlink.h>
#include <netlink/route/classifier.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/tc.h>
#include <netlink/socket.h>

#include <linux/pkt_sched.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace weir::clsact {

namespace {

// A foreign filter that is no BPF program has priority 1 for itself; more than a few such are not to be
// expected.
constexpr quint32 kLastPriority = 16;

using Socket = std::unique_ptr<nl_sock, decltype(&nl_socket_free)>;
using Cache = std::unique_ptr<nl_cache, decltype(&nl_cache_free)>;

std::unexpected<Error> netlinkRefusal(const QString &attempt, int error)
{
    return failure(ErrorKind::KernelRefused,
                   QStringLiteral("cannot %1: %2").arg(attempt, QString::fromUtf8(nl_geterror(error))));
}

Socket connected()
{
    Socket socket(nl_socket_alloc(), nl_socket_free);
    if (socket && nl_connect(socket.get(), NETLINK_ROUTE) != 0)
        socket.reset();
    return socket;
}

bpf_tc_hook hookOf(int interface, bpf_tc_attach_point point)
{
    bpf_tc_hook hook{};
    hook.sz = sizeof(hook);
    hook.ifindex = interface;
    hook.attach_point = point;
    return hook;
}

bpf_tc_hook hookOf(int interface, Hook hook)
{
    return hookOf(interface, hook == Hook::Ingress ? BPF_TC_INGRESS : BPF_TC_EGRESS);
}

bpf_tc_opts ownFilter(quint32 priority)
{
    bpf_tc_opts options{};
    options.sz = sizeof(options);
    options.handle = kHandle;
    options.priority = priority;
    return options;
}

} // namespace

Result<QByteArray> qdiscKind(int interface)
{
    const Socket socket = connected();
    nl_cache *all = nullptr;
    if (const int failed = socket ? rtnl_qdisc_alloc_cache(socket.get(), &all) : -NLE_NOMEM; failed != 0)
        return netlinkRefusal(QStringLiteral("list the qdiscs of interface %1").arg(interface), failed);
    const Cache cache(all, nl_cache_free);
    for (nl_object *object = nl_cache_get_first(all); object; object = nl_cache_get_next(object)) {
        auto *tc = reinterpret_cast<rtnl_tc *>(object);
        if (rtnl_tc_get_ifindex(tc) == interface && rtnl_tc_get_parent(tc) == TC_H_INGRESS)
            return QByteArray(rtnl_tc_get_kind(tc));
    }
    return QByteArray();
}

Result<bool> makeQdisc(int interface)
{
    LibbpfMessages messages;
    bpf_tc_hook hook = hookOf(interface, bpf_tc_attach_point(BPF_TC_INGRESS | BPF_TC_EGRESS));
    const int failed = bpf_tc_hook_create(&hook);
    if (failed == -EEXIST)
        return false;
    if (failed != 0)
        return kernelRefusal(QStringLiteral("make a clsact qdisc on interface %1").arg(interface), -failed);
    return true;
}

void removeQdisc(int interface)
{
    LibbpfMessages messages;
    bpf_tc_hook hook = hookOf(interface, bpf_tc_attach_point(BPF_TC_INGRESS | BPF_TC_EGRESS));
    bpf_tc_hook_destroy(&hook);
}

Result<std::vector<Filter>> filters(int interface, Hook hook)
{
    const quint32 parent = TC_H_MAKE(TC_H_CLSACT, hook == Hook::Ingress ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
    const Socket socket = connected();
    nl_cache *all = nullptr;
    if (const int failed = socket ? rtnl_cls_alloc_cache(socket.get(), interface, parent, &all) : -NLE_NOMEM;
        failed != 0)
        return netlinkRefusal(QStringLiteral("list the filters of interface %1").arg(interface), failed);
    const Cache cache(all, nl_cache_free);
    std::vector<Filter> found;
    for (nl_object *object = nl_cache_get_first(all); object; object = nl_cache_get_next(object)) {
        auto *tc = reinterpret_cast<rtnl_tc *>(object);
        const quint32 handle = rtnl_tc_get_handle(tc);
        // A dump names each priority once without a filter.
        if (handle)
            found.push_back({rtnl_cls_get_prio(reinterpret_cast<rtnl_cls *>(object)), handle,
                             QByteArray(rtnl_tc_get_kind(tc))});
    }
    return found;
}

quint32 attachedProgram(int interface, Hook hook, quint32 priority)
{
    LibbpfMessages messages;
    const bpf_tc_hook place = hookOf(interface, hook);
    bpf_tc_opts options = ownFilter(priority);
    return bpf_tc_query(&place, &options) == 0 ? options.prog_id : 0;
}

Result<quint32> attach(int interface, Hook hook, int program)
{
    LibbpfMessages messages;
    const auto present = filters(interface, hook);
    if (!present)
        return std::unexpected(present.error());
    const auto own =
        std::find_if(present->begin(), present->end(), [](const Filter &filter) { return filter.ours(); });

    quint32 priority = own == present->end() ? kPriority : own->priority;
    const quint32 last = own == present->end() ? kLastPriority : priority;
    int failed = 0;
    for (; priority <= last; ++priority) {
        const bpf_tc_hook place = hookOf(interface, hook);
        bpf_tc_opts options = ownFilter(priority);
        options.prog_fd = program;
        options.flags = own == present->end() ? 0 : BPF_TC_F_REPLACE;
        failed = bpf_tc_attach(&place, &options);
        if (failed == 0)
            return priority;
        if (failed != -EINVAL)
            break;
    }
    return kernelRefusal(QStringLiteral("attach the meter to interface %1").arg(interface), -failed);
}

void detach(int interface, Hook hook)
{
    LibbpfMessages messages;
    const auto present = filters(interface, hook);
    if (!present)
        return;
    for (const Filter &filter : *present) {
        if (!filter.ours())
            continue;
        const bpf_tc_hook place = hookOf(interface, hook);
        bpf_tc_opts options = ownFilter(filter.priority);
        bpf_tc_detach(&place, &options);
    }
}

} // namespace weir::clsact
