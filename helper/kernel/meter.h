// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/kernel.h"
#include "helper/engine/link.h"

#include <memory>

namespace weir {

/// The BPF side of the real kernel: loads or adopts the programs and maps, attaches them to links, reads the
/// counters.
///
/// Kernel thread. Functions that Kernel has too promise what Kernel says.
class Meter
{
public:
    enum class Attach { Automatic, Tcx, Clsact };

    struct Options {
        QString pinDirectory;              ///< on a bpffs: "/sys/fs/bpf/weir"
        Attach attach = Attach::Automatic; ///< TCX where the kernel has it (6.6), else clsact
    };

    /// A link to meter, as much as the meter must know of it.
    struct Target {
        int index = 0;
        QString name;
        bool ethernet = true;
        auto operator<=>(const Target &) const = default;
    };

    explicit Meter(Options options);
    ~Meter(); ///< closes handles, leaves everything in place

    Result<void> start();
    QString mode() const;
    std::vector<KernelProblem> problems() const;

    /// Attaches to exactly these; call again after any link change: attachments that others took away are put
    /// back. `links` are all that there are: they tell which of them stand on targets, so that a packet that
    /// comes up through a bridge and is forwarded to another target is known as one that was counted.
    void setTargets(const std::vector<Target> &targets, const std::vector<Link> &links = {});

    Result<void> setLocalPrefixes(const std::vector<Prefix> &prefixes);
    Result<AtomChange> setAtoms(const std::vector<Atom> &atoms);
    Result<MeterSample> sample();
    Result<FlowTable> flows();
    std::vector<MeterSample> leftovers(const std::vector<Atom> &atoms);
    void discardLeftovers();

    /// Removes all that any Weir left under the pin directory and on the links, also without start().
    Result<void> removeEverything();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace weir
