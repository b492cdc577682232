// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/error.h"

#include <QByteArray>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

struct mnl_socket;
struct nlattr;
struct nlmsghdr;

/// Transport of nftables messages: one atomic batch, dumps and events. Knows nothing of their meaning.
namespace weir {

enum class NftFamily : quint8 { Unspecified = 0, Inet = 1, Netdev = 5 }; // NFPROTO_…

/// The message's attribute of `type` among those that begin `offset` bytes behind its header; null when there
/// is none.
const nlattr *findAttribute(const nlmsghdr *message, size_t offset, quint16 type);

/// Changes that the kernel makes all together or not at all.
class NftBatch
{
public:
    using Fill = std::function<void(nlmsghdr *)>;

    NftBatch();

    /// Adds a message of `type` (NFT_MSG_…) whose attributes `fill` writes, 64 KiB of them at most. `attempt`
    /// ("add chain") and `name` are for the error.
    void add(quint16 type, NftFamily family, quint16 flags, const char *attempt, const QByteArray &name,
             const Fill &fill);

    /// What a refusal means.
    Error explain(const struct NftRefusal &refusal) const;

    bool isEmpty() const { return m_attempts.empty(); }
    size_t messages() const { return m_attempts.size(); }
    size_t bytes() const { return m_used; }

private:
    friend class NftSocket;

    struct Attempt {
        const char *what;
        QByteArray name;
        NftFamily family;
    };

    nlmsghdr *beginMessage();
    void endMessage(const nlmsghdr *message);
    void addControl(quint16 type);

    std::vector<char> m_bytes;
    size_t m_used = 0;
    std::vector<Attempt> m_attempts; // of message i, whose sequence number is i + 1
};

/// What the kernel said to one message of a batch.
struct NftRefusal {
    size_t message = 0; ///< in the order they were added; behind the last: to the batch as a whole
    int error = 0;      ///< errno
    QString text;       ///< the kernel's own words, when it had any
};

struct CloseMnlSocket {
    void operator()(mnl_socket *socket) const;
};
using MnlSocket = std::unique_ptr<mnl_socket, CloseMnlSocket>;

/// A netfilter socket for requests.
///
/// It belongs to the network namespace in which its thread was when it was opened.
class NftSocket
{
public:
    /// Error: KernelRefused.
    static Result<NftSocket> open();

    /// Sends the batch and gives all refusals; with one, nothing was changed. Error: KernelRefused when the
    /// kernel could not be asked.
    Result<std::vector<NftRefusal>> tryOut(NftBatch &batch);

    /// Carries out the batch. Error: KernelRefused, with what was attempted first of what was refused.
    Result<void> send(NftBatch &batch);

    /// Hands each answer to a dump request of `type` to `each`; the same again when the rules changed
    /// meanwhile, for then it asks anew, up to ten times. Error: KernelRefused: "cannot `what`: …".
    Result<void> dump(const QString &what, quint16 type, NftFamily family, const NftBatch::Fill &fill,
                      const std::function<void(const nlmsghdr *)> &each);

    /// What the kernel calls this socket in events.
    quint32 port() const;

private:
    explicit NftSocket(MnlSocket socket) : m_socket(std::move(socket)) { }
    int makeRoom(size_t bytes) const;
    Result<bool> takeDump(const QString &what, std::vector<char> &buffer,
                          const std::function<void(const nlmsghdr *)> &each);

    MnlSocket m_socket;
};

/// A non-blocking socket that hears what changes in the rules, but for what one other socket does.
class NftEvents
{
public:
    enum class Received { All, SomeLost };

    /// `ignoredPort`: NftSocket::port() of whose changes nothing is heard. Error: KernelRefused.
    static Result<NftEvents> listen(quint32 ignoredPort);

    /// Hears nothing until resume(). Of each element the kernel makes a message of its own for anybody who
    /// listens, and keeps 8 KiB for each until the batch is done.
    void pause();
    void resume();

    /// Hands all events that wait to `each`; SomeLost when the buffer overflowed.
    Received receive(const std::function<void(const nlmsghdr *)> &each);

    int descriptor() const;

private:
    explicit NftEvents(MnlSocket socket) : m_socket(std::move(socket)) { }

    MnlSocket m_socket;
};

} // namespace weir
