// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/client.h"
#include "app/gui/connections_page.h"
#include "app/gui/language.h"
#include "app/gui/link_card.h"
#include "app/gui/main_window.h"
#include "app/gui/overview_page.h"
#include "app/gui/rate_chart.h"

#include <QDBusConnection>
#include <QEventLoop>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <functional>
#include <memory>

using namespace weir;

namespace {

constexpr int kPatienceMs = 60'000; ///< a machine under load is slow, not wrong

/// The rows of `weirctl VERB --json`, by `key`. The window goes on meanwhile.
QHash<QString, QJsonObject> weirctl(const QStringList &words, const QString &key)
{
    QProcess process;
    QEventLoop loop;
    QObject::connect(&process, &QProcess::finished, &loop, &QEventLoop::quit);
    process.start(QStringLiteral("weirctl"), words + QStringList{QStringLiteral("--json")});
    if (!process.waitForStarted())
        return {};
    if (process.state() != QProcess::NotRunning)
        loop.exec();
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

/// Every figure that the screen has shown of something while this object was there: by the second that
/// weirctl answers with, the window may be a second ahead or behind.
class Shown : public QObject
{
public:
    explicit Shown(std::function<QVariantMap()> read) : m_read(std::move(read)) { look(); }

    template <typename Sender, typename Signal>
    void follow(const Sender *sender, Signal changed)
    {
        connect(sender, changed, this, &Shown::look);
    }

    /// Whether all the numbers of `row` that the screen shows were on it at once.
    bool had(const QJsonObject &row) const
    {
        return std::ranges::any_of(m_states, [&](const QVariantMap &state) {
            return !state.isEmpty() && std::ranges::all_of(state.asKeyValueRange(), [&](const auto &figure) {
                return row.value(figure.first).isDouble()
                    && row.value(figure.first).toDouble() == figure.second.toDouble();
            });
        });
    }

private:
    void look() { m_states.append(m_read()); }

    std::function<QVariantMap()> m_read;
    QList<QVariantMap> m_states;
};

QVariantMap figuresOf(const QAbstractItemModel &model, int row, const QList<std::pair<QString, int>> &columns)
{
    QVariantMap figures;
    if (row < model.rowCount())
        for (const auto &[name, column] : columns)
            figures.insert(name, model.index(row, column).data(gui::kRawRole));
    return figures;
}

} // namespace

/// The window beside the real helper, with traffic: what the screen says equals what weirctl says of the same
/// second.
///
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
    QVERIFY(run(QStringLiteral("weirctl"),
                {QStringLiteral("watch"), QStringLiteral("add"), QStringLiteral("web"),
                 QStringLiteral("--ports"), QStringLiteral("8000")}));
    QFile file(m_dir.filePath(QStringLiteral("file")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(2'000'000, 'x'));
    file.close();
    m_server.start(QStringLiteral("on-server"),
                   {QStringLiteral("python3"), QStringLiteral("-m"), QStringLiteral("http.server"),
                    QStringLiteral("8000"), QStringLiteral("--directory"), m_dir.path()});
    // a slow reader, so that its connection lasts for the test
    m_visitor.start(QStringLiteral("on-client"),
                    {QStringLiteral("curl"), QStringLiteral("-s"), QStringLiteral("-o"),
                     QStringLiteral("/dev/null"), QStringLiteral("--retry"), QStringLiteral("20"),
                     QStringLiteral("--retry-connrefused"), QStringLiteral("--retry-delay"),
                     QStringLiteral("1"), QStringLiteral("--limit-rate"), QStringLiteral("20k"),
                     QStringLiteral("http://%1:8000/file").arg(qEnvironmentVariable("SERVER4"))});
    m_settings =
        std::make_unique<QSettings>(m_dir.filePath(QStringLiteral("weir.ini")), QSettings::IniFormat);
    m_client = std::make_unique<client::Client>(QDBusConnection::systemBus());
    m_window = std::make_unique<gui::MainWindow>(*m_client, *m_settings);
    m_window->show();
    QTRY_COMPARE_WITH_TIMEOUT(m_window->live().reach(), gui::Reach::Live, kPatienceMs);
    const auto counted = [this] {
        const dbus::WatchRow *web = m_window->live().watches().watch(QStringLiteral("web"));
        return web && web->connections > 0 && web->total.txBytes > 0;
    };
    QTRY_VERIFY_WITH_TIMEOUT(counted(), kPatienceMs);
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
    const gui::WatchModel &model = m_window->live().watches();
    using Model = gui::WatchModel;
    Shown shown([&model] {
        return figuresOf(model, 0,
                         {{QStringLiteral("rx_bytes"), Model::TotalDown},
                          {QStringLiteral("tx_bytes"), Model::TotalUp},
                          {QStringLiteral("rx_bytes_per_s"), Model::Down},
                          {QStringLiteral("tx_bytes_per_s"), Model::Up},
                          {QStringLiteral("connections"), Model::Connections}});
    });
    shown.follow(&model, &QAbstractItemModel::dataChanged);
    const auto equal = [&shown] {
        const QJsonObject row =
            weirctl({QStringLiteral("watches")}, QStringLiteral("name")).value(QStringLiteral("web"));
        return row.value(QLatin1String("tx_bytes_per_s")).toDouble() > 0 && shown.had(row);
    };
    QVERIFY(QTest::qWaitFor(equal, kPatienceMs));
}

void ScreenTest::linksEqualWeirctl()
{
    m_window->showPage(gui::Page::Overview);
    const QString name = qEnvironmentVariable("SERVER_LINK");
    const gui::LinkList &links = m_window->live().links();
    Shown shown([&links, name] {
        const dbus::LinkRow link = links.rows().value(name);
        return link.rate.known ? QVariantMap{{QStringLiteral("rx_bytes"), link.total.rxBytes},
                                             {QStringLiteral("tx_bytes"), link.total.txBytes},
                                             {QStringLiteral("rx_bytes_per_s"), link.rate.rxBytesPerSecond},
                                             {QStringLiteral("tx_bytes_per_s"), link.rate.txBytesPerSecond}}
                               : QVariantMap();
    });
    shown.follow(&links, &gui::LinkList::updated);
    const auto equal = [&shown, name] {
        const QJsonObject row = weirctl({QStringLiteral("links")}, QStringLiteral("name")).value(name);
        return row.value(QLatin1String("tx_bytes_per_s")).toDouble() > 0 && shown.had(row);
    };
    QVERIFY(QTest::qWaitFor(equal, kPatienceMs));
}

void ScreenTest::connectionsEqualWeirctl()
{
    m_window->connections().showWatch(QStringLiteral("web"));
    m_window->showPage(gui::Page::Connections);
    const gui::FlowModel &model = m_window->connections().model();
    QTRY_VERIFY_WITH_TIMEOUT(model.rowCount() > 0, kPatienceMs);
    // every connection that there is, with its number in the names of its figures
    const auto figure = [](const QString &id, const char *what) {
        return id + QLatin1Char(' ') + QLatin1String(what);
    };
    Shown shown([&model, figure] {
        QVariantMap figures{{QStringLiteral("rows"), model.rowCount()}};
        for (int row = 0; row < model.rowCount(); ++row) {
            const QString id = QString::number(model.flowAt(row).id);
            figures.insert(figure(id, "rx_bytes"),
                           model.index(row, gui::FlowModel::TotalDown).data(gui::kRawRole));
            figures.insert(figure(id, "tx_bytes"),
                           model.index(row, gui::FlowModel::TotalUp).data(gui::kRawRole));
        }
        return figures;
    });
    shown.follow(&model, &QAbstractItemModel::dataChanged);
    shown.follow(&model, &QAbstractItemModel::rowsInserted);
    shown.follow(&model, &QAbstractItemModel::rowsRemoved);
    const auto equal = [&shown, figure] {
        const auto rows =
            weirctl({QStringLiteral("flows"), QStringLiteral("--filter"), QStringLiteral("watch:web")},
                    QStringLiteral("id"));
        QJsonObject figures{{QStringLiteral("rows"), rows.size()}};
        for (const auto &[id, row] : rows.asKeyValueRange())
            for (const char *what : {"rx_bytes", "tx_bytes"})
                figures.insert(figure(id, what), row.value(QLatin1String(what)));
        return !rows.isEmpty() && shown.had(figures);
    };
    QVERIFY(QTest::qWaitFor(equal, kPatienceMs));
}

void ScreenTest::theChartIsFedFromTheFirstSecond()
{
    // A second window, opened now, shows seconds from before it was there.
    gui::MainWindow late(*m_client, *m_settings);
    late.show();
    const QString name = qEnvironmentVariable("SERVER_LINK");
    QTRY_VERIFY_WITH_TIMEOUT(late.overview().cards().contains(name), kPatienceMs);
    const gui::RateChart &chart = late.overview().cards().value(name)->chart();
    QTRY_VERIFY_WITH_TIMEOUT(chart.pointCount() >= 10, kPatienceMs);
    QVERIFY(chart.pointCount() <= 240);
}

void ScreenTest::aHelperThatWasRestartedIsFoundAgain()
{
    m_window->showPage(gui::Page::Overview);
    QTRY_COMPARE_WITH_TIMEOUT(m_window->live().reach(), gui::Reach::Live, kPatienceMs);
    QVERIFY(run(QStringLiteral("helper-stop"), {}));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->live().reach(), gui::Reach::Away, kPatienceMs);
    const qint64 before = m_window->live().links().timeMs();
    QVERIFY(run(QStringLiteral("helper-start"), {}));
    QTRY_COMPARE_WITH_TIMEOUT(m_window->live().reach(), gui::Reach::Live, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->live().links().timeMs() > before, kPatienceMs);
}

QTEST_MAIN(ScreenTest)
#include "screen_test.moc"
