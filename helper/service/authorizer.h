// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <functional>

namespace weir {

/// Says whether a client may do something. A seam: polkit in the helper, a script in tests.
///
/// Main thread, never blocks. Each answer belongs to its own question.
class Authorizer
{
public:
    struct Question {
        QString sender;           ///< unique bus name of the client
        uint uid = 0;             ///< of the client's user
        QString action;           ///< "org.weir.configure"
        bool interactive = false; ///< the client may be asked for a password
    };

    struct Verdict {
        bool allowed = false;
        QString reason; ///< why not and what to do, English; empty when allowed
    };

    /// Names a question; never 0.
    using Ticket = quint64;
    using Answer = std::function<void(const Verdict &)>;

    virtual ~Authorizer() = default;

    /// Calls `answer` once, later, from the event loop; never from within ask(), and not after cancel().
    virtual Ticket ask(const Question &question, Answer answer) = 0;

    /// Forgets a question: its answer is not wanted any more. Unknown tickets are ignored.
    virtual void cancel(Ticket ticket) = 0;
};

} // namespace weir
