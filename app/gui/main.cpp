// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/client.h"
#include "app/gui/language.h"
#include "app/gui/main_window.h"
#include "app/gui/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDBusConnection>
#include <QSettings>

#include <algorithm>
#include <cstdio>
#include <set>
#include <string_view>

using namespace weir;

namespace {

struct Options {
    gui::Page page = gui::Page::Overview;
    std::optional<gui::ThemeChoice> theme;
};

[[noreturn]] void refuse(const QString &message)
{
    std::fputs(qPrintable(message + QLatin1Char('\n')), stderr);
    std::exit(2);
}

/// The language decides in which words the options explain themselves, so it is read ahead of the parser.
QString languageOf(const QStringList &arguments)
{
    for (qsizetype i = 1; i < arguments.size(); ++i) {
        if (arguments.at(i).startsWith(QLatin1String("--language=")))
            return arguments.at(i).section(QLatin1Char('='), 1);
        if (arguments.at(i) == QLatin1String("--language"))
            return arguments.value(i + 1);
    }
    return {};
}

/// Whether --help or --version is asked for, which needs no display.
bool onlyTells(int argc, char *argv[])
{
    const std::set<std::string_view> words{"-h", "--help", "--help-all", "-v", "--version"};
    return std::any_of(argv + 1, argv + argc, [&](const char *word) { return words.contains(word); });
}

/// Whether Qt finds a screen; where it finds none it ends the program with words of its own.
bool hasDisplay(int argc, char *argv[])
{
    const auto isSet = [](const char *name) { return !qEnvironmentVariableIsEmpty(name); };
    return isSet("DISPLAY") || isSet("WAYLAND_DISPLAY") || isSet("QT_QPA_PLATFORM")
        || std::any_of(argv + 1, argv + argc,
                       [](const char *word) { return std::string_view(word).starts_with("-platform"); });
}

void speak(const QCoreApplication &application)
{
    const QString language = languageOf(application.arguments());
    gui::initResources();
    if (!gui::setLanguage(language.isEmpty() ? QLocale::system() : QLocale(language)) && !language.isEmpty())
        refuse(QStringLiteral("weir: --language is one of %2, not '%1'")
                   .arg(language, gui::languages().join(QStringLiteral(", "))));
}

Options parse(const QCoreApplication &application)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QCoreApplication::translate(
        "main", "Shows the network traffic of this machine: by link, by port and by connection."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption page(
        QStringLiteral("page"),
        QCoreApplication::translate("main", "Page to open: overview, watches, connections or history."),
        QStringLiteral("NAME"), QStringLiteral("overview"));
    const QCommandLineOption theme(
        QStringLiteral("theme"),
        QCoreApplication::translate("main", "Look of this run: system, light or dark."),
        QStringLiteral("NAME"));
    const QCommandLineOption language(
        QStringLiteral("language"),
        QCoreApplication::translate("main",
                                    "Language of this run, such as en or zh_CN; the system's by default."),
        QStringLiteral("CODE"));
    parser.addOptions({page, theme, language});
    parser.process(application);

    Options options;
    const auto chosenPage = gui::pageFromName(parser.value(page));
    if (!chosenPage)
        refuse(QStringLiteral("weir: --page is overview, watches, connections or history, not '%1'")
                   .arg(parser.value(page)));
    options.page = *chosenPage;
    if (parser.isSet(theme)) {
        options.theme = gui::themeFromName(parser.value(theme));
        if (!options.theme)
            refuse(
                QStringLiteral("weir: --theme is system, light or dark, not '%1'").arg(parser.value(theme)));
    }
    return options;
}

} // namespace

int main(int argc, char *argv[])
{
    QCoreApplication::setOrganizationName(QStringLiteral("weir"));
    QCoreApplication::setApplicationName(QStringLiteral("weir"));
    QCoreApplication::setApplicationVersion(QStringLiteral(WEIR_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("org.weir.Weir"));
    if (onlyTells(argc, argv)) {
        QCoreApplication application(argc, argv);
        speak(application);
        parse(application);
        return 0;
    }
    if (!hasDisplay(argc, argv)) {
        std::fputs("weir: there is no display here. On a terminal: weirctl top\n", stderr);
        return 1;
    }
    QApplication application(argc, argv);
    speak(application);
    const Options options = parse(application);

    dbus::registerTypes();
    QSettings settings;
    const auto saved = gui::themeFromName(settings.value(QStringLiteral("window/theme")).toString());
    gui::Theme::instance().setChoice(options.theme.value_or(saved.value_or(gui::ThemeChoice::System)));

    client::Client client(QDBusConnection::systemBus());
    gui::MainWindow window(client, settings);
    window.showPage(options.page);
    window.show();
    return application.exec();
}
