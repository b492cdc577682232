// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bus/service_under_test.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QSqlRecord>

namespace weir::test {

ServiceUnderTest::ServiceUnderTest(SystemBus &bus) : ServiceUnderTest(bus, Options{})
{ }

ServiceUnderTest::ServiceUnderTest(SystemBus &bus, const Options &options)
    : m_machine(std::make_shared<FakeMachine>()), m_store(m_directory.path())
{
    Link nic = FakeMachine::ethernet(QStringLiteral("eth0"));
    nic.hardware = true;
    nic.defaultRoute = true;
    m_nic = m_machine->addLink(nic);
    m_machine->setGovernSupport(options.support);

    auto state = m_store.open();
    if (!state) {
        m_failure = state.error().message;
        return;
    }
    m_kernel = std::make_unique<KernelThread>(std::make_unique<FakeKernel>(m_machine));
    m_engine = std::make_unique<Engine>(
        *m_kernel, std::move(*state),
        [this](StateChange change, std::function<void(Result<void>)> done) {
            m_store.write(std::move(change), std::move(done));
        },
        m_clock, m_store.archive());
    if (const auto started = m_engine->start(); !started) {
        m_failure = started.error().message;
        return;
    }
    const QDBusConnection connection = bus.connection();
    m_authorizer = std::make_unique<PolkitAuthorizer>(connection, options.patience);
    m_service = std::make_unique<Service>(
        *m_engine, *m_authorizer, connection,
        Service::Options{m_store.path(),
                         [this](Reply<void> done) {
                             m_engine->stop(Engine::Leave::Nothing, [this, done](const Result<void> &result) {
                                 m_isEnded = true;
                                 done(result);
                             });
                         },
                         repair(), options.recheckInterval});
    if (const auto published = m_service->publish(); !published)
        m_failure = published.error().message;
}

ServiceUnderTest::~ServiceUnderTest() = default;

/// Answers what went well; what really happens to a file is the store's own test.
Repair ServiceUnderTest::repair()
{
    const QString aside = QStringLiteral("/aside");
    return {[](const Reply<QStringList> &reply) { reply(QStringList()); },
            [](int, const Reply<quint64> &reply) { reply(0); },
            [aside](int, const Reply<QString> &reply) { reply(aside); },
            [aside](const Reply<QString> &reply) { reply(aside); }};
}

QByteArray ServiceUnderTest::stored()
{
    m_store.drain();
    QByteArray text;
    const QString name = QStringLiteral("weir-test-reader");
    {
        auto database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
        database.setDatabaseName(m_store.path());
        if (!database.open())
            return "cannot open the database";
        for (const QString &table : database.tables()) {
            text += table.toUtf8() + '\n';
            QSqlQuery rows(QStringLiteral("SELECT * FROM \"%1\" ORDER BY rowid").arg(table), database);
            while (rows.next()) {
                for (int column = 0; column < rows.record().count(); ++column)
                    text += rows.record().fieldName(column).toUtf8() + '=' + rows.value(column).toByteArray()
                        + ' ';
                text += '\n';
            }
        }
    }
    QSqlDatabase::removeDatabase(name);
    return text;
}

} // namespace weir::test
