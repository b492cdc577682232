// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/options.h"

#include "helper/kernel/service_meter.h"

#include <QCommandLineParser>
#include <QProcessEnvironment>

namespace weir {

namespace {

/// WEIR_STATE_DIR for tests, STATE_DIRECTORY from systemd (a list; ours has one entry).
QString defaultStateDirectory()
{
    const auto environment = QProcessEnvironment::systemEnvironment();
    const QString own = environment.value(QStringLiteral("WEIR_STATE_DIR"));
    if (!own.isEmpty())
        return own;
    const QString given =
        environment.value(QStringLiteral("STATE_DIRECTORY")).section(QLatin1Char(':'), 0, 0);
    return given.isEmpty() ? QStringLiteral("/var/lib/weir") : given;
}

QString defaultPinDirectory()
{
    const QString own = qEnvironmentVariable("WEIR_BPF_DIR");
    return own.isEmpty() ? QStringLiteral("/sys/fs/bpf/weir") : own;
}

QString defaultCgroup()
{
    const QString own = qEnvironmentVariable("WEIR_CGROUP");
    if (!own.isEmpty())
        return own;
    const QString root = machineCgroupRoot();
    return root.isEmpty() ? QStringLiteral("none") : root;
}

std::optional<Meter::Attach> parseAttach(const QString &text)
{
    if (text == QLatin1String("auto"))
        return Meter::Attach::Automatic;
    if (text == QLatin1String("tcx"))
        return Meter::Attach::Tcx;
    if (text == QLatin1String("clsact"))
        return Meter::Attach::Clsact;
    return {};
}

} // namespace

std::expected<Options, QString> parseOptions(const QStringList &arguments)
{
    const QCommandLineOption stateDirectory(QStringLiteral("state-dir"),
                                            QStringLiteral("Keep the database here (or WEIR_STATE_DIR)."),
                                            QStringLiteral("directory"), defaultStateDirectory());
    const QCommandLineOption pinDirectory(
        QStringLiteral("bpf-dir"),
        QStringLiteral("Pin the meter here, on a bpf file system (or WEIR_BPF_DIR)."),
        QStringLiteral("directory"), defaultPinDirectory());
    const QCommandLineOption bus(QStringLiteral("bus"),
                                 QStringLiteral("Serve on this bus: system, session, or an address."),
                                 QStringLiteral("bus"), QStringLiteral("system"));
    const QCommandLineOption attach(
        QStringLiteral("attach"), QStringLiteral("How the meter is attached to links: auto, tcx or clsact."),
        QStringLiteral("how"), QStringLiteral("auto"));
    const QCommandLineOption cgroup(QStringLiteral("cgroup"),
                                    QStringLiteral("Count services below this cgroup (or WEIR_CGROUP): by "
                                                   "default the root of cgroup v2, wherever it is "
                                                   "mounted; none: do not count them."),
                                    QStringLiteral("directory"), defaultCgroup());
    const QCommandLineOption level(
        QStringLiteral("log-level"),
        QStringLiteral("Least severe messages to print: debug, info, warning or error."),
        QStringLiteral("level"), QStringLiteral("info"));
    const QCommandLineOption clean(QStringLiteral("clean"),
                                   QStringLiteral("Take everything of Weir out of the kernel and end; for "
                                                  "when no helper runs (else: weirctl clean)."));
    const QCommandLineOption help({QStringLiteral("h"), QStringLiteral("help")},
                                  QStringLiteral("Print this and end."));
    const QCommandLineOption version({QStringLiteral("v"), QStringLiteral("version")},
                                     QStringLiteral("Print the version and end."));

    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Measures network traffic and serves it on the bus as org.weir.Weir1.\n"
        "SIGTERM takes Weir out of the kernel and ends; SIGHUP re-executes the helper with everything in "
        "place.\n"
        "Needs CAP_NET_ADMIN and CAP_BPF; without them it says what it lacks (weirctl problems)."));
    parser.addOptions({stateDirectory, pinDirectory, bus, attach, cgroup, level, clean, help, version});
    if (!parser.parse(arguments))
        return std::unexpected(parser.errorText());
    if (!parser.positionalArguments().isEmpty())
        return std::unexpected(
            QStringLiteral("Unexpected argument '%1'.").arg(parser.positionalArguments().first()));

    Options options;
    if (parser.isSet(help))
        options.text = parser.helpText();
    else if (parser.isSet(version))
        options.text = QStringLiteral("weir-helper " WEIR_VERSION "\n");
    options.stateDirectory = parser.value(stateDirectory);
    options.meter.pinDirectory = parser.value(pinDirectory);
    options.bus = parser.value(bus);
    if (parser.value(cgroup) != QLatin1String("none"))
        options.cgroupRoot = parser.value(cgroup);
    options.clean = parser.isSet(clean);
    const auto how = parseAttach(parser.value(attach));
    if (!how)
        return std::unexpected(
            QStringLiteral("--attach: '%1' is not one of auto, tcx, clsact.").arg(parser.value(attach)));
    options.meter.attach = *how;
    const auto least = log::parseLevel(parser.value(level));
    if (!least)
        return std::unexpected(QStringLiteral("--log-level: '%1' is not one of debug, info, warning, error.")
                                   .arg(parser.value(level)));
    options.level = *least;
    return options;
}

} // namespace weir
