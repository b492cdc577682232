// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/problem_texts.h"

#include <QCoreApplication>

#include <optional>

namespace weir::gui::text {

namespace {

struct Problems {
    Q_DECLARE_TR_FUNCTIONS(weir::gui::Problems)
};

struct Words {
    QString title;
    QString remedy;
};

std::optional<Words> wordsOf(const dbus::ProblemRow &problem)
{
    const auto is = [&](const char *id) { return problem.id == QLatin1String(id); };
    if (is("meter-not-permitted"))
        return Words{Problems::tr("The service may not meter"),
                     Problems::tr("Run the service with the capabilities CAP_NET_ADMIN and CAP_BPF, as its "
                                  "systemd unit does.")};
    if (is("meter-not-loaded") || is("meter-refused"))
        return Words{
            Problems::tr("The kernel did not take the meter"),
            Problems::tr(
                "The meter needs Linux 5.15 or later with CONFIG_BPF_SYSCALL and CONFIG_NET_CLS_ACT; "
                "the kernel's log may say more.")};
    if (is("bpffs-missing"))
        return Words{
            Problems::tr("There is no place for the meter's maps"),
            Problems::tr(
                "Mount a BPF file system (mount -t bpf bpf /sys/fs/bpf) that the service may write to.")};
    if (is("link-not-metered"))
        return Words{
            Problems::tr("A link is not metered"),
            Problems::tr("Remove what keeps the meter off %1, or do not meter it.").arg(problem.subject)};
    if (is("link-partly-metered"))
        return Words{
            Problems::tr("A link may be metered in part only"),
            Problems::tr(
                "Give the other filter on %1 a later priority, so that the meter can have the first.")
                .arg(problem.subject)};
    if (is("flow-table-full"))
        return Words{
            Problems::tr("The table of connections is full"),
            Problems::tr(
                "Connections that end make room by themselves. Links and watches are not affected.")};
    if (is("overlap-table-full"))
        return Words{Problems::tr("Some forwarded packets were counted twice"),
                     Problems::tr("Use fewer overlapping watches on a machine that forwards.")};
    if (is("meter-drift"))
        return Words{
            Problems::tr("The meter and the link disagree"),
            Problems::tr(
                "Look for hardware offload and for drops in the queue of %1. The link's total is right.")
                .arg(problem.subject)};
    if (is("links-not-read") || is("meter-not-read"))
        return Words{Problems::tr("The kernel's counters cannot be read"), problem.remedy};
    if (is("links-not-applied"))
        return Words{Problems::tr("What is metered does not follow the links"),
                     Problems::tr("It is tried again with the next change of a link.")};
    if (is("atoms-refused"))
        return Words{Problems::tr("Watches of ports count nothing"),
                     Problems::tr("It is tried again each second.")};
    if (is("watch-not-counted"))
        return Words{Problems::tr("A watch counts nothing"),
                     Problems::tr("Let %1 be metered, or watch a link that is. A link that is not there "
                                  "counts when it appears.")
                         .arg(problem.subject)};
    if (is("storage-failed"))
        return Words{Problems::tr("Totals cannot be stored"),
                     Problems::tr("Make room or mend the disk; it is tried again by itself. Watches cannot "
                                  "be changed until then.")};
    return std::nullopt;
}

} // namespace

QString problemSeverity(const dbus::ProblemRow &problem)
{
    return problem.severity == QLatin1String("error")  ? Problems::tr("Error")
        : problem.severity == QLatin1String("warning") ? Problems::tr("Warning")
                                                       : Problems::tr("Notice");
}

QString problemTitle(const dbus::ProblemRow &problem)
{
    const auto words = wordsOf(problem);
    return words ? words->title : QString();
}

QString problemRemedy(const dbus::ProblemRow &problem)
{
    const auto words = wordsOf(problem);
    return words ? words->remedy : problem.remedy;
}

} // namespace weir::gui::text
