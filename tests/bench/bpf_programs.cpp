// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/bpf_programs.h"

#include <QDir>
#include <QFile>

#include <array>

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace weir::bench {

namespace {

using Capabilities = std::array<__user_cap_data_struct, 2>;

__user_cap_header_struct thisThread()
{
    return {_LINUX_CAPABILITY_VERSION_3, 0};
}

void setCapabilities(const Capabilities &capabilities)
{
    __user_cap_header_struct header = thisThread();
    if (syscall(SYS_capset, &header, capabilities.data()) != 0)
        qFatal("cannot set capabilities");
}

} // namespace

RunTime ownRunTime()
{
    RunTime sum;
    const QString directory = QStringLiteral("/proc/self/fd/");
    const QStringList descriptors =
        QDir(directory).entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot);
    for (const QString &descriptor : descriptors) {
        if (!QFile::symLinkTarget(directory + descriptor).endsWith(QLatin1String("anon_inode:bpf-prog")))
            continue;
        bpf_prog_info info{};
        quint32 size = sizeof info;
        if (bpf_obj_get_info_by_fd(descriptor.toInt(), &info, &size) == 0
            && info.type == BPF_PROG_TYPE_SCHED_CLS) {
            sum.nanoseconds += info.run_time_ns;
            sum.runs += info.run_cnt;
        }
    }
    return sum;
}

void withRightsOfTheHelper(const std::function<void()> &work)
{
    Capabilities all{};
    __user_cap_header_struct header = thisThread();
    if (syscall(SYS_capget, &header, all.data()) != 0)
        qFatal("cannot read capabilities");
    Capabilities few = all;
    few[CAP_TO_INDEX(CAP_NET_ADMIN)].effective = CAP_TO_MASK(CAP_NET_ADMIN);
    few[CAP_TO_INDEX(CAP_BPF)].effective = CAP_TO_MASK(CAP_BPF);
    setCapabilities(few);
    work();
    setCapabilities(all);
}

EmptyProgram::EmptyProgram(int interface)
{
    const bpf_insn instructions[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = -1},
        {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
    };
    m_program = FileDescriptor(bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "empty", "GPL", instructions,
                                             std::size(instructions), nullptr));
    if (!m_program)
        qFatal("cannot load an empty program");
    auto link = createTcxLink(m_program.get(), interface, Hook::Ingress);
    if (!link)
        qFatal("cannot attach an empty program: %s", qPrintable(link.error().message));
    m_link = std::move(*link);
}

} // namespace weir::bench
