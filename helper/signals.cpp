// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/signals.h"

#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>

namespace weir {

namespace {

sigset_t ours()
{
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&set, signal);
    return set;
}

} // namespace

void Signals::block()
{
    const sigset_t set = ours();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Signals::Signals(QObject *parent) : QObject(parent)
{
    const sigset_t set = ours();
    m_descriptor = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (m_descriptor < 0)
        qFatal("cannot make a signalfd: %s", qUtf8Printable(qt_error_string()));
    m_notifier = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &Signals::read);
}

Signals::~Signals()
{
    m_notifier.reset();
    close(m_descriptor);
}

void Signals::read()
{
    signalfd_siginfo info = {};
    while (::read(m_descriptor, &info, sizeof info) == ssize_t(sizeof info)) {
        if (info.ssi_signo == SIGHUP)
            Q_EMIT reloadRequested();
        else
            Q_EMIT terminationRequested();
    }
}

} // namespace weir
