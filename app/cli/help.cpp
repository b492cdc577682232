// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"

#include <algorithm>

namespace weir::cli {

namespace {

/// `left`, and `right` in a column of its own that begins at `column`.
QString entry(const QString &left, const QString &right, qsizetype column)
{
    if (left.size() + 4 > column)
        return QStringLiteral("  %1\n%2%3\n").arg(left, QString(column, QLatin1Char(' ')), right);
    return QStringLiteral("  %1%2\n").arg(left.leftJustified(column - 2), right);
}

QString usageOf(const Verb &verb)
{
    QString line = QStringLiteral("weirctl ") + verb.name;
    if (!verb.synopsis.isEmpty())
        line += QLatin1Char(' ') + verb.synopsis;
    return line;
}

QString listOf(const QStringList &names)
{
    QString list;
    for (const Verb &verb : verbs()) {
        if (names.contains(verb.name))
            list += entry(verb.name, verb.summary, 20);
    }
    return list;
}

QString listOfGroup(const QString &group)
{
    QStringList names;
    for (const Verb &verb : verbs()) {
        if (verb.name.startsWith(group + QLatin1Char(' ')))
            names << verb.name;
    }
    return listOf(names);
}

} // namespace

QString helpText()
{
    const auto look =
        listOf({QStringLiteral("links"), QStringLiteral("watches"), QStringLiteral("limits"),
                QStringLiteral("services"), QStringLiteral("flows"), QStringLiteral("top"),
                QStringLiteral("history"), QStringLiteral("report"), QStringLiteral("metrics"),
                QStringLiteral("status"), QStringLiteral("problems"), QStringLiteral("settings")});
    const auto change = listOfGroup(QStringLiteral("watch"))
        + listOf({QStringLiteral("limit"), QStringLiteral("quota"), QStringLiteral("burst"),
                  QStringLiteral("import"), QStringLiteral("settings get"), QStringLiteral("settings set"),
                  QStringLiteral("clean")});
    const auto keep = listOf({QStringLiteral("check"), QStringLiteral("backup"), QStringLiteral("restore"),
                              QStringLiteral("start-afresh")});
    return QStringLiteral(
               R"(weirctl shows and governs what passes through this machine's network links, by link, port and connection.

Usage: weirctl VERB [ARGUMENTS]
       weirctl VERB --help

Look:
%1
Change:
%2
Keep what was counted:
%3
First steps:
  weirctl links                           # which links are there, and what passes now
  weirctl watch add web --ports 80,443    # count what passes on these ports, from now on
  weirctl watches                         # how much it was
  weirctl top                             # everything, once a second; q quits
  weirctl history web --by day            # how much on which day
  weirctl limit web --down 20mbit         # hold it to that

Words:
  link    a network interface, such as eth0. Metered links are those whose packets are counted.
  watch   something that is counted by name: ports of this machine, a link, or a service.
  service a systemd unit, an application or a container: all that its programs move.
  limit   a ceiling on a watch's rate; quota: what a watch may use in a month; burst: a guard against going on too fast.
  flow    one conversation between two addresses and ports.
  down    received by this machine; up: sent by it. Totals are in bytes (kB = 1000 B), rates in bits per second.

Options:
  --json      the verbs under "Look" print one JSON document instead, {"VERB": [rows]}, with exact numbers in bytes
              (top: one object a line)
  --help, -h  this text, or a verb's own
  --version   version

Exit status: 0 done, 1 failed, 2 wrong usage, 3 (status only) working with problems, 4 not authorized.
)")
        .arg(look, change, keep);
}

QString helpText(const Verb &verb)
{
    QString text = QStringLiteral("Usage: %1\n\n%2\n").arg(usageOf(verb), verb.text);
    if (!verb.options.empty()) {
        text += QStringLiteral("\nOptions:\n");
        qsizetype widest = 0;
        const auto shown = [](const Option &option) {
            return QStringLiteral("--") + option.name
                + (option.value.isEmpty() ? QString() : QLatin1Char(' ') + option.value);
        };
        for (const Option &option : verb.options)
            widest = std::max(widest, shown(option).size());
        for (const Option &option : verb.options)
            text += entry(
                shown(option),
                QString(option.text)
                    .replace(QLatin1Char('\n'), QLatin1Char('\n') + QString(widest + 4, QLatin1Char(' '))),
                widest + 4);
    }
    if (!verb.examples.isEmpty()) {
        text += QStringLiteral("\nExamples:\n");
        for (const QString &example : verb.examples)
            text += QStringLiteral("  %1\n").arg(example);
    }
    const QString subverbs = listOfGroup(verb.name);
    if (!subverbs.isEmpty())
        text += QStringLiteral("\nSee also:\n") + subverbs;
    return text;
}

QString helpText(const QString &group)
{
    return QStringLiteral("Usage: weirctl %1 VERB [ARGUMENTS]\n       weirctl %1 VERB --help\n\n%2")
        .arg(group, listOfGroup(group));
}

} // namespace weir::cli
