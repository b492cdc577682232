// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/kernel/meter_attachments.h"

#include "helper/kernel/meter_clsact.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <bpf/bpf.h>

#include <linux/bpf.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace weir {

namespace {

constexpr Hook kHooks[] = {Hook::Ingress, Hook::Egress};

quint32 programId(int program)
{
    bpf_prog_info info{};
    quint32 size = sizeof(info);
    return bpf_obj_get_info_by_fd(program, &info, &size) == 0 ? info.id : 0;
}

QString created(const QString &clsact)
{
    return clsact + QStringLiteral("/created");
}

} // namespace

Result<void> makeDirectory(const QString &path)
{
    if (!QDir().mkpath(path))
        return kernelRefusal(QStringLiteral("make the directory %1").arg(path), errno);
    return {};
}

void removePins(const QString &path)
{
    QDir(path).removeRecursively();
}

void MeterAttachments::use(Mode mode, Programs programs)
{
    m_mode = mode;
    m_programs = programs;
}

QString MeterAttachments::linkPath(int interface, Hook hook) const
{
    return QStringLiteral("%1/%2-%3")
        .arg(m_directory)
        .arg(interface)
        .arg(hook == Hook::Ingress ? QLatin1String("ingress") : QLatin1String("egress"));
}

QString MeterAttachments::clsactPath(int interface) const
{
    return QStringLiteral("%1/%2-clsact").arg(m_directory).arg(interface);
}

std::set<int> MeterAttachments::attached() const
{
    std::set<int> interfaces;
    const QStringList names =
        QDir(m_directory).entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot);
    for (const QString &name : names) {
        bool number = false;
        const int interface = name.section(QLatin1Char('-'), 0, 0).toInt(&number);
        if (number)
            interfaces.insert(interface);
    }
    return interfaces;
}

void MeterAttachments::takeOver()
{
    for (const int interface : attached()) {
        for (const Hook hook : kHooks) {
            auto link = openPinned(linkPath(interface, hook));
            if (link && tcxLinkInfo(link->get()).value_or(TcxLinkInfo{}).interface == interface)
                bpf_link_update(link->get(), m_programs.of(hook), nullptr);
        }
        if (!QFileInfo::exists(clsactPath(interface)))
            continue;
        for (const Hook hook : kHooks) {
            const auto present = clsact::filters(interface, hook);
            if (present && std::any_of(present->begin(), present->end(), [](const clsact::Filter &filter) {
                    return filter.ours();
                }))
                clsact::attach(interface, hook, m_programs.of(hook));
        }
    }
}

Result<QString> MeterAttachments::attach(int interface)
{
    if (auto made = makeDirectory(m_directory); !made)
        return std::unexpected(made.error());
    if (m_mode == Mode::Clsact) {
        detachTcx(interface);
        return attachClsact(interface);
    }
    if (QFileInfo::exists(clsactPath(interface)))
        detachClsact(interface);
    for (const Hook hook : kHooks) {
        if (auto attached = attachTcx(interface, hook); !attached) {
            detachTcx(interface);
            return std::unexpected(attached.error());
        }
    }
    return QString();
}

Result<void> MeterAttachments::attachTcx(int interface, Hook hook)
{
    const QString path = linkPath(interface, hook);
    FileDescriptor &kept = m_links[{interface, hook}];
    auto pinned = openPinned(path);
    if (pinned)
        kept = std::move(*pinned);

    const auto info = kept ? tcxLinkInfo(kept.get()) : std::nullopt;
    if (!info || info->interface != interface) {
        // Dead: detached by somebody, or of an earlier interface with this index.
        QFile::remove(path);
        auto link = createTcxLink(m_programs.of(hook), interface, hook);
        if (!link)
            return std::unexpected(link.error());
        kept = std::move(*link);
        return pin(kept.get(), path);
    }
    if (info->program != programId(m_programs.of(hook))
        && bpf_link_update(kept.get(), m_programs.of(hook), nullptr) != 0)
        return kernelRefusal(QStringLiteral("replace the meter on interface %1").arg(interface), errno);
    if (!pinned)
        return pin(kept.get(), path);
    return {};
}

Result<QString> MeterAttachments::attachClsact(int interface)
{
    const auto kind = clsact::qdiscKind(interface);
    if (!kind)
        return std::unexpected(kind.error());
    const QString mark = clsactPath(interface);
    // With an `ingress` qdisc a filter for egress would land on ingress.
    if (!kind->isEmpty() && *kind != "clsact") {
        removePins(mark);
        return failure(ErrorKind::KernelRefused,
                       QStringLiteral("cannot attach the meter to interface %1: its %2 qdisc excludes clsact")
                           .arg(interface)
                           .arg(QString::fromLatin1(*kind)));
    }
    if (kind->isEmpty()) {
        // Marked first: a crash in between leaves a mark without a qdisc, never a qdisc without a mark.
        removePins(mark);
        if (auto made = makeDirectory(created(mark)); !made)
            return std::unexpected(made.error());
        const auto made = clsact::makeQdisc(interface);
        if (!made) {
            removePins(mark);
            return std::unexpected(made.error());
        }
        if (!*made)
            QDir().rmdir(created(mark));
    } else if (auto made = makeDirectory(mark); !made) {
        return std::unexpected(made.error());
    }

    QString warning;
    for (const Hook hook : kHooks) {
        const auto present = clsact::filters(interface, hook);
        if (!present)
            return std::unexpected(present.error());
        const auto own = std::find_if(present->begin(), present->end(),
                                      [](const clsact::Filter &filter) { return filter.ours(); });
        quint32 priority = own == present->end() ? 0 : own->priority;
        if (!priority
            || clsact::attachedProgram(interface, hook, priority) != programId(m_programs.of(hook))) {
            const auto attached = clsact::attach(interface, hook, m_programs.of(hook));
            if (!attached)
                return std::unexpected(attached.error());
            priority = *attached;
        }
        for (const clsact::Filter &filter : *present) {
            if (!filter.ours() && filter.priority < priority)
                warning =
                    QStringLiteral(
                        "a %1 filter with priority %2 comes before the meter and may hide packets from it")
                        .arg(QString::fromLatin1(filter.kind))
                        .arg(filter.priority);
        }
    }
    return warning;
}

void MeterAttachments::detachTcx(int interface)
{
    for (const Hook hook : kHooks) {
        const QString path = linkPath(interface, hook);
        // The kernel detaches some time after the last reference went; asked to, it does it now.
        if (auto link = openPinned(path))
            bpf_link_detach(link->get());
        QFile::remove(path);
        if (const auto kept = m_links.find({interface, hook}); kept != m_links.end()) {
            bpf_link_detach(kept->second.get());
            m_links.erase(kept);
        }
    }
}

void MeterAttachments::detachClsact(int interface)
{
    const QString mark = clsactPath(interface);
    const auto kind = clsact::qdiscKind(interface);
    if (kind && *kind == "clsact") {
        bool others = false;
        for (const Hook hook : kHooks) {
            clsact::detach(interface, hook);
            const auto rest = clsact::filters(interface, hook);
            others = others || !rest || !rest->empty();
        }
        if (!others && QFileInfo::exists(created(mark)))
            clsact::removeQdisc(interface);
    }
    removePins(mark);
}

void MeterAttachments::detach(int interface)
{
    detachTcx(interface);
    if (QFileInfo::exists(clsactPath(interface)))
        detachClsact(interface);
}

void MeterAttachments::detachAll()
{
    for (const int interface : attached())
        detach(interface);

    // Links stay while they are held, and filters in any case, when the directory is lost.
    for (const auto &[place, link] : m_links)
        bpf_link_detach(link.get());
    m_links.clear();
    const std::unique_ptr<struct if_nameindex, decltype(&if_freenameindex)> all(if_nameindex(),
                                                                                if_freenameindex);
    for (const struct if_nameindex *entry = all.get(); entry && entry->if_index != 0; ++entry)
        detachClsact(int(entry->if_index));
    QDir().rmdir(m_directory);
}

} // namespace weir
