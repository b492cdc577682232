<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
<context>
    <name>weir::gui::BusiestList</name>
    <message numerus="yes">
        <source>All %Ln watch(es)</source>
        <translation>
            <numerusform>All %Ln watch</numerusform>
            <numerusform>All %Ln watches</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::BusyRow</name>
    <message numerus="yes">
        <source>%Ln connection(s)</source>
        <translation>
            <numerusform>%Ln connection</numerusform>
            <numerusform>%Ln connections</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::ConnectionsPage</name>
    <message numerus="yes">
        <source>%Ln connection(s)</source>
        <translation>
            <numerusform>%Ln connection</numerusform>
            <numerusform>%Ln connections</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %Ln connection(s)</source>
        <translation>
            <numerusform>%1 of %Ln connection</numerusform>
            <numerusform>%1 of %Ln connections</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::HistoryActions</name>
    <message numerus="yes">
        <source>%Ln row(s) written to “%1”.</source>
        <translation>
            <numerusform>%Ln row written to “%1”.</numerusform>
            <numerusform>%Ln rows written to “%1”.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s) of “%1” deleted.</source>
        <translation>
            <numerusform>%Ln row of “%1” deleted.</numerusform>
            <numerusform>%Ln rows of “%1” deleted.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::MainWindow</name>
    <message numerus="yes">
        <source>%Ln watch(es) were removed.</source>
        <translation>
            <numerusform>%Ln watch was removed.</numerusform>
            <numerusform>%Ln watches were removed.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::OtherLinks</name>
    <message numerus="yes">
        <source>%Ln other link(s), not metered</source>
        <translation>
            <numerusform>%Ln other link, not metered</numerusform>
            <numerusform>%Ln other links, not metered</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::PolicySentences</name>
    <message numerus="yes">
        <source>%Ln day(s)</source>
        <translation>
            <numerusform>%Ln day</numerusform>
            <numerusform>%Ln days</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It is used up already: saving this cuts %Ln connection(s) at once.</source>
        <translation>
            <numerusform>It is used up already: saving this cuts %Ln connection at once.</numerusform>
            <numerusform>It is used up already: saving this cuts %Ln connections at once.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Blocking cuts what is open then; now that would be %Ln connection(s).</source>
        <translation>
            <numerusform>Blocking cuts what is open then; now that would be %Ln connection.</numerusform>
            <numerusform>Blocking cuts what is open then; now that would be %Ln connections.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>In the last %1 it would have throttled %Ln time(s): %2.</source>
        <translation>
            <numerusform>In the last %1 it would have throttled once: %2.</numerusform>
            <numerusform>In the last %1 it would have throttled %Ln times: %2.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::ProblemsButton</name>
    <message numerus="yes">
        <source>%Ln problem(s)</source>
        <translation>
            <numerusform>%Ln problem</numerusform>
            <numerusform>%Ln problems</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::QuotaCard</name>
    <message numerus="yes">
        <source>and %Ln more</source>
        <translation>
            <numerusform>and %Ln more</numerusform>
            <numerusform>and %Ln more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::WatchDialog</name>
    <message numerus="yes">
        <source>%Ln port(s): %1</source>
        <translation>
            <numerusform>%Ln port: %1</numerusform>
            <numerusform>%Ln ports: %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::WatchesPage</name>
    <message numerus="yes">
        <source>%Ln watch(es)</source>
        <translation>
            <numerusform>%Ln watch</numerusform>
            <numerusform>%Ln watches</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %Ln watch(es)</source>
        <translation>
            <numerusform>%1 of %Ln watch</numerusform>
            <numerusform>%1 of %Ln watches</numerusform>
        </translation>
    </message>
</context>
</TS>
