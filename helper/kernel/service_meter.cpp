// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/service_meter.h"

#include "helper/kernel/cgroup_tree.h"
#include "helper/kernel/meter_attachments.h"
#include "helper/kernel/service_object.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <bpf/bpf.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace weir {

namespace {

constexpr std::array kHooks{Hook::Ingress, Hook::Egress};

QString linkPath(const QString &directory, Hook hook)
{
    return directory + (hook == Hook::Ingress ? QStringLiteral("/received") : QStringLiteral("/sent"));
}

/// Whether an attachment is alive and hangs on that cgroup.
bool isAttachedTo(int link, quint64 cgroup)
{
    bpf_link_info info{};
    quint32 size = sizeof(info);
    return bpf_obj_get_info_by_fd(link, &info, &size) == 0 && info.type == BPF_LINK_TYPE_CGROUP
        && info.cgroup.cgroup_id == cgroup;
}

KernelProblem notCounted(const QString &why, const QString &remedy)
{
    return {QStringLiteral("services-not-counted"), QStringLiteral("warning"), QStringLiteral("services"),
            QStringLiteral(
                "Traffic is not counted by service: %1. Links, ports and connections are not affected.")
                .arg(why),
            remedy};
}

KernelProblem tableFull(size_t capacity)
{
    return {QStringLiteral("service-table-full"), QStringLiteral("warning"), QStringLiteral("services"),
            QStringLiteral("The table of %1 cgroups is full: what others move is shown as unattributed.")
                .arg(capacity),
            QStringLiteral("Cgroups that end make room by themselves.")};
}

} // namespace

QString machineCgroupRoot()
{
    QFile file(QStringLiteral("/proc/self/mountinfo"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return cgroupRootIn(file.readAll());
}

struct ServiceMeter::Private {
    explicit Private(Options chosen) : options(std::move(chosen)) { }

    /// All of it or nothing.
    struct Running {
        ServiceObject object;
        ServiceCounters counters;
        std::unique_ptr<CgroupTree> tree;
    };

    Options options;
    std::optional<Running> running;
    std::vector<ServiceCounters> leftovers;
    std::optional<KernelProblem> startProblem;
    bool isFull = false;
    std::optional<std::vector<Prefix>> prefixes;           // as last written
    std::optional<std::map<quint32, quint32>> linkHeaders; // likewise

    QString directory() const
    {
        return QStringLiteral("%1/services-%2").arg(options.pinDirectory).arg(WEIR_SERVICE_LAYOUT);
    }
    QStringList directories(const QString &pattern) const;
    bool findOlder(QStringList &older) const;
    std::expected<ServiceObject, ServiceObject::Failure> object(bool adoptable);
    Result<void> attach(const ServiceObject &object, const QStringList &older);
    Result<void> attachHook(const ServiceObject &object, Hook hook, int cgroup, quint64 id,
                            const QStringList &older);
    Result<void> setAside(const QString &old) const;
    ServiceSample sampleOf(const ServiceCounters &counters, const std::vector<ServiceCounters::Raw> &raw);
    ServiceCounter named(const ServiceCounters::Raw &raw);
};

ServiceMeter::ServiceMeter(Options options) : d(std::make_unique<Private>(std::move(options)))
{ }

ServiceMeter::~ServiceMeter() = default;

QStringList ServiceMeter::Private::directories(const QString &pattern) const
{
    QStringList paths;
    const QStringList names =
        QDir(options.pinDirectory).entryList({pattern}, QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
    for (const QString &name : names)
        paths.append(options.pinDirectory + QLatin1Char('/') + name);
    return paths;
}

/// Whether there is something of this layout to adopt; `older` gets what is to be superseded. Clears away
/// what was cut short.
bool ServiceMeter::Private::findOlder(QStringList &older) const
{
    bool adoptable = false;
    const QStringList found = directories(QStringLiteral("services-*"));
    for (const QString &path : found) {
        if (path.contains(QLatin1String("/services-old-")))
            continue;
        if (!ServiceCounters::at(path))
            removePins(path);
        else if (path == directory())
            adoptable = true;
        else
            older.append(path);
    }
    return adoptable;
}

std::expected<ServiceObject, ServiceObject::Failure> ServiceMeter::Private::object(bool adoptable)
{
    if (adoptable) {
        auto adopted = ServiceObject::adopt(directory());
        if (adopted || adopted.error().notPermitted)
            return adopted;
        // What is pinned does not fit this build: begin anew, and read it out like that of another layout.
        setAside(directory());
    }
    auto loaded = ServiceObject::load();
    if (!loaded)
        return loaded;
    auto pinned = makeDirectory(directory());
    if (pinned)
        pinned = loaded->pinMaps(directory());
    if (!pinned)
        return std::unexpected(ServiceObject::Failure{pinned.error()});
    return loaded;
}

Result<void> ServiceMeter::Private::setAside(const QString &old) const
{
    const auto counters = ServiceCounters::at(old);
    if (!counters)
        return std::unexpected(counters.error());
    for (const Hook hook : kHooks)
        QFile::remove(linkPath(old, hook));
    const QString target = QStringLiteral("%1/services-old-%2")
                               .arg(options.pinDirectory)
                               .arg(counters->layout().generation, 16, 16, QLatin1Char('0'));
    if (rename(QFile::encodeName(old).constData(), QFile::encodeName(target).constData()) != 0)
        return kernelRefusal(QStringLiteral("rename %1").arg(old), errno);
    return {};
}

/// Puts our program in the place of one that an earlier helper attached, without a gap, else attaches it.
Result<void> ServiceMeter::Private::attachHook(const ServiceObject &object, Hook hook, int cgroup, quint64 id,
                                               const QStringList &older)
{
    const QString own = linkPath(directory(), hook);
    for (const QString &path : QStringList{own} + [&] {
             QStringList paths;
             for (const QString &directory : older)
                 paths.append(linkPath(directory, hook));
             return paths;
         }()) {
        const auto link = openPinned(path);
        if (!link)
            continue;
        if (isAttachedTo(link->get(), id) && bpf_link_update(link->get(), object.program(hook), nullptr) == 0
            && (path == own
                || rename(QFile::encodeName(path).constData(), QFile::encodeName(own).constData()) == 0))
            return {};
        QFile::remove(path);
    }
    const FileDescriptor link(
        bpf_link_create(object.program(hook), cgroup,
                        hook == Hook::Ingress ? BPF_CGROUP_INET_INGRESS : BPF_CGROUP_INET_EGRESS, nullptr));
    if (!link)
        return kernelRefusal(QStringLiteral("attach to the cgroup %1").arg(options.cgroupRoot), errno);
    return pin(link.get(), own);
}

Result<void> ServiceMeter::Private::attach(const ServiceObject &object, const QStringList &older)
{
    const FileDescriptor cgroup(
        open(QFile::encodeName(options.cgroupRoot).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status { };
    if (!cgroup || fstat(cgroup.get(), &status) != 0)
        return kernelRefusal(QStringLiteral("open the cgroup %1").arg(options.cgroupRoot), errno);
    for (const Hook hook : kHooks) {
        if (auto attached = attachHook(object, hook, cgroup.get(), status.st_ino, older); !attached)
            return attached;
    }
    return {};
}

void ServiceMeter::start()
{
    d->startProblem.reset();
    if (d->options.cgroupRoot.isEmpty() || !QFileInfo::exists(d->options.pinDirectory))
        return;
    QStringList older;
    const bool adoptable = d->findOlder(older);
    auto object = d->object(adoptable);
    if (!object) {
        d->startProblem = notCounted(
            object.error().error.message,
            object.error().notPermitted ? QStringLiteral(
                "Run the helper with the capabilities CAP_NET_ADMIN and CAP_BPF, as its systemd unit does.")
                                        : QStringLiteral(
                                            "It needs Linux 5.15 or later with CONFIG_CGROUP_BPF."));
        return;
    }
    auto counters = ServiceCounters::of(*object);
    auto ready = counters ? d->attach(*object, older) : std::unexpected(counters.error());
    for (const QString &path : std::as_const(older)) {
        if (ready)
            ready = d->setAside(path);
    }
    if (!ready) {
        d->startProblem = notCounted(
            ready.error().message,
            QStringLiteral("Mount cgroup version 2, and keep programs off its root that exclude others."));
        return;
    }
    d->running.emplace(std::move(*object), std::move(*counters),
                       std::make_unique<CgroupTree>(d->options.cgroupRoot));
    const QStringList leftovers = d->directories(QStringLiteral("services-old-*"));
    for (const QString &path : leftovers) {
        if (auto old = ServiceCounters::at(path))
            d->leftovers.push_back(std::move(*old));
    }
}

std::vector<KernelProblem> ServiceMeter::problems() const
{
    std::vector<KernelProblem> all;
    if (d->startProblem)
        all.push_back(*d->startProblem);
    if (d->isFull)
        all.push_back(tableFull(WEIR_MAX_SERVICES));
    return all;
}

Result<void> ServiceMeter::setLocalPrefixes(const std::vector<Prefix> &prefixes)
{
    if (!d->running || d->prefixes == prefixes)
        return {};
    auto written = d->running->object.writeLocalPrefixes(prefixes);
    if (written)
        d->prefixes = prefixes;
    return written;
}

Result<void> ServiceMeter::setLinks(const std::vector<Link> &links)
{
    constexpr quint32 kVlanTag = 4;
    if (!d->running)
        return {};
    std::map<quint32, quint32> headers;
    for (const Link &link : links) {
        const quint32 bytes = (link.ethernet || link.kind == LinkKind::Loopback ? WEIR_ETHERNET_HEADER : 0)
            + (link.kind == LinkKind::Vlan ? kVlanTag : 0);
        if (bytes != WEIR_ETHERNET_HEADER && headers.size() < WEIR_MAX_LINK_HEADERS)
            headers[quint32(link.index)] = bytes;
    }
    if (d->linkHeaders == headers)
        return {};
    auto written = d->running->object.writeLinkHeaders(headers);
    if (written)
        d->linkHeaders = std::move(headers);
    return written;
}

ServiceCounter ServiceMeter::Private::named(const ServiceCounters::Raw &raw)
{
    ServiceCounter counter{raw.key, {}, !running->tree->exists(raw.key.cgroup), raw.traffic};
    if (const auto path = running->tree->path(raw.key.cgroup)) {
        counter.path = *path;
        return counter;
    }
    for (auto above = raw.ancestors.rbegin(); above != raw.ancestors.rend() && counter.path.isEmpty();
         ++above)
        counter.path = running->tree->path(*above).value_or(QString());
    return counter;
}

ServiceSample ServiceMeter::Private::sampleOf(const ServiceCounters &counters,
                                              const std::vector<ServiceCounters::Raw> &raw)
{
    std::vector<quint64> ids;
    for (const ServiceCounters::Raw &one : raw)
        ids.push_back(one.key.cgroup);
    running->tree->update(ids);
    ServiceSample sample;
    sample.generation = counters.layout().generation;
    sample.capacity = WEIR_MAX_SERVICES;
    for (const ServiceCounters::Raw &one : raw)
        sample.counters.push_back(named(one));
    running->tree->prune(ids);
    sample.taken = std::chrono::steady_clock::now();
    return sample;
}

Result<ServiceSample> ServiceMeter::sample()
{
    if (!d->running) {
        ServiceSample none;
        none.taken = std::chrono::steady_clock::now();
        return none;
    }
    const auto raw = d->running->counters.read();
    if (!raw)
        return std::unexpected(raw.error());
    const auto overflow = d->running->counters.overflow();
    if (!overflow)
        return std::unexpected(overflow.error());
    ServiceSample sample = d->sampleOf(d->running->counters, *raw);
    sample.overflow = *overflow;
    d->isFull = raw->size() >= WEIR_MAX_SERVICES;
    return sample;
}

std::vector<ServiceCounter> ServiceMeter::take(const std::vector<ServiceKey> &keys)
{
    std::vector<ServiceCounter> taken;
    if (!d->running)
        return taken;
    for (const ServiceKey &key : keys) {
        if (const auto raw = d->running->counters.take(key))
            taken.push_back(d->named(*raw));
    }
    return taken;
}

std::vector<ServiceSample> ServiceMeter::leftovers()
{
    std::vector<ServiceSample> samples;
    for (const ServiceCounters &counters : d->leftovers) {
        const auto raw = counters.read();
        const auto overflow = counters.overflow();
        if (!raw || !overflow || !d->running)
            continue;
        samples.push_back(d->sampleOf(counters, *raw));
        samples.back().overflow = *overflow;
    }
    return samples;
}

void ServiceMeter::discardLeftovers()
{
    d->leftovers.clear();
    const QStringList old = d->directories(QStringLiteral("services-old-*"));
    for (const QString &path : old)
        removePins(path);
}

Result<void> ServiceMeter::removeEverything()
{
    d->running.reset();
    d->leftovers.clear();
    d->prefixes.reset();
    d->linkHeaders.reset();
    d->isFull = false;
    // Without its pin an attachment is taken off.
    const QStringList all = d->directories(QStringLiteral("services-*"));
    for (const QString &path : all) {
        if (!QDir(path).removeRecursively())
            return kernelRefusal(QStringLiteral("remove %1").arg(path), errno);
    }
    return {};
}

} // namespace weir
