// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/service_manager.h"

#include <QByteArray>

#include <cstddef>
#include <cstring>
#include <ctime>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace weir::service_manager {

namespace {

/// The protocol of sd_notify(3): one datagram to the socket that NOTIFY_SOCKET names. A manager that does not
/// listen is no failure of ours.
void notify(const QByteArray &state)
{
    const QByteArray path = qgetenv("NOTIFY_SOCKET");
    sockaddr_un address = {};
    if (path.isEmpty() || size_t(path.size()) >= sizeof address.sun_path)
        return;
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path, path.constData(), size_t(path.size()));
    if (path.startsWith('@'))
        address.sun_path[0] = '\0'; // the abstract namespace
    const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return;
    sendto(descriptor, state.constData(), size_t(state.size()), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr *>(&address),
           socklen_t(offsetof(sockaddr_un, sun_path) + size_t(path.size())));
    close(descriptor);
}

} // namespace

void ready()
{
    notify("READY=1");
}

void reloading()
{
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    notify("RELOADING=1\nMONOTONIC_USEC="
           + QByteArray::number(qint64(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000));
}

void stopping()
{
    notify("STOPPING=1");
}

} // namespace weir::service_manager
