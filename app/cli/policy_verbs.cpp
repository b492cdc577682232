// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/handlers.h"
#include "app/cli/verb_parts.h"

namespace weir::cli {

namespace {

Option off()
{
    return flag("off", "switch it off and keep its values");
}

Option on()
{
    return flag("on", "switch it on again");
}

Option removal()
{
    return flag("remove", "take it away");
}

Option showJson()
{
    return flag("json", "without other options: print how it stands as one JSON document");
}

Verb limits()
{
    return {
        text("limits"),
        text("[--json]"),
        text("what is held to a rate now, and what that does"),
        text("Shows each direction of each watch that is held to a rate now: the rate in force and why "
             "(the watch's own limit, its\n"
             "quota, its burst guard), what was sent on since, packets dropped, and what waits now and "
             "how long."),
        {json()},
        lines({"weirctl limits", "weirctl limits --json | jq '.limits[] | select(.dropped_packets > 0)'"}),
        0,
        0,
        prepareLimits};
}

Verb limit()
{
    return {
        text("limit"),
        text("NAME [--down RATE|none] [--up RATE|none] [--when TEXT|always] [--json]\n"
             "       weirctl limit NAME --off | --on | --remove"),
        text("hold a watch to a rate"),
        text("Holds a watch to a rate, down and up apart; connections live on. What is not given stays as "
             "it is set. Without options:\n"
             "what is set, what is in force now, and why.\n"
             "A RATE is written 20mbit, 20mbps or 20M (megabits, as lines are sold), 2.5MB/s (megabytes) "
             "or 500kbit; from 64 kbit/s\n"
             "to 100 Gbit/s, whole packets on the wire."),
        {option("down", "RATE", "what is received, or none"), option("up", "RATE", "what is sent, or none"),
         option("when", "TEXT",
                "hold it at these times only, on this machine's clocks: mon-fri 08:00-18:00;\n"
                "several with ; between them, and always for no such times"),
         off(), on(), removal(), showJson()},
        lines({"weirctl limit web --down 20mbit --up 5mbit",
               "weirctl limit web --when 'mon-fri 08:00-18:00; sat 10:00-12:00'",
               "weirctl limit web --up none                  # only down is held",
               "weirctl limit web                            # what is set and in force",
               "weirctl limit web --off"}),
        1,
        1,
        prepareLimit};
}

Verb quota()
{
    return {
        text("quota"),
        text("NAME [--size SIZE] [--reset-day DAY] [--billing MODE] [--factor X] [--scope SCOPE] [--alert "
             "LIST]\n"
             "             [--overflow ACTION] [--throttle RATE] [--exempt LIST] [--used SIZE] [--yes] "
             "[--json]\n"
             "       weirctl quota NAME --restart-period | --undo-restart | --undo-used | --off | --on | "
             "--remove"),
        text("what a watch may use in a billing period, and what happens past it"),
        text("Gives a watch an allowance of bytes in each billing period. What is not given stays as it is "
             "set. Without options: what is\n"
             "set, how much is used and left, and what happens now.\n"
             "A SIZE is written 100GB (10^9 bytes), 1.5TB or 500MiB (2^20)."),
        {option("size", "SIZE", "the allowance"),
         option("reset-day", "DAY",
                "day of the month on which a period begins, 1 (default) to 31 or last; in shorter months the "
                "last day"),
         option("billing", "MODE",
                "what is counted, as the provider says it: in, out, sum (default), or max, the larger one"),
         option("factor", "X", "what a byte counts, 0.01 to 100 (default 1)"),
         option("scope", "SCOPE", "all (default), or internet: what stays in local networks is free"),
         option("alert", "LIST",
                "percents to raise an alert at, once there are alerts (default 30,50,80,100), or none"),
         option("overflow", "ACTION",
                "when it is used up: notify (default), throttle to the rate of --throttle, or block until "
                "the next period"),
         option("throttle", "RATE", "with --overflow throttle, such as 1mbit, down and up"),
         option("exempt", "LIST",
                "with --overflow block, what is let through: ports, and local for local networks; or none"),
         option("used", "SIZE", "what the provider says is used in this period; holds for this period only"),
         flag("undo-used", "take that back"),
         flag("restart-period", "begin the period now; the next one begins on the reset day as ever"),
         flag("undo-restart", "take that back: it is as if the period had never been cut"), off(), on(),
         removal(), flag("yes", "block also the SSH connection that this is typed in"), showJson()},
        lines({"weirctl quota web --size 100GB --reset-day 15",
               "weirctl quota web --overflow throttle --throttle 1mbit",
               "weirctl quota uplink --size 1TB --billing max --overflow block --exempt local,22",
               "weirctl quota web --used 412GB               # as the provider says", "weirctl quota web"}),
        1,
        1,
        prepareQuota};
}

Verb burst()
{
    return {
        text("burst"),
        text("NAME [--trigger RATE] [--direction WHAT] [--window TIME] [--throttle RATE] [--hold TIME] "
             "[--json]\n"
             "       weirctl burst NAME --restore-now | --off | --on | --remove"),
        text("throttle a watch for a while when it goes on too fast"),
        text("Throttles a watch for a hold time when its average over a window is above a rate; then "
             "exactly what applied before\n"
             "applies again. What is not given stays as it is set. Without options: what is set, how it "
             "stands, and how often it would\n"
             "have throttled in the last 7 days.\n"
             "A TIME is written 90s, 15min or 1h30min."),
        {option("trigger", "RATE", "the average that is too much, such as 50mbit"),
         option("direction", "WHAT",
                "what is averaged and throttled: sum (default; throttles both), down or up"),
         option("window", "TIME", "over how long, 5s to 1d"),
         option("throttle", "RATE", "what it is held to in each direction, not above the trigger"),
         option("hold", "TIME", "for how long, 1s to 7d"),
         flag("restore-now", "end a throttle that runs; the guard stays on"), off(), on(), removal(),
         showJson()},
        lines({"weirctl burst web --trigger 50mbit --window 15min --throttle 5mbit --hold 30min",
               "weirctl burst web --direction up", "weirctl burst web --restore-now", "weirctl burst web"}),
        1,
        1,
        prepareBurst};
}

Verb import()
{
    return {text("import"),
            text("FILE [--dry-run] [--yes]"),
            text("take ports, limits, quotas and burst guards over from the port-monitor scripts"),
            text("Reads a config.db or config.json of the port-monitor scripts and adds a watch for each of "
                 "their ports and groups, with its\n"
                 "limit, quota and burst guard. A watch of the same ports that is there already is used, and "
                 "keeps what it has.\n"
                 "Billing single counts what is sent, double both directions, relay both twice. A quota that "
                 "is used up blocks, as theirs do,\n"
                 "but never the SSH connection that this is typed in. GB in config.json are 2^30 bytes, as "
                 "those scripts have it.\n"
                 "What is not understood is listed, and so are secrets, by name: they are not taken over. "
                 "FILE is not changed."),
            {flag("dry-run", "only show what would be done"),
             flag("yes", "do not ask back; needed where there is no terminal to ask on")},
            lines({"weirctl import /etc/port-monitor/config.db --dry-run",
                   "sudo weirctl import /etc/port-traffic-dog/config.json"}),
            1,
            1,
            prepareImport};
}

} // namespace

std::vector<Verb> policyVerbs()
{
    return {limits(), limit(), quota(), burst(), import()};
}

} // namespace weir::cli
