// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/verb.h"
#include "app/client/client.h"
#include "app/client/table.h"

#include <QJsonArray>
#include <QObject>

namespace weir::cli {

using client::printable;
using client::Table;

/// What a call wanted, for advice when it was not allowed.
enum class Purpose { Read, Change };

/// One run of weirctl: the helper, what is printed, and the exit status.
class Session : public QObject
{
    Q_OBJECT
public:
    Session();

    client::Client &client() { return m_client; }

    /// A line on standard output.
    void print(const QString &line = {});
    void print(const Table &table);
    /// As they are, on standard output.
    void printBytes(const QByteArray &bytes);
    /// {"VERB": [rows]}
    void printDocument(const QString &verb, const QJsonArray &rows);
    void printObject(const QJsonObject &object);

    /// "weirctl: TEXT" and lines with what to do, on standard error.
    void complain(const QString &text, const QString &remedy = {});
    /// As complain(), of a call that failed while `doing`, such as "cannot add watch 'web'".
    void complain(const client::CallError &error, const QString &doing, Purpose purpose = Purpose::Change);
    static Exit exitOf(const client::CallError &error);

    /// Complains and finishes.
    void fail(const client::CallError &error, const QString &doing, Purpose purpose = Purpose::Change);
    /// Ends the run, once control is back in the event loop; as failed when standard output took not all of
    /// it.
    void finish(Exit exit);

private:
    void writeOutput(const QByteArray &bytes);

    client::Client m_client;
    int m_outputError = 0; ///< errno of the first write to standard output that failed
};

} // namespace weir::cli
