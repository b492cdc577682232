// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QSize>
#include <QSocketNotifier>
#include <QStringList>

#include <memory>
#include <termios.h>

namespace weir::cli {

/// Whether standard output is a terminal.
bool onTerminal();

/// A screen of its own on the terminal, put back as it was when the object ends. One at a time.
class Terminal : public QObject
{
    Q_OBJECT
public:
    Terminal();
    ~Terminal() override;

    /// Columns and lines of now.
    static QSize size();

    /// Shows these lines from the top, cut to the screen; what was there is gone.
    void show(const QStringList &lines);

Q_SIGNALS:
    /// q was pressed, or the program was asked to end.
    void quit();

private:
    void readKeys();

    bool m_rawInput = false;
    termios m_before{};
    std::unique_ptr<QSocketNotifier> m_keys;
    std::unique_ptr<QSocketNotifier> m_end;
};

} // namespace weir::cli
