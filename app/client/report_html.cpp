// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/client/report_html.h"

#include "app/client/civil_text.h"
#include "app/client/report_sections.h"

namespace weir::client {

namespace {

// Blue and orange are the application's; each also has a word beside it.
constexpr const char *kStyle = R"(
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--border:#dfe2e7;--text:#1b1f24;--dim:#59626e;--down:#1769c4;--up:#c85a00}
@media (prefers-color-scheme:dark){:root{--page:#16181c;--card:#1f2227;--border:#32363d;--text:#e7e9ec;--dim:#a0a8b3;--down:#5aaaff;--up:#ffa14a}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:75rem;padding:1.5rem;background:var(--page);color:var(--text);font:1rem/1.45 system-ui,sans-serif}
h1{margin:0;font-size:1.6rem}
h2{margin:0 0 .7rem;font-size:1.1rem}
header p,.note{margin:.3rem 0 0;color:var(--dim)}
section{margin-top:1.2rem;padding:1rem 1.2rem;background:var(--card);border:1px solid var(--border);border-radius:.6rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{padding:.3rem .7rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--border);overflow-wrap:anywhere}
thead th,tbody.facts th{color:var(--dim);font-weight:600;white-space:nowrap}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
tfoot td{font-weight:600;border-bottom:0}
svg{display:block;width:100%;height:auto;margin-bottom:.4rem}
svg text{fill:var(--dim);font-size:11px}
.grid{stroke:var(--border)}.slot{fill:transparent}.down{fill:var(--down)}.up{fill:var(--up)}
.legend{margin:0 0 .8rem;color:var(--dim)}
.legend i{display:inline-block;width:.8em;height:.8em;margin:0 .35em 0 0;border-radius:.15em}
.legend span{margin-right:1.2em}
i.down{background:var(--down)}i.up{background:var(--up)}
@media print{body{max-width:none;padding:0}section{break-inside:avoid-page}}
)";

QString element(const char *tag, const QString &text)
{
    return QStringLiteral("<%1>%2</%1>").arg(QLatin1String(tag), htmlEscaped(text));
}

QString cells(const ReportSection &section, const QStringList &row)
{
    QString html;
    for (qsizetype i = 0; i < row.size(); ++i) {
        const QString cell = htmlEscaped(row.at(i));
        if (section.layout == ReportSection::Layout::Facts && i == 0)
            html += QStringLiteral("<th scope=\"row\">") + cell + QStringLiteral("</th>");
        else if (section.columns.at(size_t(i)).align == Table::Align::Right)
            html += QStringLiteral("<td class=\"n\">") + cell + QStringLiteral("</td>");
        else
            html += QStringLiteral("<td>") + cell + QStringLiteral("</td>");
    }
    return QStringLiteral("<tr>") + html + QStringLiteral("</tr>\n");
}

QString titles(const ReportSection &section)
{
    QString html;
    for (const Table::Column &column : section.columns) {
        const bool isNumber = column.align == Table::Align::Right;
        html += (isNumber ? QStringLiteral("<th scope=\"col\" class=\"n\">")
                          : QStringLiteral("<th scope=\"col\">"))
            + htmlEscaped(column.title) + QStringLiteral("</th>");
    }
    return QStringLiteral("<thead><tr>") + html + QStringLiteral("</tr></thead>\n");
}

QString table(const ReportSection &section)
{
    const bool isFacts = section.layout == ReportSection::Layout::Facts;
    const qsizetype bodyRows = section.rows.size() - (section.lastIsSum ? 1 : 0);
    QString html = QStringLiteral("<div class=\"wide\"><table>\n");
    if (!isFacts)
        html += titles(section);
    html += isFacts ? QStringLiteral("<tbody class=\"facts\">\n") : QStringLiteral("<tbody>\n");
    for (qsizetype i = 0; i < bodyRows; ++i)
        html += cells(section, section.rows.at(i));
    html += QStringLiteral("</tbody>\n");
    if (section.lastIsSum)
        html +=
            QStringLiteral("<tfoot>") + cells(section, section.rows.last()) + QStringLiteral("</tfoot>\n");
    return html + QStringLiteral("</table></div>\n");
}

QString chart(const ReportSection &section, const ReportPeriod &period)
{
    return historySvg(section.chart->steps, stepTexts(section.chart->steps, period), section.title)
        + QStringLiteral("\n<p class=\"legend\"><span><i class=\"down\"></i>Down</span><span><i "
                         "class=\"up\"></i>Up</span></p>\n");
}

QString sectionHtml(const ReportSection &section, const ReportPeriod &period)
{
    QString html =
        QStringLiteral("<section id=\"%1\">\n").arg(htmlEscaped(section.id)) + element("h2", section.title);
    if (section.rows.isEmpty())
        html += element("p", section.whenEmpty);
    else
        html += (section.chart != nullptr ? chart(section, period) : QString()) + table(section);
    if (!section.note.isEmpty() && !section.rows.isEmpty())
        html += QStringLiteral("<p class=\"note\">") + htmlEscaped(section.note) + QStringLiteral("</p>");
    return html + QStringLiteral("</section>\n");
}

} // namespace

QString htmlEscaped(const QString &text)
{
    return printable(text).toHtmlEscaped();
}

QByteArray reportHtml(const Report &report)
{
    // The policy is a second lock: even markup that slipped in could neither run nor load anything.
    QString html =
        QStringLiteral("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" "
                       "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html += element("title", reportTitle(report)) + QStringLiteral("\n<style>") + QLatin1String(kStyle)
        + QStringLiteral("</style>\n</head>\n<body>\n<header>\n");
    html += element("h1", reportTitle(report)) + element("p", periodText(report.period))
        + element("p", QStringLiteral("Made %1").arg(minuteText(report.made, report.period.zone)))
        + QStringLiteral("\n</header>\n<main>\n");
    for (const ReportSection &section : reportSections(report))
        html += sectionHtml(section, report.period);
    return (html + QStringLiteral("</main>\n</body>\n</html>\n")).toUtf8();
}

} // namespace weir::client
