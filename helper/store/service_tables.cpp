// SPDX-License-Identifier: GPL-3.0-or-later
#include "helper/store/service_tables.h"

#include <QSqlQuery>
#include <QVariant>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace weir {

namespace {

constexpr int kCounters = 12;

const QString kCounterColumns = QStringLiteral("internet_rx_bytes, internet_tx_bytes, internet_rx_packets, "
                                               "internet_tx_packets, local_rx_bytes, local_tx_bytes, "
                                               "local_rx_packets, local_tx_packets, loopback_rx_bytes, "
                                               "loopback_tx_bytes, loopback_rx_packets, loopback_tx_packets");

template <typename Service>
auto countersOf(Service &traffic)
{
    const auto of = [](auto &cell) {
        return std::array{&cell.rxBytes, &cell.txBytes, &cell.rxPackets, &cell.txPackets};
    };
    std::array<decltype(&traffic.loopback.rxBytes), kCounters> all{};
    auto next = all.begin();
    for (auto *cell : {&traffic.wire.internet, &traffic.wire.local, &traffic.loopback})
        next = std::ranges::copy(of(*cell), next).out;
    return all;
}

void bind(QSqlQuery &query, int first, const ServiceTraffic &traffic)
{
    for (const quint64 *counter : countersOf(traffic))
        query.bindValue(first++, qint64(*counter));
}

ServiceTraffic trafficFrom(const QSqlQuery &row, int first)
{
    ServiceTraffic traffic;
    for (quint64 *counter : countersOf(traffic))
        *counter = quint64(row.value(first++).toLongLong());
    return traffic;
}

QString marks(int count)
{
    return QStringList(count, QStringLiteral("?")).join(QLatin1Char(','));
}

} // namespace

Result<std::vector<ServiceRecord>> ServiceTables::load()
{
    std::vector<ServiceRecord> records;
    std::unordered_map<qint64, size_t> places;
    const QString what = QStringLiteral("cannot read the services");
    auto services = m_connection.prepare(
        QStringLiteral("SELECT id, name, kind, first_seen_s, last_seen_s, %1 FROM service ORDER BY id")
            .arg(kCounterColumns));
    if (!services)
        return std::unexpected(services.error());
    if (auto ran = m_connection.run(*services, what); !ran)
        return std::unexpected(ran.error());
    while (services->next()) {
        ServiceRecord record;
        record.id = services->value(0).toLongLong();
        record.name = services->value(1).toString();
        const QString kind = services->value(2).toString();
        const auto known = serviceKindFrom(kind);
        if (!known)
            return m_connection.failed(
                QStringLiteral("is damaged"),
                QStringLiteral("service %1 has no kind but \"%2\"").arg(record.id).arg(kind.left(80)));
        record.kind = *known;
        record.firstSeenS = services->value(3).toLongLong();
        record.lastSeenS = services->value(4).toLongLong();
        record.total = trafficFrom(*services, 5);
        places[record.id] = records.size();
        records.push_back(std::move(record));
    }
    auto cgroups = m_connection.prepare(
        QStringLiteral("SELECT service, cgroup, began, boot_id, generation, %1 FROM service_cgroup")
            .arg(kCounterColumns));
    if (!cgroups)
        return std::unexpected(cgroups.error());
    if (auto ran = m_connection.run(*cgroups, what); !ran)
        return std::unexpected(ran.error());
    while (cgroups->next()) {
        const auto place = places.find(cgroups->value(0).toLongLong());
        if (place == places.end())
            continue;
        records[place->second].baselines.push_back(
            {{quint64(cgroups->value(1).toLongLong()), quint64(cgroups->value(2).toLongLong())},
             cgroups->value(3).toString(),
             quint64(cgroups->value(4).toLongLong()),
             trafficFrom(*cgroups, 5)});
    }
    return records;
}

Result<void> ServiceTables::write(const std::vector<ServiceRecord> &records,
                                  const std::vector<ForgottenService> &forgotten)
{
    for (const ForgottenService &gone : forgotten) {
        for (const char *statement :
             {"DELETE FROM service WHERE id = %1", "DELETE FROM service_cgroup WHERE service = %1"}) {
            if (auto done = m_connection.execute(QString::fromLatin1(statement).arg(gone.id)); !done)
                return done;
        }
    }
    if (records.empty())
        return {};
    auto service = m_connection.prepare(
        QStringLiteral(
            "INSERT OR REPLACE INTO service (id, name, kind, first_seen_s, last_seen_s, %1) VALUES (%2)")
            .arg(kCounterColumns, marks(5 + kCounters)));
    auto clear = m_connection.prepare(QStringLiteral("DELETE FROM service_cgroup WHERE service = ?"));
    auto cgroup = m_connection.prepare(
        QStringLiteral(
            "INSERT INTO service_cgroup (service, cgroup, began, boot_id, generation, %1) VALUES (%2)")
            .arg(kCounterColumns, marks(5 + kCounters)));
    for (const auto *query : {&service, &clear, &cgroup}) {
        if (!*query)
            return std::unexpected(query->error());
    }
    for (const ServiceRecord &record : records) {
        const QString what = QStringLiteral("cannot write service %1").arg(record.id);
        service->bindValue(0, record.id);
        service->bindValue(1, record.name);
        service->bindValue(2, serviceKindName(record.kind));
        service->bindValue(3, record.firstSeenS);
        service->bindValue(4, record.lastSeenS);
        bind(*service, 5, record.total);
        clear->bindValue(0, record.id);
        auto written = m_connection.run(*service, what);
        if (written)
            written = m_connection.run(*clear, what);
        for (const ServiceBaseline &baseline : record.baselines) {
            if (!written)
                return written;
            cgroup->bindValue(0, record.id);
            cgroup->bindValue(1, qint64(baseline.key.cgroup));
            cgroup->bindValue(2, qint64(baseline.key.began));
            cgroup->bindValue(3, baseline.bootId);
            cgroup->bindValue(4, qint64(baseline.generation));
            bind(*cgroup, 5, baseline.raw);
            written = m_connection.run(*cgroup, what);
        }
        if (!written)
            return written;
    }
    return {};
}

} // namespace weir
