// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QString>
#include <QStringList>

#include <expected>
#include <functional>
#include <optional>
#include <vector>

/// What weirctl understands: verbs, their options, and the help that is made from them.
namespace weir::cli {

class Session;

/// Exit status, the same for all verbs; scripts rely on it.
enum class Exit { Ok = 0, Failed = 1, Usage = 2, Problems = 3, Denied = 4 };

/// What was typed after the verb.
struct Arguments {
    QStringList names;               ///< words that are no options, in their order
    QHash<QString, QString> options; ///< by name without dashes; flags have an empty value

    bool has(const QString &option) const { return options.contains(option); }
    std::optional<QString> value(const QString &option) const;
};

/// The work of a verb once its arguments were found good; ends with Session::finish().
using Job = std::function<void(Session &)>;

/// Checks the arguments before anything is asked of the helper; the error is shown with exit status 2.
using Prepare = std::expected<Job, QString> (*)(const Arguments &arguments);

struct Option {
    QString name;  ///< without dashes
    QString value; ///< what stands for the value in help; empty for a flag
    QString text;
};

struct Verb {
    QString name;     ///< one word, or two: "watch add"
    QString synopsis; ///< what follows the name
    QString summary;  ///< one line, for the list
    QString text;     ///< paragraphs, for its own help
    std::vector<Option> options;
    QStringList examples; ///< "COMMAND  # what it does"
    int minNames = 0;
    int maxNames = 0; ///< -1: any number
    Prepare prepare = nullptr;
};

/// All verbs, in the order of the help.
const std::vector<Verb> &verbs();

/// A command line that was understood, or why it was not.
struct Request {
    enum class Kind { Run, Help, Version };
    Kind kind = Kind::Run;
    const Verb *verb = nullptr; ///< of Run, and of a verb's own help
    QString group;              ///< "watch": help for all verbs that begin so
    Arguments arguments;
};
struct UsageError {
    QString text;
    QString seeAlso; ///< a command that helps
};
std::expected<Request, UsageError> parseCommandLine(const QStringList &words);

QString helpText();
QString helpText(const Verb &verb);
/// For "weirctl watch --help".
QString helpText(const QString &group);

} // namespace weir::cli
