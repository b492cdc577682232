// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/address.h"
#include "tests/support/netns.h"

namespace weir::test {

/// An address and a port to send to or listen at.
struct Endpoint {
    Address address;
    quint16 port = 0;
};

/// "10.9.0.1" or "2001:db8::1" and a port; an address that is none ends the program.
Endpoint endpoint(const char *address, quint16 port);

/// A bound or connected socket in a namespace. Blocking; whatever fails ends the program with its reason.
class Socket
{
public:
    static Socket udp(const Netns &netns, const Endpoint &local);
    static Socket listener(const Netns &netns, const Endpoint &local);
    /// From `local` (port 0: any) to `remote`; returns when the handshake is done.
    static Socket connection(const Netns &netns, const Endpoint &local, const Endpoint &remote);
    Socket(Socket &&other) noexcept;
    Socket &operator=(Socket &&other) noexcept;
    ~Socket();

    Socket accept() const;
    /// `count` datagrams of `size` bytes of payload.
    void sendTo(const Endpoint &remote, size_t size, int count = 1) const;
    /// Waits for `count` datagrams.
    void receive(int count = 1) const;
    /// Sends `size` bytes on a connection.
    void write(size_t size) const;
    /// Waits until `size` bytes came.
    void read(size_t size) const;
    /// No more will be written on this side.
    void endSending() const;
    /// Waits for the other side's end of the connection.
    void readToEnd() const;
    quint16 localPort() const;
    int descriptor() const { return m_descriptor; }

private:
    explicit Socket(int descriptor);
    int m_descriptor = -1;
};

} // namespace weir::test
