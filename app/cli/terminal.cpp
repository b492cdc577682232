// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/terminal.h"

#include "app/client/table.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace weir::cli {

namespace {

constexpr QSize kUnknownSize(80, 24);

// DEC private modes: the alternate screen, and the cursor.
constexpr char kEnter[] = "\033[?1049h\033[?25l";
constexpr char kLeave[] = "\033[?25h\033[?1049l";
constexpr char kHome[] = "\033[H";
constexpr char kClearLine[] = "\033[K";
constexpr char kClearBelow[] = "\033[J";

// A handler may only write to a descriptor. Not signalfd: threads of QtDBus exist already and take signals,
// too.
int endRequested = -1;

void requestEnd(int)
{
    const int before = errno;
    [[maybe_unused]] const ssize_t written = ::eventfd_write(endRequested, 1);
    errno = before;
}

void put(const QByteArray &bytes)
{
    std::fwrite(bytes.constData(), 1, size_t(bytes.size()), stdout);
    std::fflush(stdout);
}

} // namespace

bool onTerminal()
{
    return isatty(STDOUT_FILENO) == 1;
}

Terminal::Terminal()
{
    endRequested = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (endRequested >= 0) {
        m_end = std::make_unique<QSocketNotifier>(endRequested, QSocketNotifier::Read);
        connect(m_end.get(), &QSocketNotifier::activated, this, [this] {
            m_end->setEnabled(false);
            Q_EMIT quit();
        });
        struct sigaction action { };
        action.sa_handler = requestEnd;
        for (const int number : {SIGINT, SIGTERM, SIGHUP})
            sigaction(number, &action, nullptr);
    }
    if (isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &m_before) == 0) {
        termios raw = m_before;
        raw.c_lflag &= tcflag_t(~(ICANON | ECHO));
        m_rawInput = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
        m_keys = std::make_unique<QSocketNotifier>(STDIN_FILENO, QSocketNotifier::Read);
        connect(m_keys.get(), &QSocketNotifier::activated, this, &Terminal::readKeys);
    }
    put(kEnter);
}

Terminal::~Terminal()
{
    put(kLeave);
    if (m_rawInput)
        tcsetattr(STDIN_FILENO, TCSANOW, &m_before);
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
        std::signal(number, SIG_DFL);
    m_end.reset();
    if (endRequested >= 0)
        close(std::exchange(endRequested, -1));
}

QSize Terminal::size()
{
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
        return kUnknownSize;
    return {size.ws_col, size.ws_row};
}

void Terminal::show(const QStringList &lines)
{
    const QSize screen = size();
    QByteArray bytes(kHome);
    for (qsizetype line = 0; line < lines.size() && line < screen.height(); ++line) {
        if (line > 0)
            bytes += '\n';
        // Cleared before it is written: after a full line the cursor stands on its last character.
        bytes += kClearLine + client::elided(lines.at(line), screen.width()).toUtf8();
    }
    put(bytes + kClearBelow);
}

void Terminal::readKeys()
{
    char keys[64];
    const ssize_t count = read(STDIN_FILENO, keys, sizeof keys);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
        m_keys->setEnabled(false);
    for (ssize_t key = 0; key < count; ++key) {
        if (keys[key] == 'q' || keys[key] == 'Q')
            Q_EMIT quit();
    }
}

} // namespace weir::cli
