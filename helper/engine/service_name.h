// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>

namespace weir {

/// What a service is, for people.
enum class ServiceKind : quint8 {
    Unit,        ///< "nginx.service"
    Application, ///< a program that a person started from a desktop
    Session,     ///< a login
    Container,
    Machine, ///< a virtual machine or a system in a container
    Other    ///< a slice, or a cgroup that no service manager made
};

struct ServiceName {
    QString name;
    ServiceKind kind = ServiceKind::Other;
    bool operator==(const ServiceName &) const = default;
};

inline constexpr qsizetype kMaxServiceNameLength = 128; ///< characters (UTF-16 units) of a service's name

/// The stable name of what lives in a cgroup, by its path from the root of the cgroups.
///
/// The outermost unit of the path counts, with all below it, so a container's own services are the
/// container's. Names hold no number that changes from start to start:
///
///     /system.slice/nginx.service/worker                      nginx.service
///     /system.slice/system-getty.slice/getty@tty1.service     getty@tty1.service      instances stay …
///     /system.slice/sshd@7-10.0.0.1:22-10.0.0.9:51000.service sshd@.service           … but those of one
///     connection /system.slice/run-r2f6a….scope                          run                     what
///     systemd-run made without a name /system.slice/docker-<64 hex>.scope, /docker/<64 hex>   docker-<12
///     hex>         likewise libpod, crio, cri-containerd /machine.slice/machine-qemu\x2d3\x2dweb.scope
///     machine-web /user.slice/user-1000.slice/session-3.scope             user-1000/session
///     /user.slice/user-1000.slice/user@1000.service/init.scope            user@1000.service
///     …/user@1000.service/app.slice/app-gnome-org.x.Y-1234.scope          user-1000/app-org.x.Y
///     …/user@1000.service/app.slice/syncthing.service                     user-1000/syncthing.service
///     /system.slice                                           system.slice
///     /                                                       -.slice
///
/// What a user runs is named with the user: nobody can run something under the name of a system service.
ServiceName serviceName(const QString &path);

/// "unit", "application", "session", "container", "machine" or "other": as the bus and the database say it.
QString serviceKindName(ServiceKind kind);
std::optional<ServiceKind> serviceKindFrom(const QString &text);

} // namespace weir
