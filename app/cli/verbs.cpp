// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/handlers.h"
#include "app/cli/verb_parts.h"

namespace weir::cli {

namespace {

std::vector<Verb> reads()
{
    return {
        {text("links"),
         text("[--json]"),
         text("network interfaces: what passes now, and totals"),
         text("Shows every network interface: what passes now (down is received, up is sent), the totals "
              "since Weir first saw it,\n"
              "and whether its packets are metered, or why not. Which links are metered is a setting: "
              "weirctl settings set metered_links …"),
         {json()},
         lines({"weirctl links", "weirctl links --json | jq '.links[] | {name, rx_bytes, tx_bytes}'"}),
         0,
         0,
         prepareLinks},
        {text("watches"),
         text("[--json]"),
         text("what is counted by name: ports, links and services"),
         text("Shows every watch: what it counts, connections and rates now, and its totals since it was "
              "added.\n"
              "Watches may overlap; each counts all of its own traffic."),
         {json()},
         lines({"weirctl watches",
                "weirctl watches --json | jq '.watches[] | select(.name == \"web\") | .internet'"}),
         0,
         0,
         prepareWatches},
        {text("services"),
         text("[--json]"),
         text("units, applications and containers: what their sockets move"),
         text("Shows what the sockets of each service moved since Weir first saw it: all programs of a unit, "
              "any port and protocol,\n"
              "both legs of a proxy, also programs that ran for a moment. What stays within this machine "
              "(LOOPBACK) is counted apart."),
         {json()},
         lines({"weirctl services",
                "weirctl services --json | jq '.services[] | select(.name == \"nginx.service\")'"}),
         0,
         0,
         prepareServices},
        {text("flows"),
         text("[--filter TEXT] [--sort KEY] [--ascending] [--limit N] [--closed] [--json]"),
         text("connections: who talks with whom, and how much"),
         text("Shows connections of this machine, the busiest first: TCP until it is closed, anything else "
              "for 60 s after its last packet."),
         {option("filter", "TEXT",
                 "only those that match all words: port:8000 port:8000-8100 state:established protocol:udp "
                 "scope:internet\n"
                 "remote:192.0.2.0/24 local:10.0.0.1 link:eth0 watch:web; a word without colon is looked for "
                 "everywhere"),
          option("sort", "KEY", "rate (default), rx, tx, total, remote, local, state or age"),
          flag("ascending", "the smallest first"),
          option("limit", "N", "at most so many, 1 to 5000 (default 100; with --json 5000)"),
          flag("closed", "also those that ended in the last 60 s"), json()},
         lines({"weirctl flows --filter 'port:443 scope:internet' --sort rx --limit 20",
                "weirctl flows --filter 'remote:192.0.2.0/24'        # everything with that network",
                "weirctl flows --json | jq -r '.flows[].remote_address' | sort | uniq -c | sort -rn"}),
         0,
         0,
         prepareFlows},
        {text("top"),
         text("[--interval S] [--link IF] [--count N] [--json]"),
         text("everything that passes, again and again"),
         text("Shows links, watches and connections, the busiest first, once a second. q or Ctrl+C ends it.\n"
              "When the output is no terminal, or with --json, each picture is one JSON object on a line of "
              "its own:\n"
              "{\"time_ms\": …, \"links\": [rows], \"watches\": [rows], \"flows\": [the 50 busiest], "
              "\"flows_matching\": …, \"flows_total\": …}"),
         {option("interval", "S",
                 "seconds between pictures, 0.2 to 60 (default 1; a new sample is taken once a second)"),
          option("link", "IF", "only this link and its connections"),
          option("count", "N", "end after so many pictures"),
          flag("json", "one JSON object a line, also on a terminal")},
         lines({"weirctl top", "weirctl top --link eth0 --interval 5",
                "weirctl top --json --count 1 | jq .flows_total"}),
         0,
         0,
         prepareTop},
        {text("status"),
         text("[--json]"),
         text("whether Weir works, since when, and on what"),
         text("Shows the version, what is metered and how, how full the tables are, and every problem with "
              "what to do about it.\n"
              "Exit status 3 when Weir works but has problems: fit for monitoring."),
         {json()},
         lines({"weirctl status", "weirctl status >/dev/null || echo 'look after Weir'"}),
         0,
         0,
         prepareStatus},
        {text("problems"),
         text("[--json]"),
         text("what is wrong or missing, and what to do about it"),
         text("Shows what is wrong or missing now: what it costs and how to mend it. Nothing means that all "
              "is well."),
         {json()},
         lines({"weirctl problems"}),
         0,
         0,
         prepareProblems},
    };
}

std::vector<Verb> settings()
{
    const QString keys = text(
        "\n\nSettings:\n"
        "  metered_links     auto, or names separated by commas: the links whose packets are counted. A link "
        "and\n"
        "                    its bridge, bond or VLAN do not go together: a packet would be counted twice\n"
        "  local_prefixes    networks that count as local besides those known by themselves, separated by "
        "commas\n"
        "  flush_interval_s  seconds between writes to disk, 5 to 900; a power cut loses that much at most\n"
        "  keep_minutes_days, keep_quarters_days, keep_remotes_days\n"
        "                    days that history is kept by the minute (1 to 31), by the quarter of an hour "
        "(35 to 3660), and of\n"
        "                    remote addresses by the hour (1 to 400); whole days are kept for ever");
    return {
        {text("settings"),
         text("[--json]"),
         text("how the helper is set"),
         text("Shows every setting with its value.") + keys,
         {json()},
         lines({"weirctl settings", "weirctl settings get metered_links",
                "weirctl settings set metered_links eth0,wlan0"}),
         0,
         0,
         prepareSettings},
        {text("settings get"),
         text("[KEY] [--json]"),
         text("one setting, as it is"),
         text("Prints the value of a setting, or all of them.") + keys,
         {json()},
         lines({"weirctl settings get flush_interval_s"}),
         0,
         1,
         prepareSettings},
        {text("settings set"),
         text("KEY VALUE"),
         text("change a setting"),
         text("Changes one setting; the others stay. An empty value is written ''.") + keys,
         {},
         lines({"weirctl settings set metered_links eth0            # only this one",
                "weirctl settings set metered_links auto            # let Weir choose",
                "weirctl settings set local_prefixes 203.0.113.0/24 # count this network as local"}),
         2,
         2,
         prepareSettingsSet},
        {text("clean"),
         {},
         text("take everything of Weir out of the kernel and end the helper"),
         text("Takes everything of Weir out of the kernel, stores the totals and ends the helper. Nothing is "
              "counted until it is\n"
              "started again. Where no helper runs, this does the same:\nsudo " WEIR_HELPER_PATH " --clean"),
         {},
         lines({"sudo weirctl clean"}),
         0,
         0,
         prepareClean},
    };
}

Option ports()
{
    return option("ports", "LIST", "ports and ranges of this machine, 1 to 65535, such as 8000,9000-9100");
}

Option protocol()
{
    return option("protocol", "PROTO", "tcp, udp or both (default) of these ports");
}

std::vector<Verb> watchVerbs()
{
    return {
        {text("watch add"),
         text("NAME (--ports LIST [--protocol PROTO] | --link IF | --service UNIT) [--note TEXT] [--paused]  "
              "|  --from FILE"),
         text("count ports, a link or a service by name, from now on"),
         text("Counts what passes on ports of this machine, on a link, or of a service, under a name, from "
              "now on. What "
              "was understood is echoed.\n"
              "NAME has 1 to 64 characters; one with spaces stands in quotes."),
         {ports(), protocol(), option("link", "IF", "all of a link, instead of ports"),
          option("service", "UNIT",
                 "all of a service, instead of ports: what its programs move on any port, both legs of a "
                 "proxy;\n"
                 "weirctl services names them"),
          option("note", "TEXT", "what it is for, at most 1000 characters"),
          flag("paused", "do not count yet: weirctl watch resume NAME begins"),
          option("from", "FILE",
                 "many at once, all or none, from a file (- is standard input), one a line:\n"
                 "NAME PORTS [tcp|udp|both] [NOTE]; names with spaces in double quotes, # begins a comment "
                 "line")},
         lines({"weirctl watch add web --ports 80,443 --protocol tcp --note \"public site\"",
                "weirctl watch add \"game server\" --ports 27000-27050 --protocol udp",
                "weirctl watch add uplink --link eth0",
                "weirctl watch add proxy --service hysteria-server.service",
                "printf 'ssh 22 tcp\\ndns 53 both \"the resolver\"\\n' | weirctl watch add --from -"}),
         0,
         1,
         prepareWatchAdd},
        {text("watch edit"),
         text("NAME [--name NEW] [--ports LIST] [--protocol PROTO] [--link IF] [--service UNIT] [--note "
              "TEXT]"),
         text("change a watch; its totals stay"),
         text("Changes what is given and leaves the rest; totals stay. A watch of ports stays one of ports, "
              "a watch of a link one of a link."),
         {option("name", "NEW", "another name"), ports(), protocol(), option("link", "IF", "another link"),
          option("service", "UNIT", "another service"), option("note", "TEXT", "another note; '' for none")},
         lines({"weirctl watch edit web --ports 80,443,8080",
                "weirctl watch edit web --name site --note \"\""}),
         1,
         1,
         prepareWatchEdit},
        {text("watch pause"),
         text("NAME…"),
         text("stop counting, keep the totals"),
         text("Stops counting these watches until they are resumed. Their totals stay."),
         {},
         lines({"weirctl watch pause web dns"}),
         1,
         -1,
         prepareWatchPause},
        {text("watch resume"),
         text("NAME…"),
         text("count again"),
         text("Counts these watches again. What passed while they were paused is not added."),
         {},
         lines({"weirctl watch resume web"}),
         1,
         -1,
         prepareWatchResume},
        {text("watch remove"),
         text("NAME… [--with-history]"),
         text("forget a watch; it can be restored for 10 minutes"),
         text("Removes these watches with their totals. For 10 minutes each can be had back: weirctl watch "
              "restore NAME.\n"
              "What passed when they were there stays to be looked at: weirctl history NAME."),
         {flag("with-history", "delete that as well, for ever")},
         lines({"weirctl watch remove web", "weirctl watch remove web --with-history"}),
         1,
         -1,
         prepareWatchRemove},
        {text("watch restore"),
         text("NAME"),
         text("undo a removal"),
         text("Brings back a watch that was removed in the last 10 minutes, with its totals and with what "
              "passed meanwhile."),
         {},
         lines({"weirctl watch restore web"}),
         1,
         1,
         prepareWatchRestore},
    };
}

std::vector<Verb> allVerbs()
{
    std::vector<Verb> all;
    for (auto part : {reads(), historyVerbs(), settings(), watchVerbs(), policyVerbs()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

} // namespace

const std::vector<Verb> &verbs()
{
    static const std::vector<Verb> all = allVerbs();
    return all;
}

} // namespace weir::cli
