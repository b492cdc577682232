// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/report_documents.h"

#include "app/client/civil_text.h"
#include "app/client/csv.h"

#include <QJsonArray>

namespace weir::client {

namespace {

QString key(const char *name)
{
    return QLatin1String(name);
}

/// The rows of a table, made from the document for programs, so that both have the same names.
class CsvTable
{
public:
    CsvTable() : m_text(csvLine({key("section"), key("name"), key("field"), key("value")})) { }

    /// A line for each value.
    void add(const QString &section, const QString &name, const QJsonObject &object,
             const QString &prefix = {})
    {
        for (auto member = object.begin(); member != object.end(); ++member) {
            const QJsonValue value = member.value();
            const QString field = prefix + member.key();
            if (value.isObject())
                add(section, name, value.toObject(), field + QLatin1Char('_'));
            else
                m_text += csvLine({section, name, field, cell(value)});
        }
    }

    /// Rows by what `nameOf` a row gives.
    template <typename NameOf>
    void addRows(const QString &section, const QJsonValue &rows, NameOf nameOf)
    {
        const QJsonArray all = rows.toArray();
        for (const QJsonValue &row : all)
            add(section, nameOf(row.toObject()), row.toObject());
    }

    const QByteArray &text() const { return m_text; }

private:
    static QString cell(const QJsonValue &value)
    {
        if (!value.isArray())
            return value.toVariant().toString();
        QStringList parts;
        const QJsonArray all = value.toArray();
        for (const QJsonValue &part : all)
            parts << cell(part);
        return parts.join(QLatin1Char(' '));
    }

    QByteArray m_text;
};

auto member(const char *name)
{
    return [name = QLatin1String(name)](const QJsonObject &row) { return row.value(name).toString(); };
}

QString problemName(const QJsonObject &row)
{
    return QStringLiteral("%1 %2").arg(member("id")(row), member("subject")(row)).trimmed();
}

QString remoteName(const QJsonObject &row)
{
    const QString address = member("address")(row);
    return address.isEmpty() ? key("others") : address;
}

/// Beside the sections that are tables of their own.
QJsonObject reportFacts(const QJsonObject &report)
{
    QJsonObject facts;
    for (const char *name : {"made_s", "from_s", "to_s", "step", "zone"})
        facts.insert(key(name), report.value(key(name)));
    return facts;
}

} // namespace

QByteArray reportCsv(const Report &report)
{
    const QJsonObject object = reportObject(report);
    QJsonObject machine = object.value(key("machine")).toObject();
    const QJsonValue disks = machine.take(key("disks"));
    CsvTable table;
    table.add(key("report"), {}, reportFacts(object));
    table.add(key("machine"), {}, machine);
    table.addRows(key("disk"), disks, member("mounted_at"));
    table.add(key("status"), {}, object.value(key("status")).toObject());
    table.addRows(key("problem"), object.value(key("problems")), problemName);
    table.addRows(key("link"), object.value(key("links")), member("name"));
    table.addRows(key("watch"), object.value(key("watches")), member("name"));
    table.addRows(key("watch_ranking"), object.value(key("watch_ranking")), member("series"));
    table.addRows(key("service_ranking"), object.value(key("service_ranking")), member("series"));
    const QJsonArray traffic = object.value(key("traffic")).toArray();
    for (const QJsonValue &value : traffic) {
        const QJsonObject link = value.toObject();
        const QString name = link.value(key("link")).toString();
        table.addRows(key("history:") + name, link.value(key("history")), [&report](const QJsonObject &row) {
            return isoText(row.value(key("start_s")).toInteger(), report.period.zone);
        });
        table.add(key("history:") + name, key("sum"), link.value(key("sum")).toObject());
        table.addRows(key("remotes:") + name, link.value(key("remotes")), remoteName);
    }
    return table.text();
}

} // namespace weir::client
