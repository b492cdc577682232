// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/kernel.h"

#include <QObject>
#include <QPointer>
#include <QThread>

#include <optional>
#include <type_traits>

namespace weir {

/// Runs a Kernel on a thread of its own and brings results back to the main thread.
///
/// Calls run in the order in which they were made. The object itself lives on the main thread.
class KernelThread : public QObject
{
    Q_OBJECT
public:
    /// Takes the kernel over; start() has not been called on it.
    explicit KernelThread(std::unique_ptr<Kernel> kernel, QObject *parent = nullptr);

    /// Waits for the calls that were made; leaves everything in the kernel in place.
    ~KernelThread() override;

    /// Calls `work(Kernel &)` on the kernel thread, then `done(result)` on the main thread.
    /// `done` is not called when `receiver` is gone by then.
    template <typename Work, typename Done>
    void call(QObject *receiver, Work work, Done done)
    {
        QMetaObject::invokeMethod(
            m_context.get(),
            [this, receiver = QPointer<QObject>(receiver), work = std::move(work),
             done = std::move(done)]() mutable {
                auto result = work(*m_kernel);
                QMetaObject::invokeMethod(
                    this,
                    [receiver, result = std::move(result), done = std::move(done)]() mutable {
                        if (receiver)
                            done(std::move(result));
                    },
                    Qt::QueuedConnection);
            },
            Qt::QueuedConnection);
    }

    /// Calls `work(Kernel &)` on the kernel thread and waits for its result: for start and stop only.
    template <typename Work>
    auto callAndWait(Work work)
    {
        std::optional<std::invoke_result_t<Work, Kernel &>> result;
        QMetaObject::invokeMethod(
            m_context.get(), [&] { result.emplace(work(*m_kernel)); }, Qt::BlockingQueuedConnection);
        return std::move(*result);
    }

Q_SIGNALS:
    /// Kernel::onChange, on the main thread.
    void changed();
    /// Kernel::onCrossing, on the main thread.
    void crossed();

private:
    QThread m_thread;
    std::unique_ptr<QObject> m_context; // lives on m_thread
    std::unique_ptr<Kernel> m_kernel;   // used on m_thread only
};

} // namespace weir
