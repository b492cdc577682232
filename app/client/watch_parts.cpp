// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/watch_parts.h"

#include <utility>

namespace weir::client {

namespace {

constexpr auto kAskAgain = std::chrono::seconds(1);
constexpr auto kLongest = std::chrono::seconds(20); // parts of tens of megabytes on a slow machine
constexpr int kIntervalMs = 1000;

} // namespace

WatchParts::WatchParts(Client &client, CallError refusal, QObject *parent, OnAnswer<dbus::WatchRows> done)
    : QObject(parent), m_client(client), m_refusal(std::move(refusal)), m_done(std::move(done)),
      m_topic(client, kIntervalMs)
{
    connect(&m_topic, &WatchSubscription::frame, this,
            [this](bool reset, qint64, const dbus::WatchRows &changed, const QStringList &removed) {
                onFrame(reset, changed, removed);
            });
    connect(&m_topic, &Subscription::failed, this,
            [this](const CallError &error) { answer(std::unexpected(error)); });
    connect(&m_again, &QTimer::timeout, this, &WatchParts::askCount);
    m_late.setSingleShot(true);
    connect(&m_late, &QTimer::timeout, this, [this] { answer(std::unexpected(m_refusal)); });
}

void WatchParts::start()
{
    m_topic.start();
    m_again.start(kAskAgain);
    m_late.start(kLongest);
    askCount();
}

void WatchParts::onFrame(bool reset, const dbus::WatchRows &changed, const QStringList &removed)
{
    if (reset)
        m_rows.clear();
    for (const QString &name : removed)
        m_rows.remove(name);
    for (const dbus::WatchRow &row : changed)
        m_rows.insert(row.name, row);
    check();
}

void WatchParts::askCount()
{
    m_client.status(this, [this](const Answer<QVariantMap> &status) {
        if (!status)
            return answer(std::unexpected(status.error()));
        m_count = status->value(QStringLiteral("watches")).toLongLong();
        check();
    });
}

void WatchParts::check()
{
    if (m_count && !m_rows.isEmpty() && m_rows.size() >= *m_count)
        answer(m_rows.values());
}

void WatchParts::answer(Answer<dbus::WatchRows> answer)
{
    if (!m_done)
        return;
    m_topic.stop();
    m_again.stop();
    m_late.stop();
    deleteLater();
    std::exchange(m_done, nullptr)(std::move(answer));
}

} // namespace weir::client
