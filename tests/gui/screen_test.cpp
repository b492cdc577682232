// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/client.h"
#include "app/gui/connections_page.h"
#include "app/gui/language.h"
#include "app/gui/link_card.h"
#include "app/gui/main_window.h"
#include "app/gui/overview_page.h"
#include "app/gui/rate_chart.h"

#include <QDBusConnection>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace weir;

namespace {

/// The rows of `weirctl VERB --json`, by `key`.
QHash<QString, QJsonObject> weirctl(const QStringList &words, const QString &key)
{
    QProcess process;
    process.start(QStringLiteral("weirctl"), words + QStringList{QStringLiteral("--json")});
    process.waitForFinished();
    QHash<QString, QJsonObject> rows;
    const QJsonObject document = QJsonDocument::fromJson(process.readAllStandardOutput()).object();
    for (const QJsonValue &row : document.value(words.first()).toArray())
        rows.insert(row[key].toVariant().toString(), row.toObject());
    return rows;
}

bool run(const QString &program, const QStringList &arguments)
{
    return QProcess::execute(program, arguments) == 0;
}

/// Whether a cell shows the number that JSON has.
bool shows(const QAbstractItemModel &model, int row, int column, const QJsonValue &value)
{
    return model.index(row, column).data(gui::kRawRole).toDouble() == value.toDouble();
}

} // namespace

/// The window beside the real helper, with traffic: what the screen says equals what weirctl says of the same second.
///
/// Both are asked at different moments, so a second may end between them; what differs is asked again.
class ScreenTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();

    void watchesEqualWeirctl();
    void linksEqualWeirctl();
    void connectionsEqualWeirctl();
    void theChartIsFedFromTheFirstSecond();
    void aHelperThatWasRestartedIsFoundAgain();

private:
    QTemporaryDir m_dir;
    QProcess m_server;
    QProcess m_visitor;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<client::Client> m_client;
    std::unique_ptr<gui::MainWindow> m_window;
};

void ScreenTest::initTestCase()
{
    dbus::registerTypes();
    gui::initResources();
    gui::setLanguage(QLocale(QLocale::English));
    QVERIFY(run(QStringLiteral("weirctl"), {QStringLiteral("watch"), QStringLiteral("add"), QStringLiteral("web"),
                                            QStringLiteral("--ports"), QStringLiteral("8000")}));
    QFile file(m_dir.filePath(QStringLiteral("file")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(2'000'000, 'x'));
    file.close();
    m_server.start(QStringLiteral("on-server"), {QStringLiteral("python3"), QStringLiteral("-m"), QStringLiteral("http.server"),
                                                 QStringLiteral("8000"), QStringLiteral("--directory"), m_dir.path()});
    // a slow reader, so that its connection lasts for the test
    m_visitor.start(QStringLiteral("on-client"),
                    {QStringLiteral("curl"), QStringLiteral("-s"), QStringLiteral("-o"), QStringLiteral("/dev/null"),
                     QStringLiteral("--retry"), QStringLiteral("20"), QStringLiteral("--retry-connrefused"), QStringLiteral("--retry-delay"),
                     QStringLiteral("1"), QStringLiteral("--limit-rate"), QStringLiteral("20k"),
                     QStringLiteral("http://%1:8000/file").arg(qEnvironmentVariable("SERVER4"))});
    m_settings = std::make_unique<QSettings>(m_dir.filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
    m_client = std::make_unique<client::Client>(QDBusConnection::systemBus());
    m_window = std::make_unique<gui::MainWindow>(*m_client, *m_settings);
    m_window->show();
    QTRY_COMPARE_WITH_TIMEOUT(m_window->live().reach(), gui::Reach::Live, 10'000);
    const auto counted = [this] {
        const dbus::WatchRow *web = m_window->live().watches().watch(QStringLiteral("web"));
        return web && web->connections > 0 && web->total.txBytes > 0;
    };
    QTRY_VERIFY_WITH_TIMEOUT(counted(), 30'000);
}

void ScreenTest::cleanupTestCase()
{
    for (QProcess *process : {&m_visitor, &m_server}) {
        process->kill();
        process->waitForFinished();
    }
}

void ScreenTest::watchesEqualWeirctl()
{
    m_window->showPage(gui::Page::Watches);
    gui::WatchModel &model = m_window->live().watches();
    const auto equal = [&model] {
        const QJsonObject row = weirctl({QStringLiteral("watches")}, QStringLiteral("name")).value(QStringLiteral("web"));
        QCoreApplication::processEvents();
        using Model = gui::WatchModel;
        return !row.isEmpty() && row.value(QLatin1String("tx_bytes_per_s")).toDouble() > 0
            && shows(model, 0, Model::TotalDown, row.value(QLatin1String("rx_bytes")))
            && shows(model, 0, Model::TotalUp, row.value(QLatin1String("tx_bytes")))
            && shows(model, 0, Model::Down, row.value(QLatin1String("rx_bytes_per_s")))
            && shows(model, 0, Model::Up, row.value(QLatin1String("tx_bytes_per_s")))
            && shows(model, 0, Model::Connections, row.value(QLatin1String("connections")));
    };
    QTRY_VERIFY_WITH_TIMEOUT(equal(), 20'000);
}

void ScreenTest::linksEqualWeirctl()
{
    m_window->showPage(gui::Page::Overview);
    const QString name = qEnvironmentVariable("SERVER_LINK");
    const auto equal = [this, name] {
        const QJsonObject row = weirctl({QStringLiteral("links")}, QStringLiteral("name")).value(name);
        QCoreApplication::processEvents();
        const dbus::LinkRow link = m_window->live().links().rows().value(name);
        return link.rate.known && link.rate.txBytesPerSecond > 0
            && double(link.total.rxBytes) == row.value(QLatin1String("rx_bytes")).toDouble()
            && double(link.total.txBytes) == row.value(QLatin1String("tx_bytes")).toDouble()
            && link.rate.rxBytesPerSecond == row.value(QLatin1String("rx_bytes_per_s")).toDouble()
            && link.rate.txBytesPerSecond == row.value(QLatin1String("tx_bytes_per_s")).toDouble();
    };
    QTRY_VERIFY_WITH_TIMEOUT(equal(), 20'000);
}

void ScreenTest::connectionsEqualWeirctl()
{
    m_window->connections().showWatch(QStringLiteral("web"));
    m_window->showPage(gui::Page::Connections);
    gui::FlowModel &model = m_window->connections().model();
    QTRY_VERIFY_WITH_TIMEOUT(model.rowCount() > 0, 10'000);
    const auto equal = [&model] {
        const auto rows = weirctl({QStringLiteral("flows"), QStringLiteral("--filter"), QStringLiteral("watch:web")}, QStringLiteral("id"));
        QCoreApplication::processEvents();
        if (rows.isEmpty() || rows.size() != model.rowCount())
            return false;
        for (int row = 0; row < model.rowCount(); ++row) {
            const QJsonObject flow = rows.value(QString::number(model.flowAt(row).id));
            if (!shows(model, row, gui::FlowModel::TotalUp, flow.value(QLatin1String("tx_bytes")))
                || !shows(model, row, gui::FlowModel::TotalDown, flow.value(QLatin1String("rx_bytes"))))
                return false;
        }
        return true;
    };
    QTRY_VERIFY_WITH_TIMEOUT(equal(), 20'000);
}

void ScreenTest::theChartIsFedFromTheFirstSecond()
{
    // A second window, opened now, shows seconds from before it was there.
    gui::MainWindow late(*m_client, *m_settings);
    late.show();
    const QString name = qEnvironmentVariable("SERVER_LINK");
    QTRY_VERIFY_WITH_TIMEOUT(late.overview().cards().contains(name), 10'000);
    const gui::RateChart &chart = late.overview().cards().value(name)->chart();
    QTRY_VERIFY_WITH_TIMEOUT(chart.pointCount() >= 10, 10'000);
    QVERIFY(chart.pointCount() <= 240);
}

void ScreenTest::aHelperThatWasRestartedIsFoundAgain()
{
    m_window->showPage(gui::Page::Overview);
    QTRY_COMPARE_WITH_TIMEOUT(m_window->live().reach(), gui::Reach::Live, 10'000);
    QVERIFY(run(QStringLiteral("helper-stop"), {}));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->live().reach(), gui::Reach::Away, 10'000);
    const qint64 before = m_window->live().links().timeMs();
    QVERIFY(run(QStringLiteral("helper-start"), {}));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->live().reach(), gui::Reach::Live, 20'000);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->live().links().timeMs() > before, 10'000);
}

QTEST_MAIN(ScreenTest)
#include "screen_test.moc"
