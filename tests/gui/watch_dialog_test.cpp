// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/client.h"
#include "app/gui/language.h"
#include "app/gui/live_data.h"
#include "app/gui/port_edit.h"
#include "app/gui/watch_dialog.h"
#include "dbus/names.h"
#include "tests/gui/rows.h"
#include "tests/support/private_bus.h"
#include "tests/support/stub_helper.h"

#include <QComboBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace weir;
using namespace weir::test;

/// The editor of watches: what it says while one types, and what becomes of the helper's refusals.
class WatchDialogTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void portListsAreCheckedAsOneTypes_data();
    void portListsAreCheckedAsOneTypes();
    void namesAreCheckedAsOneTypes_data();
    void namesAreCheckedAsOneTypes();
    void aNewWatchIsSentInItsShortestForm();
    void aWatchOfALinkIsSentWithItsLinkOnly();
    void aWatchOfAServiceIsSentWithItsServiceOnly();
    void anEditSendsTheRevisionThatWasRead();
    void theKindOfAWatchCannotChange();
    void aRefusalIsShownAndWhatWasTypedStays();
    void aStaleEditShowsTheWatchAsItIsNow();
    void aRenameToANameInUseSaysSo();
    void aNewNameThatWasTakenMeanwhileSaysSo();
    void aConflictOfAnotherCauseIsNotCalledANameInUse_data();
    void aConflictOfAnotherCauseIsNotCalledANameInUse();
    void whileTheServiceIsAskedNothingIsSentTwice();

private:
    std::unique_ptr<gui::WatchDialog> makeNew();
    std::unique_ptr<gui::WatchDialog> makeEdit(const QString &name);
    static QLineEdit *field(gui::WatchDialog &dialog, const char *name);
    static bool shows(const gui::WatchDialog &dialog, const QString &text);
    static QPushButton *saveButton(gui::WatchDialog &dialog);

    std::unique_ptr<PrivateBus> m_bus;
    std::unique_ptr<StubHelper> m_helper;
    std::unique_ptr<client::Client> m_client;
    std::unique_ptr<gui::LiveData> m_live;
};

void WatchDialogTest::initTestCase()
{
    dbus::registerTypes();
    gui::initResources();
    QVERIFY(gui::setLanguage(QLocale(QLocale::English, QLocale::UnitedStates)));
}

void WatchDialogTest::init()
{
    m_bus = std::make_unique<PrivateBus>();
    QVERIFY2(!m_bus->address().isEmpty(), "dbus-daemon must be there");
    m_helper = std::make_unique<StubHelper>(m_bus->connection());
    m_helper->links = {linkRow(QStringLiteral("eth0")), linkRow(QStringLiteral("wlan0"))};
    m_helper->watches = {watchRow(QStringLiteral("web")),
                         watchRow(QStringLiteral("mail"), QStringLiteral("25,465"))};
    m_helper->appear();
    m_client = std::make_unique<client::Client>(m_bus->connection());
    m_live = std::make_unique<gui::LiveData>(*m_client);
    m_live->want(true, true);
    QTRY_COMPARE(m_live->watches().entryCount(), 2);
    QTRY_COMPARE(m_live->links().rows().size(), 2);
}

void WatchDialogTest::cleanup()
{
    m_live.reset();
    m_client.reset();
    m_helper.reset();
    m_bus.reset();
}

std::unique_ptr<gui::WatchDialog> WatchDialogTest::makeNew()
{
    auto dialog = std::make_unique<gui::WatchDialog>(*m_live);
    dialog->show();
    return dialog;
}

std::unique_ptr<gui::WatchDialog> WatchDialogTest::makeEdit(const QString &name)
{
    auto dialog = std::make_unique<gui::WatchDialog>(*m_live, *m_live->watches().watch(name));
    dialog->show();
    return dialog;
}

QLineEdit *WatchDialogTest::field(gui::WatchDialog &dialog, const char *name)
{
    for (QLineEdit *edit : dialog.findChildren<QLineEdit *>())
        if (edit->accessibleName() == QLatin1String(name))
            return edit;
    return nullptr;
}

bool WatchDialogTest::shows(const gui::WatchDialog &dialog, const QString &text)
{
    const auto labels = dialog.findChildren<QLabel *>();
    return std::any_of(labels.begin(), labels.end(), [&](const QLabel *label) {
        return label->isVisible() && label->text().contains(text);
    });
}

QPushButton *WatchDialogTest::saveButton(gui::WatchDialog &dialog)
{
    for (QPushButton *button : dialog.findChildren<QPushButton *>())
        if (button->isDefault())
            return button;
    return nullptr;
}

void WatchDialogTest::portListsAreCheckedAsOneTypes_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("told");
    QTest::addColumn<int>("marked"); // where the wrong piece begins; -1: nothing is wrong
    QTest::addRow("one port") << "8000"
                              << "1 port: 8000" << -1;
    QTest::addRow("ports and a range") << "8000, 9000-9100 443"
                                       << "103 ports: 443, 8000, 9000–9100" << -1;
    QTest::addRow("overlapping ranges") << "1-10,5-20"
                                        << "20 ports: 1–20" << -1;
    QTest::addRow("every port") << "1-65535"
                                << "65,535 ports: 1–65535" << -1;
    QTest::addRow("nothing") << " "
                             << "Type ports or ranges" << 0;
    QTest::addRow("a word") << "80 http"
                            << "“http” is not a port or a range" << 3;
    QTest::addRow("zero") << "0"
                          << "“0” is out of range: ports are 1 to 65535" << 0;
    QTest::addRow("too high") << "443,65536"
                              << "“65536” is out of range: ports are 1 to 65535" << 4;
    QTest::addRow("backwards") << "80-79"
                               << "“80-79” runs backwards" << 0;
    QTest::addRow("half a range") << "22,80-"
                                  << "“80-” is not a port or a range" << 3;
}

void WatchDialogTest::portListsAreCheckedAsOneTypes()
{
    QFETCH(QString, typed);
    QFETCH(QString, told);
    QFETCH(int, marked);
    const auto dialog = makeNew();
    field(*dialog, "Name")->setText(QStringLiteral("new"));
    auto *ports = qobject_cast<gui::PortEdit *>(field(*dialog, "Ports"));
    QTest::keyClicks(ports, typed);
    QCOMPARE(ports->text(), typed);
    QVERIFY2(shows(*dialog, told), qPrintable(told));
    QCOMPARE(saveButton(*dialog)->isEnabled(), marked < 0);
    if (marked >= 0 && !typed.trimmed().isEmpty()) {
        QVERIFY(ports->markLength() > 0);
        QCOMPARE(ports->markOffset(), marked);
    } else {
        QCOMPARE(ports->markLength(), 0);
    }
}

void WatchDialogTest::namesAreCheckedAsOneTypes_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("told");
    QTest::addColumn<bool>("fits");
    QTest::addRow("a name") << "proxy"
                            << "" << true;
    QTest::addRow("white space at its ends is left out") << "  proxy "
                                                         << "" << true;
    QTest::addRow("64 characters") << QString(64, QLatin1Char('x')) << "" << true;
    QTest::addRow("65 characters") << QString(65, QLatin1Char('x')) << "At most 64 characters; these are 65."
                                   << false;
    QTest::addRow("in use") << "web"
                            << "There is a watch of this name already." << false;
    QTest::addRow("a control character") << "a\x01z"
                                         << "Control characters cannot be part of a name." << false;
    QTest::addRow("nothing") << ""
                             << "" << false;
}

void WatchDialogTest::namesAreCheckedAsOneTypes()
{
    QFETCH(QString, typed);
    QFETCH(QString, told);
    QFETCH(bool, fits);
    const auto dialog = makeNew();
    field(*dialog, "Ports")->setText(QStringLiteral("8000"));
    field(*dialog, "Name")->setText(typed);
    QCOMPARE(saveButton(*dialog)->isEnabled(), fits);
    if (!told.isEmpty())
        QVERIFY2(shows(*dialog, told), qPrintable(told));
}

void WatchDialogTest::aNewWatchIsSentInItsShortestForm()
{
    const auto dialog = makeNew();
    field(*dialog, "Name")->setText(QStringLiteral(" proxy "));
    field(*dialog, "Ports")->setText(QStringLiteral("9000-9050, 9051-9100 8000"));
    dialog->findChild<QPlainTextEdit *>()->setPlainText(QStringLiteral("two\nlines"));
    QSignalSpy saved(dialog.get(), &gui::WatchDialog::saved);
    saveButton(*dialog)->click();
    QTRY_COMPARE(saved.size(), 1);
    QCOMPARE(m_helper->callsOf(QStringLiteral("AddWatch")), 1);
    const auto found =
        std::find_if(m_helper->watches.begin(), m_helper->watches.end(),
                     [](const dbus::WatchRow &row) { return row.name == QStringLiteral("proxy"); });
    QVERIFY(found != m_helper->watches.end());
    const dbus::WatchRow &made = *found;
    QCOMPARE(made.ports, QStringLiteral("8000,9000-9100"));
    QCOMPARE(made.protocol, QStringLiteral("both"));
    QCOMPARE(made.note, QStringLiteral("two\nlines"));
    QVERIFY(!dialog->isVisible());
}

void WatchDialogTest::aWatchOfALinkIsSentWithItsLinkOnly()
{
    const auto dialog = makeNew();
    field(*dialog, "Name")->setText(QStringLiteral("uplink"));
    dialog->findChildren<QRadioButton *>().at(1)->click();
    for (QComboBox *box : dialog->findChildren<QComboBox *>())
        if (box->accessibleName() == QStringLiteral("Link"))
            box->setCurrentIndex(box->findData(QStringLiteral("wlan0")));
    saveButton(*dialog)->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("AddWatch")), 1);
    const auto fields = qdbus_cast<QVariantMap>(m_helper->calls.last().arguments.at(1));
    QCOMPARE(fields.value(QStringLiteral("link")).toString(), QStringLiteral("wlan0"));
    QVERIFY(!fields.contains(QStringLiteral("ports")));
    QVERIFY(!fields.contains(QStringLiteral("protocol")));
}

void WatchDialogTest::aWatchOfAServiceIsSentWithItsServiceOnly()
{
    dbus::ServiceRow nginx;
    nginx.name = QStringLiteral("nginx.service");
    m_helper->services = {nginx};
    const auto dialog = makeNew();
    QComboBox *services = nullptr;
    for (QComboBox *box : dialog->findChildren<QComboBox *>())
        if (box->accessibleName() == QStringLiteral("Service"))
            services = box;
    QVERIFY(services);
    QTRY_COMPARE(services->count(), 1);
    field(*dialog, "Name")->setText(QStringLiteral("site"));
    dialog->findChildren<QRadioButton *>().at(2)->click();
    QVERIFY(services->isVisible());
    services->setEditText(QString());
    QVERIFY(!saveButton(*dialog)->isEnabled());
    services->setEditText(QStringLiteral("proxy.service"));
    QVERIFY(shows(*dialog, QStringLiteral("This service has sent and received nothing yet; it is counted when it does.")));
    services->setEditText(QStringLiteral("nginx.service"));
    saveButton(*dialog)->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("AddWatch")), 1);
    const auto fields = qdbus_cast<QVariantMap>(m_helper->calls.last().arguments.at(1));
    QCOMPARE(fields.value(QStringLiteral("service")).toString(), QStringLiteral("nginx.service"));
    for (const char *other : {"ports", "protocol", "link"})
        QVERIFY(!fields.contains(QLatin1String(other)));
}

void WatchDialogTest::anEditSendsTheRevisionThatWasRead()
{
    const auto dialog = makeEdit(QStringLiteral("mail"));
    QCOMPARE(field(*dialog, "Ports")->text(), QStringLiteral("25, 465"));
    field(*dialog, "Name")->setText(QStringLiteral("post"));
    field(*dialog, "Ports")->setText(QStringLiteral("25"));
    QSignalSpy saved(dialog.get(), &gui::WatchDialog::saved);
    saveButton(*dialog)->click();
    QTRY_COMPARE(saved.size(), 1);
    QCOMPARE(m_helper->calls.last().method, QStringLiteral("EditWatch"));
    QCOMPARE(m_helper->calls.last().arguments.at(0).toUInt(), 1);
    QCOMPARE(m_helper->calls.last().arguments.at(1).toString(), QStringLiteral("mail"));
    const auto has = [this](const QString &name) {
        return std::any_of(m_helper->watches.begin(), m_helper->watches.end(),
                           [&](const auto &row) { return row.name == name; });
    };
    QVERIFY(has(QStringLiteral("post")));
    QVERIFY(!has(QStringLiteral("mail")));
}

void WatchDialogTest::theKindOfAWatchCannotChange()
{
    const auto dialog = makeEdit(QStringLiteral("mail"));
    QVERIFY(dialog->findChildren<QRadioButton *>().at(0)->isChecked());
    QVERIFY(!dialog->findChildren<QRadioButton *>().at(1)->isEnabled());
}

void WatchDialogTest::aRefusalIsShownAndWhatWasTypedStays()
{
    const auto dialog = makeNew();
    field(*dialog, "Name")->setText(QStringLiteral("proxy"));
    field(*dialog, "Ports")->setText(QStringLiteral("8000"));
    m_helper->fail(QStringLiteral("AddWatch"), dbus::error::kKernelRefused,
                   QStringLiteral("cannot change atoms: no memory"));
    saveButton(*dialog)->click();
    QTRY_VERIFY(shows(
        *dialog, QStringLiteral("The kernel refused. (The service says: cannot change atoms: no memory)")));
    QVERIFY(dialog->isVisible());
    QCOMPARE(field(*dialog, "Ports")->text(), QStringLiteral("8000"));
    QVERIFY(saveButton(*dialog)->isEnabled());
}

void WatchDialogTest::aStaleEditShowsTheWatchAsItIsNow()
{
    const auto dialog = makeEdit(QStringLiteral("mail"));
    m_helper->watches[1].revision = 2;
    m_helper->watches[1].ports = QStringLiteral("25,993");
    field(*dialog, "Ports")->setText(QStringLiteral("25"));
    saveButton(*dialog)->click();
    QTRY_VERIFY(shows(*dialog, QStringLiteral("This watch was changed elsewhere meanwhile.")));
    QCOMPARE(field(*dialog, "Ports")->text(), QStringLiteral("25, 993"));
    QCOMPARE(m_helper->watches[1].ports, QStringLiteral("25,993"));
    field(*dialog, "Ports")->setText(QStringLiteral("25,587"));
    QSignalSpy saved(dialog.get(), &gui::WatchDialog::saved);
    saveButton(*dialog)->click();
    QTRY_COMPARE(saved.size(), 1);
    QCOMPARE(m_helper->watches[1].ports, QStringLiteral("25,587"));
}

void WatchDialogTest::aRenameToANameInUseSaysSo()
{
    const auto dialog = makeEdit(QStringLiteral("mail"));
    m_helper->watches.append(
        watchRow(QStringLiteral("new"))); // made elsewhere a moment ago: no frame has told of it
    field(*dialog, "Name")->setText(QStringLiteral("new"));
    saveButton(*dialog)->click();
    QTRY_VERIFY(
        shows(*dialog, QStringLiteral("There is a watch of this name already. Choose another name.")));
    QCOMPARE(field(*dialog, "Name")->text(), QStringLiteral("new"));
}

void WatchDialogTest::aNewNameThatWasTakenMeanwhileSaysSo()
{
    const auto dialog = makeNew();
    m_helper->watches.append(watchRow(QStringLiteral("new"))); // no frame has told of it
    field(*dialog, "Name")->setText(QStringLiteral("new"));
    field(*dialog, "Ports")->setText(QStringLiteral("8000"));
    saveButton(*dialog)->click();
    QTRY_VERIFY(
        shows(*dialog, QStringLiteral("There is a watch of this name already. Choose another name.")));
}

void WatchDialogTest::aConflictOfAnotherCauseIsNotCalledANameInUse_data()
{
    QTest::addColumn<bool>("edit");
    QTest::addRow("a new watch") << false;
    QTest::addRow("an edit") << true;
}

void WatchDialogTest::aConflictOfAnotherCauseIsNotCalledANameInUse()
{
    QFETCH(bool, edit);
    const auto dialog = edit ? makeEdit(QStringLiteral("mail")) : makeNew();
    field(*dialog, "Name")->setText(QStringLiteral("proxy"));
    field(*dialog, "Ports")->setText(QStringLiteral("8000"));
    for (const QString &method : {QStringLiteral("AddWatch"), QStringLiteral("EditWatch")})
        m_helper->fail(method, dbus::error::kConflict, QStringLiteral("the helper is stopping"));
    saveButton(*dialog)->click();
    QTRY_VERIFY(shows(*dialog, QStringLiteral("(The service says: the helper is stopping)")));
    QVERIFY(!shows(*dialog, QStringLiteral("There is a watch of this name already.")));
    QCOMPARE(field(*dialog, "Name")->text(), QStringLiteral("proxy"));
}

void WatchDialogTest::whileTheServiceIsAskedNothingIsSentTwice()
{
    const auto dialog = makeNew();
    field(*dialog, "Name")->setText(QStringLiteral("proxy"));
    field(*dialog, "Ports")->setText(QStringLiteral("8000"));
    m_helper->hold(QStringLiteral("AddWatch"));
    saveButton(*dialog)->click();
    QTRY_COMPARE(m_helper->callsOf(QStringLiteral("AddWatch")), 1);
    QVERIFY(shows(*dialog, QStringLiteral("Waiting for the service.")));
    QVERIFY(!saveButton(*dialog)->isEnabled());
    QTest::keyClick(dialog.get(), Qt::Key_Return);
    QSignalSpy saved(dialog.get(), &gui::WatchDialog::saved);
    m_helper->release(QStringLiteral("AddWatch"));
    QTRY_COMPARE(saved.size(), 1);
    QCOMPARE(m_helper->callsOf(QStringLiteral("AddWatch")), 1);
}

QTEST_MAIN(WatchDialogTest)
#include "watch_dialog_test.moc"
