// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/language.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

using namespace weir;

namespace {

struct Message {
    QString text;             ///< context, source and comment: what names a message
    QStringList translations; ///< one, or one for each plural form
    bool finished = true;
};

/// The messages of a catalogue; none when it cannot be read.
QList<Message> readCatalogue(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QXmlStreamReader xml(&file);
    QList<Message> messages;
    QString context;
    QString source;
    QString comment;
    while (!xml.atEnd()) {
        if (!xml.readNextStartElement())
            continue;
        if (xml.name() == QLatin1String("name")) {
            context = xml.readElementText();
        } else if (xml.name() == QLatin1String("message")) {
            comment.clear();
        } else if (xml.name() == QLatin1String("source")) {
            source = xml.readElementText();
        } else if (xml.name() == QLatin1String("comment")) {
            comment = xml.readElementText();
        } else if (xml.name() == QLatin1String("translation")) {
            Message message{QStringList{context, source, comment}.join(QLatin1Char('|')),
                            {},
                            !xml.attributes().hasAttribute(QLatin1String("type"))};
            QString whole;
            while (!(xml.readNext() == QXmlStreamReader::EndElement
                     && xml.name() == QLatin1String("translation"))) {
                if (xml.isStartElement() && xml.name() == QLatin1String("numerusform"))
                    message.translations.append(xml.readElementText());
                else if (xml.isCharacters())
                    whole += xml.text();
            }
            if (message.translations.isEmpty())
                message.translations.append(whole);
            messages.append(message);
        }
    }
    return messages;
}

/// "%1", "%2", "%n": each has to be where the translation wants it.
QSet<QString> placeholders(const QString &text)
{
    QSet<QString> found;
    for (qsizetype i = 0; i + 1 < text.size(); ++i) {
        if (text.at(i) != QLatin1Char('%'))
            continue;
        const qsizetype at = text.at(i + 1) == QLatin1Char('L') ? i + 2 : i + 1;
        if (at < text.size() && (text.at(at).isDigit() || text.at(at) == QLatin1Char('n')))
            found.insert(text.at(at));
    }
    return found;
}

} // namespace

/// The catalogues are complete: held against what lupdate finds in the sources of now.
class TranslationTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyTextOfTheSourcesIsTranslated_data();
    void everyTextOfTheSourcesIsTranslated();
    void translationsKeepThePlaceholders();
    void theProgramCarriesEveryLanguage();
};

void TranslationTest::everyTextOfTheSourcesIsTranslated_data()
{
    QTest::addColumn<QString>("catalogue");
    QTest::addColumn<bool>("pluralsOnly");
    QTest::addRow("zh_CN") << "weir_zh_CN.ts" << false;
    QTest::addRow("en") << "weir_en.ts" << true;
}

void TranslationTest::everyTextOfTheSourcesIsTranslated()
{
    QFETCH(QString, catalogue);
    QFETCH(bool, pluralsOnly);
    const QTemporaryDir dir;
    const QString fresh = dir.filePath(catalogue);
    QStringList arguments{QStringLiteral("-silent"),       QStringLiteral("-I"),
                          QStringLiteral(WEIR_SOURCE_DIR), QStringLiteral(WEIR_SOURCE_DIR "/app/gui"),
                          QStringLiteral("-ts"),           fresh};
    if (pluralsOnly)
        arguments.prepend(QStringLiteral("-pluralonly"));
    QCOMPARE(QProcess::execute(QStringLiteral(WEIR_LUPDATE), arguments), 0);

    QHash<QString, Message> translated;
    for (const Message &message : readCatalogue(QStringLiteral(WEIR_SOURCE_DIR "/translations/") + catalogue))
        translated.insert(message.text, message);
    const QList<Message> wanted = readCatalogue(fresh);
    QVERIFY(!wanted.isEmpty());
    QStringList missing;
    for (const Message &message : wanted) {
        const Message known = translated.take(message.text);
        if (!known.finished || known.translations.isEmpty() || known.translations.contains(QString()))
            missing.append(message.text);
    }
    QVERIFY2(missing.isEmpty(),
             qPrintable(QStringLiteral("not translated:\n") + missing.join(QLatin1Char('\n'))));
    QVERIFY2(translated.isEmpty(),
             qPrintable(QStringLiteral("not in the sources any more:\n")
                        + translated.keys().join(QLatin1Char('\n'))));
}

void TranslationTest::translationsKeepThePlaceholders()
{
    for (const Message &message :
         readCatalogue(QStringLiteral(WEIR_SOURCE_DIR "/translations/weir_zh_CN.ts")))
        for (const QString &translation : message.translations)
            QVERIFY2(placeholders(translation) == placeholders(message.text.section(QLatin1Char('|'), 1, 1)),
                     qPrintable(message.text));
}

void TranslationTest::theProgramCarriesEveryLanguage()
{
    gui::initResources();
    for (const QString &code : gui::languages())
        QVERIFY2(gui::setLanguage(QLocale(code)), qPrintable(code));
    QVERIFY(!gui::setLanguage(QLocale(QLocale::Icelandic)));
    QVERIFY(gui::setLanguage(QLocale(QStringLiteral("zh_CN"))));
    QCOMPARE(QCoreApplication::translate("weir::gui::MainWindow", "Overview"), QStringLiteral("概览"));
}

QTEST_MAIN(TranslationTest)
#include "translation_test.moc"
