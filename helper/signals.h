// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QSocketNotifier>

#include <memory>

namespace weir {

/// Turns SIGTERM, SIGINT and SIGHUP into Qt signals.
///
/// block() must have been called before the first thread began: a thread inherits what is blocked, and a
/// signal that any thread takes would end the process.
class Signals : public QObject
{
    Q_OBJECT
public:
    static void block();

    explicit Signals(QObject *parent = nullptr);
    ~Signals() override;

Q_SIGNALS:
    void terminationRequested(); ///< SIGTERM, SIGINT
    void reloadRequested();      ///< SIGHUP

private:
    void read();

    int m_descriptor = -1;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace weir
