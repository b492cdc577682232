// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/engine/kernel_thread.h"

namespace weir {

KernelThread::KernelThread(std::unique_ptr<Kernel> kernel, QObject *parent)
    : QObject(parent), m_context(std::make_unique<QObject>()), m_kernel(std::move(kernel))
{
    m_thread.setObjectName(QStringLiteral("weir-kernel"));
    m_context->moveToThread(&m_thread);
    m_thread.start();
    QMetaObject::invokeMethod(
        m_context.get(),
        [this] {
            m_kernel->onChange(
                [this] { QMetaObject::invokeMethod(this, &KernelThread::changed, Qt::QueuedConnection); });
            m_kernel->onCrossing(
                [this] { QMetaObject::invokeMethod(this, &KernelThread::crossed, Qt::QueuedConnection); });
        },
        Qt::QueuedConnection);
}

KernelThread::~KernelThread()
{
    // behind the calls that were made; the kernel's notifiers and timers end on the thread they live on
    QMetaObject::invokeMethod(
        m_context.get(),
        [this] {
            m_kernel.reset();
            m_thread.quit();
        },
        Qt::QueuedConnection);
    m_thread.wait();
}

} // namespace weir
