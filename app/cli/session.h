// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/table.h"
#include "app/cli/verb.h"
#include "app/client/client.h"

#include <QJsonArray>
#include <QObject>

namespace weir::cli {

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
    /// Ends the run, once control is back in the event loop.
    void finish(Exit exit);

private:
    client::Client m_client;
};

} // namespace weir::cli
