// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/language.h"

#include <QFont>
#include <QGuiApplication>
#include <QLibraryInfo>
#include <QTranslator>

void initWeirResources() // Q_INIT_RESOURCE wants to stand outside namespaces
{
    Q_INIT_RESOURCE(weir);
    Q_INIT_RESOURCE(weir_icons);
    Q_INIT_RESOURCE(weir_translations);
}

namespace weir::gui {

void initResources()
{
    initWeirResources();
}

QStringList languages()
{
    return {QStringLiteral("en"), QStringLiteral("zh_CN")};
}

bool setLanguage(const QLocale &locale)
{
    // English too has a catalogue: its plurals.
    static QTranslator ours;
    static QTranslator qts;
    qApp->removeTranslator(&ours);
    qApp->removeTranslator(&qts);
    QLocale::setDefault(locale);
    const bool hasFonts = qobject_cast<QGuiApplication *>(QCoreApplication::instance()) != nullptr;
    if (hasFonts && locale.language() == QLocale::Chinese) {
        // Left to itself the search for missing characters may end at Japanese shapes or at another weight.
        QFont font = QGuiApplication::font();
        font.setFamilies({font.family(), QStringLiteral("Noto Sans CJK SC"), QStringLiteral("Noto Sans SC"),
                          QStringLiteral("Source Han Sans SC"), QStringLiteral("WenQuanYi Micro Hei")});
        QGuiApplication::setFont(font);
    }
    const QString folder = QStringLiteral(":/i18n");
    const bool known = ours.load(locale, QStringLiteral("weir"), QStringLiteral("_"), folder);
    if (!known && !ours.load(QStringLiteral("weir_en"), folder))
        return false;
    qApp->installTranslator(&ours);
    if (qts.load(locale, QStringLiteral("qtbase"), QStringLiteral("_"),
                 QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        qApp->installTranslator(&qts);
    return known;
}

} // namespace weir::gui
