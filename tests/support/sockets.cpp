// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sockets.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace weir::test {

namespace {

void require(bool done, const char *what)
{
    if (!done)
        qFatal("cannot %s: %s", what, std::strerror(errno));
}

/// An endpoint as the socket calls take it.
class SocketAddress
{
public:
    explicit SocketAddress(const Endpoint &endpoint)
    {
        if (endpoint.address.v6) {
            m_v6.sin6_family = AF_INET6;
            m_v6.sin6_port = htons(endpoint.port);
            std::memcpy(&m_v6.sin6_addr, endpoint.address.bytes.data(), 16);
        } else {
            m_v4.sin_family = AF_INET;
            m_v4.sin_port = htons(endpoint.port);
            std::memcpy(&m_v4.sin_addr, endpoint.address.bytes.data(), 4);
        }
    }
    int family() const { return m_v4.sin_family; }
    const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&m_v6); }
    socklen_t size() const { return m_v4.sin_family == AF_INET6 ? sizeof m_v6 : sizeof m_v4; }

private:
    union {
        sockaddr_in6 m_v6{};
        sockaddr_in m_v4;
    };
};

int boundSocket(const Netns &netns, int type, const Endpoint &local)
{
    const SocketAddress address(local);
    int descriptor = -1;
    netns.run([&] { descriptor = ::socket(address.family(), type | SOCK_CLOEXEC, 0); });
    require(descriptor >= 0, "make a socket");
    const int on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const int room = 8 * 1024 * 1024;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    // A test that waits for what never comes fails here, not at the end of its time.
    const timeval patience{20, 0};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    require(bind(descriptor, address.get(), address.size()) == 0, "bind a socket");
    return descriptor;
}

} // namespace

Endpoint endpoint(const char *address, quint16 port)
{
    const std::optional<Address> parsed = parseAddress(QString::fromLatin1(address));
    if (!parsed)
        qFatal("%s is no address", address);
    return {*parsed, port};
}

Socket::Socket(int descriptor) : m_descriptor(descriptor)
{ }

Socket::Socket(Socket &&other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1))
{ }

Socket &Socket::operator=(Socket &&other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

Socket::~Socket()
{
    if (m_descriptor >= 0)
        close(m_descriptor);
}

Socket Socket::udp(const Netns &netns, const Endpoint &local)
{
    return Socket(boundSocket(netns, SOCK_DGRAM, local));
}

Socket Socket::listener(const Netns &netns, const Endpoint &local)
{
    Socket socket(boundSocket(netns, SOCK_STREAM, local));
    require(listen(socket.m_descriptor, 64) == 0, "listen");
    return socket;
}

Socket Socket::connection(const Netns &netns, const Endpoint &local, const Endpoint &remote)
{
    Socket socket(boundSocket(netns, SOCK_STREAM, local));
    const SocketAddress address(remote);
    require(connect(socket.m_descriptor, address.get(), address.size()) == 0, "connect");
    return socket;
}

Socket Socket::accept() const
{
    const int descriptor = ::accept4(m_descriptor, nullptr, nullptr, SOCK_CLOEXEC);
    require(descriptor >= 0, "accept a connection");
    return Socket(descriptor);
}

void Socket::sendTo(const Endpoint &remote, size_t size, int count) const
{
    const SocketAddress address(remote);
    const std::vector<char> payload(size, 'w');
    for (int i = 0; i < count; ++i) {
        const ssize_t sent = ::sendto(m_descriptor, payload.data(), size, 0, address.get(), address.size());
        require(sent == ssize_t(size), "send a datagram");
    }
}

void Socket::receive(int count) const
{
    char payload[65536];
    for (int i = 0; i < count; ++i)
        require(recv(m_descriptor, payload, sizeof payload, 0) >= 0, "receive a datagram");
}

void Socket::write(size_t size) const
{
    const std::vector<char> payload(std::min<size_t>(size, 1 << 20), 'w');
    while (size > 0) {
        const ssize_t sent =
            ::send(m_descriptor, payload.data(), std::min(size, payload.size()), MSG_NOSIGNAL);
        require(sent > 0, "write to a connection");
        size -= size_t(sent);
    }
}

void Socket::read(size_t size) const
{
    std::vector<char> payload(1 << 16);
    while (size > 0) {
        const ssize_t got = recv(m_descriptor, payload.data(), std::min(size, payload.size()), 0);
        require(got > 0, "read from a connection");
        size -= size_t(got);
    }
}

void Socket::endSending() const
{
    require(shutdown(m_descriptor, SHUT_WR) == 0, "end a connection");
}

void Socket::readToEnd() const
{
    char payload[4096];
    ssize_t got = 0;
    while ((got = recv(m_descriptor, payload, sizeof payload, 0)) > 0) { }
    require(got == 0, "read a connection to its end");
}

quint16 Socket::localPort() const
{
    sockaddr_in6 address{};
    socklen_t size = sizeof address;
    require(getsockname(m_descriptor, reinterpret_cast<sockaddr *>(&address), &size) == 0,
            "read a socket's address");
    return ntohs(address.sin6_port); // at the same place in both families
}

} // namespace weir::test
