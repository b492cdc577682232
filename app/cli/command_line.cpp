// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"

#include <algorithm>

namespace weir::cli {

namespace {

std::unexpected<UsageError> wrong(const QString &text, const QString &seeAlso)
{
    return std::unexpected(UsageError{text, seeAlso});
}

QString helpOf(const Verb &verb)
{
    return QStringLiteral("weirctl %1 --help").arg(verb.name);
}

const Verb *findVerb(const QString &name)
{
    const auto found =
        std::find_if(verbs().begin(), verbs().end(), [&](const Verb &verb) { return verb.name == name; });
    return found == verbs().end() ? nullptr : &*found;
}

QStringList verbsOf(const QString &group)
{
    QStringList names;
    for (const Verb &verb : verbs()) {
        if (verb.name.startsWith(group + QLatin1Char(' ')))
            names << verb.name.section(QLatin1Char(' '), 1);
    }
    return names;
}

QString knownVerbs()
{
    QStringList names;
    for (const Verb &verb : verbs()) {
        const QString first = verb.name.section(QLatin1Char(' '), 0, 0);
        if (!names.contains(first))
            names << first;
    }
    return names.join(QStringLiteral(", "));
}

/// Takes one option off the front of `rest` into `arguments`.
std::expected<void, UsageError> takeOption(const Verb &verb, QStringList &rest, Arguments &arguments)
{
    const QString word = rest.takeFirst();
    const qsizetype equals = word.indexOf(QLatin1Char('='));
    const QString name = word.sliced(2, equals < 0 ? -1 : equals - 2);
    const auto option = std::find_if(verb.options.begin(), verb.options.end(),
                                     [&](const Option &o) { return o.name == name; });
    if (option == verb.options.end())
        return wrong(QStringLiteral("'%1' has no option --%2").arg(verb.name, name), helpOf(verb));
    if (arguments.has(name))
        return wrong(QStringLiteral("--%1 is given twice").arg(name), helpOf(verb));
    if (option->value.isEmpty()) {
        if (equals >= 0)
            return wrong(QStringLiteral("--%1 takes no value").arg(name), helpOf(verb));
        arguments.options.insert(name, QString());
        return {};
    }
    if (equals < 0 && (rest.isEmpty() || rest.first().startsWith(QLatin1String("--"))))
        return wrong(QStringLiteral("--%1 needs a value: --%1 %2").arg(name, option->value), helpOf(verb));
    arguments.options.insert(name, equals >= 0 ? word.sliced(equals + 1) : rest.takeFirst());
    return {};
}

std::expected<Arguments, UsageError> parseArguments(const Verb &verb, QStringList rest)
{
    Arguments arguments;
    bool onlyNames = false;
    while (!rest.isEmpty()) {
        if (!onlyNames && rest.first() == QLatin1String("--")) {
            onlyNames = true;
            rest.removeFirst();
        } else if (!onlyNames && rest.first().startsWith(QLatin1String("--"))) {
            if (const auto taken = takeOption(verb, rest, arguments); !taken)
                return std::unexpected(taken.error());
        } else if (!onlyNames && rest.first().size() > 1 && rest.first().startsWith(QLatin1Char('-'))) {
            return wrong(QStringLiteral("'%1' has no option %2").arg(verb.name, rest.first()), helpOf(verb));
        } else {
            arguments.names << rest.takeFirst();
        }
    }
    if (arguments.names.size() < verb.minNames)
        return wrong(QStringLiteral("'%1' needs more: weirctl %1 %2")
                         .arg(verb.name, verb.synopsis.section(QLatin1Char('\n'), 0, 0)),
                     helpOf(verb));
    if (verb.maxNames >= 0 && arguments.names.size() > verb.maxNames)
        return wrong(QStringLiteral("'%1' does not understand '%2'")
                         .arg(verb.name, arguments.names.at(verb.maxNames).left(80)),
                     helpOf(verb));
    return arguments;
}

bool isHelp(const QString &word)
{
    return word == QLatin1String("--help") || word == QLatin1String("-h");
}

} // namespace

std::optional<QString> Arguments::value(const QString &option) const
{
    const auto found = options.constFind(option);
    return found == options.cend() ? std::nullopt : std::optional(*found);
}

std::expected<Request, UsageError> parseCommandLine(const QStringList &words)
{
    const QString allHelp = QStringLiteral("weirctl --help");
    // "--json" may stand before the verb, too.
    QStringList rest = words;
    QStringList ahead;
    while (!rest.isEmpty() && rest.first() == QLatin1String("--json"))
        ahead << rest.takeFirst();
    if (rest.isEmpty())
        return wrong(QStringLiteral("say what to do: %1").arg(knownVerbs()), allHelp);
    const QString first = rest.takeFirst();
    if (first == QLatin1String("--version"))
        return Request{Request::Kind::Version, nullptr, {}, {}};
    if (isHelp(first))
        return Request{Request::Kind::Help, nullptr, {}, {}};
    if (first == QLatin1String("help")) {
        if (rest.isEmpty())
            return Request{Request::Kind::Help, nullptr, {}, {}};
        return parseCommandLine(rest << QStringLiteral("--help"));
    }

    const QStringList subverbs = verbsOf(first);
    const Verb *verb = nullptr;
    if (!rest.isEmpty() && subverbs.contains(rest.first()))
        verb = findVerb(first + QLatin1Char(' ') + rest.takeFirst());
    else
        verb = findVerb(first);
    const qsizetype end = rest.indexOf(QStringLiteral("--"));
    const bool help = std::any_of(rest.begin(), end < 0 ? rest.end() : rest.begin() + end, isHelp);
    if (!verb && subverbs.isEmpty())
        return wrong(QStringLiteral("unknown verb '%1'; known are: %2").arg(first.left(80), knownVerbs()),
                     allHelp);
    if (help)
        return Request{Request::Kind::Help, verb, verb ? QString() : first, {}};
    if (!verb)
        return wrong(QStringLiteral("'%1' needs one of: %2").arg(first, subverbs.join(QStringLiteral(", "))),
                     QStringLiteral("weirctl %1 --help").arg(first));
    auto arguments = parseArguments(*verb, ahead + rest);
    if (!arguments)
        return std::unexpected(arguments.error());
    return Request{Request::Kind::Run, verb, {}, std::move(*arguments)};
}

} // namespace weir::cli
