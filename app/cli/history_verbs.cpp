// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/handlers.h"
#include "app/cli/verb_parts.h"

namespace weir::cli {

namespace {

Option force()
{
    return flag("force", "replace a file that exists");
}

Option yes()
{
    return flag("yes", "do not ask back; needed where there is no terminal to ask on");
}

Option from()
{
    return option(
        "from", "TIME",
        "the beginning (default -24h): -15min, -24h, -7d, -2w, today, yesterday, this-month, last-month,\n"
        "this-year, last-year, 2026-11-01, \"2026-11-01 14:30\", or UTC with a Z behind it");
}

Option to()
{
    return option("to", "TIME", "the end, written alike (default now); what begins then is not in it");
}

Option zone()
{
    return option("zone", "ZONE",
                  "whose hours, days and months, such as Europe/Berlin (default: this machine's)");
}

Verb history()
{
    return {
        text("history"),
        text("[NAME] [--link | --watch | --service] [--from TIME] [--to TIME] [--by STEP] [--zone ZONE] "
             "[--json | --csv]\n"
             "       weirctl history [NAME] --top remotes|links|watches|services [--limit N] [--from TIME] "
             "[--to TIME]\n"
             "       weirctl history [NAME] --export FILE [--format FORMAT] [--force] [--from TIME] [--to "
             "TIME] [--by STEP]\n"
             "       weirctl history NAME --delete [--from TIME] [--to TIME] [--yes]"),
        text("what passed when, by minute, hour, day or month"),
        text("Shows what passed on a link, of a watch or of a service in equal steps of time, and their sum. "
             "Without NAME: what\n"
             "has a history, since when and how much. NAME may be spelled as that list does: link:eth0, "
             "watch:web,\n"
             "service:nginx.service, or watch:#12 of a watch that was removed.\n"
             "Steps where Weir was away in between are marked *: what passed then stands in the step in "
             "which counting went on.\n"
             "Of what passed while it was stopped watches have nothing, and links have it as the rest."),
        {flag("link", "NAME is a link"), flag("watch", "NAME is a watch"),
         flag("service", "NAME is a service"), from(), to(),
         option("by", "STEP",
                "minute (of the last two days), quarter (of an hour), hour, day or month; default: what "
                "suits the span"),
         zone(), json(), flag("csv", "comma separated values, as --json has them"),
         option("top", "WHAT",
                "remotes: the addresses with most bytes of NAME, and all others;\n"
                "links, watches or services: those with most bytes"),
         option("limit", "N", "of --top, 1 to 1000 (default 20)"),
         option(
             "export", "FILE",
             "all steps of NAME, or of everything, into a file (- is standard output), up to 5,000,000 rows"),
         option("format", "FORMAT", "of --export: csv or json (default: by the end of FILE, else csv)"),
         force(),
         flag("delete", "delete whole days of the history of NAME, all without --from and --to; totals stay"),
         yes()},
        lines({"weirctl history                                         # what has a history",
               "weirctl history eth0                                    # the last 24 hours by hour",
               "weirctl history web --from last-month --to this-month --by day",
               "weirctl history eth0 --top remotes --from today", "weirctl history --top watches --from -7d",
               "weirctl history --export year.csv --from this-year --by day",
               "weirctl history watch:#12 --delete                      # of a watch that was removed"}),
        0,
        1,
        prepareHistory};
}

Verb report()
{
    return {
        text("report"),
        text("[--format FORMAT] [--from TIME] [--to TIME] [--by STEP] [--zone ZONE] [--output FILE|DIRECTORY "
             "[--force]] [--json]"),
        text("this machine and its traffic in a period, as text, HTML, CSV or JSON"),
        text("Tells what passed on each metered link in a period, step by step with its sum, with whom most, "
             "which watches and services\n"
             "used it, and how things are now: watches with their connections and who listens on their "
             "ports, links, Weir and its\n"
             "problems, and this machine: system, uptime, processor and load, memory, disks.\n"
             "Programs of other users are seen by root only; they are \"unknown\" for everybody else.\n"
             "csv is one table, section,name,field,value, with the names of --json: see the manual, man "
             "weirctl."),
        {option("format", "FORMAT",
                "text, html (one file, light and dark, without scripts), csv or json (default: by the end of "
                "FILE, else text)"),
         option("from", "TIME", "the beginning (default: of this month), written as for history"), to(),
         option("by", "STEP",
                "minute (of the last two days), quarter (of an hour), hour, day or month; default: hour, day "
                "or month, as suits the span"),
         zone(),
         option(
             "output", "FILE",
             "into a file, or into a directory as traffic_report_YYYYMMDD_HHMMSS.txt, .html, .csv or .json\n"
             "(default: standard output, as is -)"),
         force(), flag("json", "the same as --format json")},
        lines(
            {"weirctl report                                          # this month so far",
             "weirctl report --from last-month --to this-month --output last-month.html",
             "weirctl report --format html --output ~/reports         # named by date and time",
             "weirctl report --json | jq '.report[0].traffic[] | {link, sum}'",
             "systemctl --user enable --now weir-report.timer         # one each month, in ~/weir-reports"}),
        0,
        0,
        prepareReport};
}

Verb metrics()
{
    return {text("metrics"),
            text("[--output FILE]"),
            text("totals and state for Prometheus"),
            text("Prints the totals of links and watches, all of one moment, and the state of the helper as "
                 "Prometheus reads them: the text\n"
                 "format of node_exporter's textfile collector. While the helper is away: weir_up 0, and "
                 "exit status 1. The names are in\n"
                 "the manual: man weirctl."),
            {option("output", "FILE", "into a file, which is replaced in one step")},
            lines({"weirctl metrics",
                   "weirctl metrics --output /var/lib/prometheus/node-exporter/weir.prom   # from a timer"}),
            0,
            0,
            prepareMetrics};
}

std::vector<Verb> databaseVerbs()
{
    return {
        {text("check"),
         text("[--json]"),
         text("look whether the database is whole"),
         text("Looks whether the database with watches, totals and history is whole. Exit status 3 when it "
              "is not: what is wrong "
              "is printed."),
         {json()},
         lines({"weirctl check"}),
         0,
         0,
         prepareCheck},
        {text("backup"),
         text("FILE [--force]"),
         text("copy the database, of one moment, into a file"),
         text("Writes a copy of the database of this moment into FILE (- is standard output), readable by "
              "its owner only. "
              "Weir goes on counting."),
         {force()},
         lines({"weirctl backup weir.db", "weirctl backup - | ssh backup.example 'cat > weir.db'"}),
         1,
         1,
         prepareBackup},
        {text("restore"),
         text("FILE [--yes]"),
         text("put a backup in the place of the database"),
         text("Puts a copy that backup made in the place of the database. The one that was there is moved "
              "aside, never deleted. "
              "What passed\nsince the copy was made is credited where the counters still run."),
         {yes()},
         lines({"sudo weirctl restore weir.db"}),
         1,
         1,
         prepareRestore},
        {text("start-afresh"),
         text("[--yes]"),
         text("begin with an empty database"),
         text("Begins without watches, totals and history; for a database that is damaged or of a newer "
              "version of Weir. The one that "
              "was there\nis moved aside, never deleted, and restore takes it back."),
         {yes()},
         lines({"sudo weirctl start-afresh"}),
         0,
         0,
         prepareStartAfresh},
    };
}

} // namespace

std::vector<Verb> historyVerbs()
{
    std::vector<Verb> all{history(), report(), metrics()};
    const auto database = databaseVerbs();
    all.insert(all.end(), database.begin(), database.end());
    return all;
}

} // namespace weir::cli
