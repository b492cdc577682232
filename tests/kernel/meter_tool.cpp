// SPDX-License-Identifier: GPL-3.0-or-later
//
// A helper's meter and nothing else, as a process of its own: for tests of other layouts and of other users.
//
//     meter_tool PIN_DIRECTORY LINK tcx|clsact     meters LINK with the atom 1 of all ports, discards what
//     was left, and says:
//         mode MODE
//         problem ID
//         generation N
//         leftover GENERATION RX_BYTES RX_PACKETS
//         atom RX_BYTES RX_PACKETS
#include "helper/kernel/meter.h"

#include <QTextStream>

#include <net/if.h>

using namespace weir;

int main(int argc, char **argv)
{
    QTextStream out(stdout);
    QTextStream err(stderr);
    if (argc != 4) {
        err << "usage: meter_tool PIN_DIRECTORY LINK tcx|clsact\n";
        return 2;
    }
    const QString link = QString::fromLocal8Bit(argv[2]);
    const bool tcx = QString::fromLocal8Bit(argv[3]) == QLatin1String("tcx");
    Meter meter({.pinDirectory = QString::fromLocal8Bit(argv[1]),
                 .attach = tcx ? Meter::Attach::Tcx : Meter::Attach::Clsact});
    if (const auto started = meter.start(); !started) {
        err << started.error().message << '\n';
        return 1;
    }
    const Atom all{1, {{1, 65535}}, {{1, 65535}}};
    for (const MeterSample &left : meter.leftovers({all})) {
        const Traffic traffic = left.atoms.at(1).total();
        out << "leftover " << left.generation << ' ' << traffic.rxBytes << ' ' << traffic.rxPackets << '\n';
    }
    meter.discardLeftovers();
    meter.setTargets({{int(if_nametoindex(argv[2])), link, true}});
    const auto change = meter.setAtoms({all});
    const auto sample = meter.sample();
    if (!change || !sample) {
        err << (change ? sample.error() : change.error()).message << '\n';
        return 1;
    }
    const Traffic traffic = sample->atoms.at(1).total();
    out << "mode " << meter.mode() << '\n';
    for (const KernelProblem &problem : meter.problems())
        out << "problem " << problem.id << '\n';
    out << "generation " << sample->generation << '\n';
    out << "atom " << traffic.rxBytes << ' ' << traffic.rxPackets << '\n';
    return 0;
}
