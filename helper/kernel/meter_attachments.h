// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/bpf_call.h"

#include <map>
#include <set>
#include <utility>

namespace weir {

/// Where the meter's programs hang: on both directions of each metered link, found again after a crash.
///
/// TCX links are pinned as "<index>-ingress" and "<index>-egress" in a directory. A filter needs no pin to
/// stay; the directory "<index>-clsact" notes that ours are there, and "created" in it that the qdisc is ours
/// too.
class MeterAttachments
{
public:
    enum class Mode { Tcx, Clsact };

    struct Programs {
        int ingress = -1;
        int egress = -1;
        int of(Hook hook) const { return hook == Hook::Ingress ? ingress : egress; }
    };

    /// `directory` on a bpffs, made when it is first needed.
    explicit MeterAttachments(QString directory) : m_directory(std::move(directory)) { }

    void use(Mode mode, Programs programs);

    /// Interfaces with attachments of this or an earlier helper, dead ones too.
    std::set<int> attached() const;

    /// Puts our programs in the place of those that are attached, without a gap.
    void takeOver();

    /// Attaches both directions, in front of all others; what is there already stays.
    /// Gives a warning when a foreign filter comes before ours and may hide packets from it, else an empty
    /// text.
    Result<QString> attach(int interface);

    /// Takes both away, and the qdisc when it was ours and nobody else uses it.
    void detach(int interface);

    /// detach() for all, also for filters on interfaces that the directory does not know.
    void detachAll();

private:
    QString m_directory;
    Mode m_mode = Mode::Tcx;
    Programs m_programs;
    std::map<std::pair<int, Hook>, FileDescriptor> m_links; // kept open: outlive a removed pin

    QString linkPath(int interface, Hook hook) const;
    QString clsactPath(int interface) const;
    Result<void> attachTcx(int interface, Hook hook);
    Result<QString> attachClsact(int interface);
    void detachTcx(int interface);
    void detachClsact(int interface);
};

/// Makes a directory and those above it; nothing when it is there.
Result<void> makeDirectory(const QString &path);

/// Removes a directory of pins with all in it.
void removePins(const QString &path);

} // namespace weir
