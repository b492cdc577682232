<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN">
<context>
    <name>main</name>
    <message>
        <source>Shows the network traffic of this machine: by link, by port and by connection.</source>
        <translation>显示本机的网络流量：按链路、按端口、按连接。</translation>
    </message>
    <message>
        <source>Look of this run: system, light or dark.</source>
        <translation>本次运行的外观：system、light 或 dark。</translation>
    </message>
    <message>
        <source>Language of this run, such as en or zh_CN; the system&apos;s by default.</source>
        <translation>本次运行的语言，例如 en 或 zh_CN；默认使用系统语言。</translation>
    </message>
    <message>
        <source>Page to open: overview, watches, connections or history.</source>
        <translation>要打开的页面：overview、watches、connections 或 history。</translation>
    </message>
</context>
<context>
    <name>weir::gui::Banner</name>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>The figures below are of %1.</source>
        <translation>下面的数字停留在 %1。</translation>
    </message>
    <message>
        <source>The Weir service is not running.</source>
        <translation>Weir 服务没有运行。</translation>
    </message>
    <message>
        <source>Start it with: sudo systemctl start weir. This window goes on by itself when it is back.</source>
        <translation>请用此命令启动：sudo systemctl start weir。服务恢复后本窗口会自动继续。</translation>
    </message>
    <message>
        <source>You may not see this machine&apos;s traffic.</source>
        <translation>您无权查看本机的流量。</translation>
    </message>
    <message>
        <source>Users at this machine&apos;s screen and members of the group “weir” may. To join the group: sudo usermod -aG weir $USER, then log in again.</source>
        <translation>在本机屏幕前登录的用户和“weir”组的成员可以查看。加入该组：sudo usermod -aG weir $USER，然后重新登录。</translation>
    </message>
    <message>
        <source>The Weir service does not answer as expected.</source>
        <translation>Weir 服务的应答不正常。</translation>
    </message>
    <message>
        <source>It says: %1</source>
        <translation>服务的说明：%1</translation>
    </message>
</context>
<context>
    <name>weir::gui::BurstDialog</name>
    <message>
        <source>Above</source>
        <translation>高于</translation>
    </message>
    <message>
        <source>For example: 50 Mbit/s</source>
        <translation>例如：50 Mbit/s</translation>
    </message>
    <message>
        <source>On average over</source>
        <translation>平均时段</translation>
    </message>
    <message>
        <source>For example: 15 min</source>
        <translation>例如：15 min</translation>
    </message>
    <message>
        <source>Throttle to</source>
        <translation>限速到</translation>
    </message>
    <message>
        <source>For example: 5 Mbit/s</source>
        <translation>例如：5 Mbit/s</translation>
    </message>
    <message>
        <source>For</source>
        <translation>持续</translation>
    </message>
    <message>
        <source>For example: 30 min</source>
        <translation>例如：30 min</translation>
    </message>
    <message>
        <source>Restore now</source>
        <translation>立即解除限速</translation>
    </message>
    <message>
        <source>Burst guard of “%1”</source>
        <translation>“%1”的突发保护</translation>
    </message>
    <message>
        <source>What is averaged</source>
        <translation>取平均的对象</translation>
    </message>
    <message>
        <source>Both directions together</source>
        <translation>下行与上行之和</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>下行</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>上行</translation>
    </message>
    <message>
        <source>Of</source>
        <translation>统计</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>In the past</source>
        <translation>过去的情况</translation>
    </message>
    <message>
        <source>Above: %1</source>
        <translation>高于：%1</translation>
    </message>
    <message>
        <source>On average over: %1</source>
        <translation>平均时段：%1</translation>
    </message>
    <message>
        <source>Throttle: %1</source>
        <translation>限速：%1</translation>
    </message>
    <message>
        <source>For: %1</source>
        <translation>持续：%1</translation>
    </message>
    <message>
        <source>The throttle must not be above what triggers it, %1.</source>
        <translation>限速值不能高于触发值 %1。</translation>
    </message>
    <message>
        <source>No guard yet</source>
        <translation>还没有突发保护</translation>
    </message>
    <message>
        <source>No preview: %1</source>
        <translation>无法预览：%1</translation>
    </message>
</context>
<context>
    <name>weir::gui::BusiestList</name>
    <message>
        <source>Add a watch…</source>
        <translation>添加监控项…</translation>
    </message>
    <message>
        <source>Busiest watches</source>
        <translation>最繁忙的监控项</translation>
    </message>
    <message>
        <source>The six watches with the highest rate now; those without traffic by their totals.</source>
        <translation>当前速率最高的六个监控项；没有流量的按总量排列。</translation>
    </message>
    <message>
        <source>A watch counts the traffic of ports that you name, such as 443 for a web server, or of a whole link. Add one to see who uses your line.</source>
        <translation>监控项统计您指定的端口（例如网站服务器的 443）或整条链路的流量。添加一个，看看谁在占用带宽。</translation>
    </message>
    <message numerus="yes">
        <source>All %Ln watch(es)</source>
        <translation>
            <numerusform>全部 %Ln 个监控项</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::BusyRow</name>
    <message>
        <source>%1: down %2, up %3</source>
        <translation>%1：下行 %2，上行 %3</translation>
    </message>
    <message>
        <source>Click to see its connections.</source>
        <translation>点击查看它的连接。</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message numerus="yes">
        <source>%Ln connection(s)</source>
        <translation>
            <numerusform>%Ln 个连接</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 in all</source>
        <comment>bytes</comment>
        <translation>共 %1</translation>
    </message>
</context>
<context>
    <name>weir::gui::Capsule</name>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Exactly as it was before (Ctrl+Z)</source>
        <translation>恢复到更改之前的样子 (Ctrl+Z)</translation>
    </message>
</context>
<context>
    <name>weir::gui::ConnectionsPage</name>
    <message>
        <source>Also ended ones</source>
        <translation>包括已结束的</translation>
    </message>
    <message>
        <source>Filter, for example: port:443 state:established scope:internet</source>
        <translation>筛选，例如：port:443 state:established scope:internet</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>&lt;p&gt;Words that must all match:&lt;/p&gt;&lt;table cellspacing=&apos;4&apos;&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;port:8000&lt;/b&gt;, &lt;b&gt;port:8000-8100&lt;/b&gt;&lt;/td&gt;&lt;td&gt;either end&apos;s port&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;remote:192.0.2.0/24&lt;/b&gt;, &lt;b&gt;local:…&lt;/b&gt;&lt;/td&gt;&lt;td&gt;address or network of an end&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;state:established&lt;/b&gt;&lt;/td&gt;&lt;td&gt;opening, established, closing, closed, active, idle&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;protocol:udp&lt;/b&gt;&lt;/td&gt;&lt;td&gt;tcp, udp, icmp…&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;scope:internet&lt;/b&gt;&lt;/td&gt;&lt;td&gt;or local&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;link:eth0&lt;/b&gt;&lt;/td&gt;&lt;td&gt;the link that carries it&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;watch:web&lt;/b&gt;&lt;/td&gt;&lt;td&gt;the watch that counts it&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;example&lt;/b&gt;&lt;/td&gt;&lt;td&gt;a word without key is found anywhere&lt;/td&gt;&lt;/tr&gt;&lt;/table&gt;</source>
        <translation>&lt;p&gt;各个词须全部匹配：&lt;/p&gt;&lt;table cellspacing=&apos;4&apos;&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;port:8000&lt;/b&gt;, &lt;b&gt;port:8000-8100&lt;/b&gt;&lt;/td&gt;&lt;td&gt;任意一端的端口&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;remote:192.0.2.0/24&lt;/b&gt;, &lt;b&gt;local:…&lt;/b&gt;&lt;/td&gt;&lt;td&gt;某一端的地址或网段&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;state:established&lt;/b&gt;&lt;/td&gt;&lt;td&gt;opening、established、closing、closed、active、idle&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;protocol:udp&lt;/b&gt;&lt;/td&gt;&lt;td&gt;tcp、udp、icmp…&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;scope:internet&lt;/b&gt;&lt;/td&gt;&lt;td&gt;或 local&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;link:eth0&lt;/b&gt;&lt;/td&gt;&lt;td&gt;所经过的链路&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;watch:web&lt;/b&gt;&lt;/td&gt;&lt;td&gt;统计它的监控项&lt;/td&gt;&lt;/tr&gt;&lt;tr&gt;&lt;td&gt;&lt;b&gt;example&lt;/b&gt;&lt;/td&gt;&lt;td&gt;不带键的词在各处查找&lt;/td&gt;&lt;/tr&gt;&lt;/table&gt;</translation>
    </message>
    <message>
        <source>Shows connections for 60 seconds after their end too</source>
        <translation>连接结束后的 60 秒内也继续显示</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Nothing heard yet</source>
        <translation>尚无数据</translation>
    </message>
    <message>
        <source>Connections appear here as soon as the service tells of them.</source>
        <translation>服务送来数据后，连接就会显示在这里。</translation>
    </message>
    <message>
        <source>the first %1 by this order are shown</source>
        <translation>按此排序显示前 %1 个</translation>
    </message>
    <message>
        <source>No connections now</source>
        <translation>当前没有连接</translation>
    </message>
    <message>
        <source>Connections over metered links appear here while they last.</source>
        <translation>经过计量链路的连接在存续期间显示在这里。</translation>
    </message>
    <message>
        <source>No connection matches</source>
        <translation>没有匹配的连接</translation>
    </message>
    <message>
        <source>Nothing of now matches “%1”.</source>
        <translation>当前没有与“%1”匹配的连接。</translation>
    </message>
    <message>
        <source>Clear the filter</source>
        <translation>清除筛选</translation>
    </message>
    <message>
        <source>This filter cannot be used: %1</source>
        <translation>无法使用此筛选：%1</translation>
    </message>
    <message>
        <source>Copy the remote address %1</source>
        <translation>复制远端地址 %1</translation>
    </message>
    <message>
        <source>Copy the local address %1</source>
        <translation>复制本端地址 %1</translation>
    </message>
    <message>
        <source>Only with %1</source>
        <translation>只看与 %1 的连接</translation>
    </message>
    <message>
        <source>Only port %1</source>
        <translation>只看端口 %1</translation>
    </message>
    <message>
        <source>Only watch “%1”</source>
        <translation>只看监控项“%1”</translation>
    </message>
    <message>
        <source>Add a watch on local port %1…</source>
        <translation>为本机端口 %1 添加监控项…</translation>
    </message>
    <message numerus="yes">
        <source>%Ln connection(s)</source>
        <translation>
            <numerusform>%Ln 个连接</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %Ln connection(s)</source>
        <translation>
            <numerusform>%Ln 个连接中的 %1 个</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::FlowModel</name>
    <message>
        <source>Rate of this connection in the last second.</source>
        <translation>此连接最近一秒的速率。</translation>
    </message>
    <message>
        <source>Everything of this connection since %1, whole frames as on the wire.</source>
        <translation>此连接自 %1 以来的全部流量，按线路上的完整帧计算。</translation>
    </message>
    <message>
        <source>First packet: %1
Last packet: %2</source>
        <translation>首个数据包：%1
最后数据包：%2</translation>
    </message>
    <message>
        <source>The other end is outside this machine&apos;s local networks.</source>
        <translation>对端在本机的本地网络之外。</translation>
    </message>
    <message>
        <source>Both ends are inside this machine&apos;s local networks.</source>
        <translation>两端都在本机的本地网络之内。</translation>
    </message>
    <message>
        <source>No watch counts this connection.</source>
        <translation>没有监控项统计此连接。</translation>
    </message>
    <message>
        <source>Watches that count this connection:</source>
        <translation>统计此连接的监控项：</translation>
    </message>
    <message>
        <source>The other end: address and port</source>
        <translation>对端的地址和端口</translation>
    </message>
    <message>
        <source>Remote</source>
        <translation>远端</translation>
    </message>
    <message>
        <source>This machine&apos;s end: address and port</source>
        <translation>本机一端的地址和端口</translation>
    </message>
    <message>
        <source>Local</source>
        <comment>this machine&apos;s end</comment>
        <translation>本端</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>协议</translation>
    </message>
    <message>
        <source>Proto</source>
        <comment>column: protocol</comment>
        <translation>协议</translation>
    </message>
    <message>
        <source>TCP&apos;s state as seen on the wire; others are active until 60 seconds after their last packet</source>
        <translation>TCP 为线路上观察到的状态；其他协议在最后一个数据包之后 60 秒内视为活动</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Internet when either end is outside the local networks, else local</source>
        <translation>任意一端在本地网络之外为互联网，否则为本地</translation>
    </message>
    <message>
        <source>Scope</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>Received per second, now</source>
        <translation>当前每秒接收</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>下行</translation>
    </message>
    <message>
        <source>Sent per second, now</source>
        <translation>当前每秒发送</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>上行</translation>
    </message>
    <message>
        <source>Received since the connection began</source>
        <translation>连接开始以来接收的总量</translation>
    </message>
    <message>
        <source>Total down</source>
        <translation>下行总量</translation>
    </message>
    <message>
        <source>Sent since the connection began</source>
        <translation>连接开始以来发送的总量</translation>
    </message>
    <message>
        <source>Total up</source>
        <translation>上行总量</translation>
    </message>
    <message>
        <source>Time since the first packet</source>
        <translation>距首个数据包的时间</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>时长</translation>
    </message>
    <message>
        <source>Link that carries the connection</source>
        <translation>此连接经过的链路</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>链路</translation>
    </message>
    <message>
        <source>Watches that count the connection</source>
        <translation>统计此连接的监控项</translation>
    </message>
    <message>
        <source>Watches</source>
        <translation>监控项</translation>
    </message>
</context>
<context>
    <name>weir::gui::HistoryActions</name>
    <message>
        <source>Export the history of everything</source>
        <translation>导出全部链路、监控项和服务的历史</translation>
    </message>
    <message>
        <source>Export the history of “%1”</source>
        <translation>导出“%1”的历史</translation>
    </message>
    <message>
        <source>Table, for spreadsheets (*.csv)</source>
        <translation>表格，供电子表格软件使用 (*.csv)</translation>
    </message>
    <message>
        <source>JSON, for programs (*.json)</source>
        <translation>JSON，供程序使用 (*.json)</translation>
    </message>
    <message>
        <source>“%1” cannot be written: %2</source>
        <translation>无法写入“%1”：%2</translation>
    </message>
    <message>
        <source>The history was not exported. %1</source>
        <translation>历史未能导出。%1</translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s) written to “%1”.</source>
        <translation>
            <numerusform>已将 %Ln 行写入“%1”。</numerusform>
        </translation>
    </message>
    <message>
        <source>Delete history</source>
        <translation>删除历史</translation>
    </message>
    <message>
        <source>Delete history of “%1”?</source>
        <translation>删除“%1”的历史？</translation>
    </message>
    <message>
        <source>What is deleted is gone for good; this cannot be undone. Its total stays.</source>
        <translation>被删除的内容将永久消失，无法撤销。其总量保留。</translation>
    </message>
    <message>
        <source>Whole days that are shown: %1.</source>
        <translation>显示范围内的完整日期：%1。</translation>
    </message>
    <message>
        <source>What is shown holds no whole day.</source>
        <translation>显示范围内没有完整的一天。</translation>
    </message>
    <message>
        <source>Delete the days shown</source>
        <translation>删除所显示的日期</translation>
    </message>
    <message>
        <source>Delete all of it</source>
        <translation>全部删除</translation>
    </message>
    <message>
        <source>The history of “%1” was not deleted. %2</source>
        <translation>“%1”的历史未能删除。%2</translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s) of “%1” deleted.</source>
        <translation>
            <numerusform>已删除“%1”的 %Ln 行。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::HistoryFooter</name>
    <message>
        <source>Selected: ↓ %1  ↑ %2  together %3</source>
        <translation>所选：↓ %1  ↑ %2  共 %3</translation>
    </message>
    <message>
        <source>Sum: ↓ %1  ↑ %2  together %3</source>
        <translation>合计：↓ %1  ↑ %2  共 %3</translation>
    </message>
    <message>
        <source>Average: %1</source>
        <translation>平均：%1</translation>
    </message>
    <message>
        <source>Down and up together over the time that has passed: about %1 each %2</source>
        <translation>下行与上行之和，按已经过的时间平均：每 %2约 %1</translation>
    </message>
    <message>
        <source>Peak: %1, %2</source>
        <translation>峰值：%1，%2</translation>
    </message>
</context>
<context>
    <name>weir::gui::HistoryLegend</name>
    <message>
        <source>Drawn together: %1 × %2</source>
        <translation>合并绘制：%1 × %2</translation>
    </message>
    <message>
        <source>There are more steps than room, so several are drawn as one, added up. A shorter range or a wider window shows each.</source>
        <translation>时段太多，空间不足，因此把若干时段相加后合并绘制。缩短时间范围或加宽窗口即可逐个显示。</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>下行</translation>
    </message>
    <message>
        <source>Received by this machine</source>
        <translation>本机接收</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>上行</translation>
    </message>
    <message>
        <source>Sent by this machine</source>
        <translation>本机发送</translation>
    </message>
    <message>
        <source>Internet</source>
        <translation>互联网</translation>
    </message>
    <message>
        <source>With an end outside this machine&apos;s local networks</source>
        <translation>有一端在本机的本地网络之外</translation>
    </message>
    <message>
        <source>Local</source>
        <translation>本地</translation>
    </message>
    <message>
        <source>With both ends inside this machine&apos;s local networks</source>
        <translation>两端都在本机的本地网络之内</translation>
    </message>
    <message>
        <source>Rest</source>
        <translation>其余</translation>
    </message>
    <message>
        <source>Links: what is not IP, or passed while no meter was there. Services: what went over the loopback</source>
        <translation>链路：非 IP 的流量，或计量程序不在时通过的流量。服务：经过环回接口的流量</translation>
    </message>
    <message>
        <source>Weir was away</source>
        <translation>Weir 未运行</translation>
    </message>
    <message>
        <source>In a part of such a step Weir was not running. What passed then stands in the step in which counting went on; of what passed while it was stopped watches have nothing, and links have it as the rest.</source>
        <translation>此类时段中有一段时间 Weir 没有运行。其间通过的流量计入恢复计量时所在的时段；Weir 停止期间通过的流量，监控项没有记录，链路则计入“其余”。</translation>
    </message>
</context>
<context>
    <name>weir::gui::HistoryModel</name>
    <message>
        <source>%1, Weir was away in part of it</source>
        <translation>%1，其中有一段时间 Weir 未运行</translation>
    </message>
    <message>
        <source>%1
In a part of it Weir was not running. What passed then stands in the step in which counting went on; of what passed while it was stopped watches have nothing, and links have it as the rest.</source>
        <translation>%1
其中有一段时间 Weir 没有运行。其间通过的流量计入恢复计量时所在的时段；Weir 停止期间通过的流量，监控项没有记录，链路则计入“其余”。</translation>
    </message>
    <message>
        <source>internet traffic only</source>
        <translation>仅互联网流量</translation>
    </message>
    <message>
        <source>local traffic only</source>
        <translation>仅本地流量</translation>
    </message>
    <message>
        <source>all traffic</source>
        <translation>全部流量</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Beginning and end of the step</source>
        <translation>时段的开始和结束</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>下行</translation>
    </message>
    <message>
        <source>Received by this machine: %1</source>
        <translation>本机接收：%1</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>上行</translation>
    </message>
    <message>
        <source>Sent by this machine: %1</source>
        <translation>本机发送：%1</translation>
    </message>
    <message>
        <source>Total</source>
        <translation>总计</translation>
    </message>
    <message>
        <source>Down and up together: %1</source>
        <translation>下行与上行之和：%1</translation>
    </message>
    <message>
        <source>Internet</source>
        <translation>互联网</translation>
    </message>
    <message>
        <source>Down and up with an end outside this machine&apos;s local networks</source>
        <translation>有一端在本机本地网络之外的下行与上行流量</translation>
    </message>
    <message>
        <source>Local</source>
        <translation>本地</translation>
    </message>
    <message>
        <source>Down and up with both ends inside this machine&apos;s local networks</source>
        <translation>两端都在本机本地网络之内的下行与上行流量</translation>
    </message>
    <message>
        <source>Rest</source>
        <translation>其余</translation>
    </message>
    <message>
        <source>Links: what is not IP, or passed while no meter was there. Services: what went over the loopback</source>
        <translation>链路：非 IP 的流量，或计量程序不在时通过的流量。服务：经过环回接口的流量</translation>
    </message>
</context>
<context>
    <name>weir::gui::HistoryPage</name>
    <message>
        <source>Traffic</source>
        <translation>流量范围</translation>
    </message>
    <message>
        <source>View</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>Divided by</source>
        <translation>划分方式</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Everything: internet, local and the rest</source>
        <translation>全部流量：互联网、本地及其余</translation>
    </message>
    <message>
        <source>Internet</source>
        <translation>互联网</translation>
    </message>
    <message>
        <source>Only what has an end outside this machine&apos;s local networks</source>
        <translation>仅有一端在本机本地网络之外的流量</translation>
    </message>
    <message>
        <source>Local</source>
        <translation>本地</translation>
    </message>
    <message>
        <source>Only what has both ends inside this machine&apos;s local networks</source>
        <translation>仅两端都在本机本地网络之内的流量</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>流量</translation>
    </message>
    <message>
        <source>Bars: bytes of each step</source>
        <translation>柱形：每个时段的字节数</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>速率</translation>
    </message>
    <message>
        <source>Lines: average rate in each step, its bytes by its length</source>
        <translation>折线：每个时段的平均速率，即字节数除以时长</translation>
    </message>
    <message>
        <source>Down / up</source>
        <translation>下行 / 上行</translation>
    </message>
    <message>
        <source>Bars and lines of what was received and sent</source>
        <translation>柱形和折线按接收与发送划分</translation>
    </message>
    <message>
        <source>Internet / local</source>
        <translation>互联网 / 本地</translation>
    </message>
    <message>
        <source>Bars and lines of internet, local and the rest</source>
        <translation>柱形和折线按互联网、本地及其余划分</translation>
    </message>
    <message>
        <source>Export this series…</source>
        <translation>导出此序列…</translation>
    </message>
    <message>
        <source>Save a report of this range…</source>
        <translation>保存此范围的报告…</translation>
    </message>
    <message>
        <source>Export everything in this range…</source>
        <translation>导出此时间范围内的全部内容…</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Write the steps of this range into a file: CSV or JSON</source>
        <translation>将此时间范围内的各时段写入 CSV 或 JSON 文件</translation>
    </message>
    <message>
        <source>Delete history…</source>
        <translation>删除历史…</translation>
    </message>
    <message>
        <source>Chart of the history; arrow keys walk through it, with shift they select</source>
        <translation>历史图表；用方向键移动，按住 Shift 可选择</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>正在读取</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Steps of the range</source>
        <translation>时间范围内的各时段</translation>
    </message>
    <message>
        <source>Nothing in this range yet</source>
        <translation>此时间范围内尚无数据</translation>
    </message>
    <message>
        <source>Steps appear here as time passes.</source>
        <translation>随着时间推移，各时段会显示在这里。</translation>
    </message>
    <message>
        <source>Copy the rows</source>
        <translation>复制这些行</translation>
    </message>
    <message>
        <source>Not kept for services</source>
        <translation>不保存服务的远端记录</translation>
    </message>
    <message>
        <source>Remotes are kept for links and watches.</source>
        <translation>只为链路和监控项保存远端记录。</translation>
    </message>
    <message>
        <source>Remotes cannot be read</source>
        <translation>无法读取远端记录</translation>
    </message>
    <message>
        <source>The service says: %1</source>
        <translation>服务的说明：%1</translation>
    </message>
    <message>
        <source>The history cannot be read. The service says: %1</source>
        <translation>无法读取历史。服务的说明：%1</translation>
    </message>
    <message>
        <source>No history to see</source>
        <translation>没有可查看的历史</translation>
    </message>
    <message>
        <source>You may not see this machine&apos;s traffic; the line above says who may.</source>
        <translation>您无权查看本机的流量；上方的提示说明了谁可以查看。</translation>
    </message>
    <message>
        <source>The Weir service is not running. What it stored is shown as soon as it is back.</source>
        <translation>Weir 服务没有运行。服务恢复后就会显示它保存的历史。</translation>
    </message>
    <message>
        <source>Nothing heard yet</source>
        <translation>尚无数据</translation>
    </message>
    <message>
        <source>The history appears here as soon as the service answers.</source>
        <translation>服务应答后，历史就会显示在这里。</translation>
    </message>
    <message>
        <source>No history yet</source>
        <translation>尚无历史</translation>
    </message>
    <message>
        <source>It begins by itself with the first link that is metered, minute by minute.</source>
        <translation>从第一条链路开始计量起，历史会自动逐分钟记录。</translation>
    </message>
    <message>
        <source>Nothing was counted then</source>
        <translation>当时没有计量</translation>
    </message>
    <message>
        <source>“%1” has been counted since %2.</source>
        <translation>“%1”自 %2 开始计量。</translation>
    </message>
    <message>
        <source>Show all since then</source>
        <translation>显示此后的全部历史</translation>
    </message>
</context>
<context>
    <name>weir::gui::HistoryRange</name>
    <message>
        <source>yyyy</source>
        <comment>format of a year, see QDateTime::toString()</comment>
        <translation>yyyy年</translation>
    </message>
    <message>
        <source>MMM yyyy</source>
        <comment>format of a short month with its year, see QDateTime::toString()</comment>
        <translation>yyyy年M月</translation>
    </message>
    <message>
        <source>d MMM</source>
        <comment>format of a day and its month, see QDateTime::toString()</comment>
        <translation>M月d日</translation>
    </message>
    <message>
        <source>d MMM yyyy</source>
        <comment>format of a date, see QDateTime::toString()</comment>
        <translation>yyyy年M月d日</translation>
    </message>
    <message>
        <source>Minutes are kept for two days; this range begins earlier.</source>
        <translation>每分钟的数据保存两天；此时间范围的起点更早。</translation>
    </message>
    <message>
        <source>Hours and quarter hours are kept for 400 days; this range begins earlier.</source>
        <translation>每小时和每 15 分钟的数据保存 400 天；此时间范围的起点更早。</translation>
    </message>
    <message>
        <source>These would be more than %L1 steps; choose a shorter range.</source>
        <translation>时段将超过 %L1 个；请选择较短的时间范围。</translation>
    </message>
    <message>
        <source>The whole range would be a single step.</source>
        <translation>整个时间范围将只有一个时段。</translation>
    </message>
    <message>
        <source>d MMM yyyy HH:mm</source>
        <comment>format of a date with its time, see QDateTime::toString()</comment>
        <translation>yyyy年M月d日 HH:mm</translation>
    </message>
    <message>
        <source>ddd d MMM yyyy</source>
        <comment>format of a date with its weekday, see QDateTime::toString()</comment>
        <translation>yyyy年M月d日 ddd</translation>
    </message>
    <message>
        <source>MMMM yyyy</source>
        <comment>format of a month with its year, see QDateTime::toString()</comment>
        <translation>yyyy年M月</translation>
    </message>
</context>
<context>
    <name>weir::gui::HistoryRangeBar</name>
    <message>
        <source>The range before</source>
        <translation>前一个时间范围</translation>
    </message>
    <message>
        <source>The range after</source>
        <translation>后一个时间范围</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>粒度</translation>
    </message>
    <message>
        <source>How much time one row and one bar stand for</source>
        <translation>每一行、每一根柱形代表的时长</translation>
    </message>
    <message>
        <source>24 h</source>
        <translation>24 小时</translation>
    </message>
    <message>
        <source>The last 24 hours, by quarters of an hour</source>
        <translation>最近 24 小时，按 15 分钟统计</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Since midnight, by hours</source>
        <translation>今天零点以来，按小时统计</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨天</translation>
    </message>
    <message>
        <source>The day before today, by hours</source>
        <translation>今天的前一天，按小时统计</translation>
    </message>
    <message>
        <source>7 days</source>
        <translation>7 天</translation>
    </message>
    <message>
        <source>Today and the six days before, by hours</source>
        <translation>今天和之前的六天，按小时统计</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 天</translation>
    </message>
    <message>
        <source>Today and the 29 days before, by days</source>
        <translation>今天和之前的 29 天，按天统计</translation>
    </message>
    <message>
        <source>This month</source>
        <translation>本月</translation>
    </message>
    <message>
        <source>This calendar month, by days</source>
        <translation>这个自然月，按天统计</translation>
    </message>
    <message>
        <source>Last month</source>
        <translation>上月</translation>
    </message>
    <message>
        <source>The calendar month before this one, by days</source>
        <translation>上一个自然月，按天统计</translation>
    </message>
    <message>
        <source>This year</source>
        <translation>今年</translation>
    </message>
    <message>
        <source>This calendar year, by months</source>
        <translation>这个自然年，按月统计</translation>
    </message>
    <message>
        <source>12 months</source>
        <translation>12 个月</translation>
    </message>
    <message>
        <source>This month and the eleven before, by months</source>
        <translation>本月和之前的十一个月，按月统计</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Since the oldest history of what is shown</source>
        <translation>从所显示对象最早的历史算起</translation>
    </message>
    <message>
        <source>Custom…</source>
        <translation>自定义…</translation>
    </message>
    <message>
        <source>From one moment to another</source>
        <translation>从某一时刻到另一时刻</translation>
    </message>
    <message>
        <source>From</source>
        <translation>从</translation>
    </message>
    <message>
        <source>to</source>
        <translation>到</translation>
    </message>
    <message>
        <source>The beginning must lie before the end.</source>
        <translation>开始时间必须早于结束时间。</translation>
    </message>
</context>
<context>
    <name>weir::gui::HistoryWords</name>
    <message>
        <source>Links</source>
        <translation>链路</translation>
    </message>
    <message>
        <source>Watches</source>
        <translation>监控项</translation>
    </message>
    <message>
        <source>Services</source>
        <translation>服务</translation>
    </message>
    <message>
        <source>Removed watches</source>
        <translation>已移除的监控项</translation>
    </message>
    <message>
        <source>%1 (removed %2)</source>
        <translation>%1（%2 移除）</translation>
    </message>
    <message>
        <source>Everything that crossed the link %1: internet, local and what is not IP.</source>
        <translation>经过链路 %1 的全部流量：互联网、本地和非 IP。</translation>
    </message>
    <message>
        <source>Everything that sockets of %1 sent and received: internet, local and over the loopback.</source>
        <translation>%1 的套接字发送和接收的全部流量：互联网、本地和环回。</translation>
    </message>
    <message>
        <source>Everything that the watch “%1” counted: internet and local.</source>
        <translation>监控项“%1”统计的全部流量：互联网和本地。</translation>
    </message>
    <message>
        <source>Counted since %1.</source>
        <translation>自 %1 开始计量。</translation>
    </message>
    <message>
        <source>The watch was removed on %1; its history stays.</source>
        <translation>此监控项已于 %1 移除；其历史保留。</translation>
    </message>
    <message>
        <source>Minute</source>
        <translation>1 分钟</translation>
    </message>
    <message>
        <source>Quarter of an hour</source>
        <translation>15 分钟</translation>
    </message>
    <message>
        <source>Hour</source>
        <translation>1 小时</translation>
    </message>
    <message>
        <source>Day</source>
        <translation>1 天</translation>
    </message>
    <message>
        <source>Month</source>
        <translation>1 个月</translation>
    </message>
    <message>
        <source>Internet traffic only</source>
        <translation>仅互联网流量</translation>
    </message>
    <message>
        <source>Local traffic only</source>
        <translation>仅本地流量</translation>
    </message>
    <message>
        <source>Down: %1</source>
        <translation>下行：%1</translation>
    </message>
    <message>
        <source>Up: %1</source>
        <translation>上行：%1</translation>
    </message>
    <message>
        <source>Total: %1</source>
        <translation>总计：%1</translation>
    </message>
    <message>
        <source>of it internet: %1</source>
        <translation>其中互联网：%1</translation>
    </message>
    <message>
        <source>of it local: %1</source>
        <translation>其中本地：%1</translation>
    </message>
    <message>
        <source>of it neither: %1</source>
        <translation>其余：%1</translation>
    </message>
    <message>
        <source>On average: down %1, up %2</source>
        <translation>平均：下行 %1，上行 %2</translation>
    </message>
    <message>
        <source>In a part of it Weir was not running.</source>
        <translation>其中有一段时间 Weir 没有运行。</translation>
    </message>
    <message>
        <source>Together: %1</source>
        <translation>合计：%1</translation>
    </message>
    <message>
        <source>of it internet: %1 (%2)</source>
        <translation>其中互联网：%1（%2）</translation>
    </message>
</context>
<context>
    <name>weir::gui::LimitDelegate</name>
    <message>
        <source>%1 of %2</source>
        <comment>what is typed here, of which watch</comment>
        <translation>%2 的%1</translation>
    </message>
</context>
<context>
    <name>weir::gui::LimitDialog</name>
    <message>
        <source>Down</source>
        <translation>下行</translation>
    </message>
    <message>
        <source>For example: 20 Mbit/s</source>
        <translation>例如：20 Mbit/s</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>上行</translation>
    </message>
    <message>
        <source>For example: 5 Mbit/s</source>
        <translation>例如：5 Mbit/s</translation>
    </message>
    <message>
        <source>Limit of “%1”</source>
        <translation>“%1”的限速</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Always</source>
        <translation>始终</translation>
    </message>
    <message>
        <source>Days and times on this machine&apos;s clocks, several joined by semicolons. Empty: always.</source>
        <translation>按本机时钟的星期和时间，多段用分号隔开。留空表示始终。</translation>
    </message>
    <message>
        <source>This is not understood. Write days and times, such as mon-fri 08:00-18:00; sat 10:00-12:00.</source>
        <translation>无法识别。请填写星期和时间，例如 mon-fri 08:00-18:00; sat 10:00-12:00。</translation>
    </message>
    <message>
        <source>Not in force as it was set: %1</source>
        <translation>没有按设定生效：%1</translation>
    </message>
    <message>
        <source>Down: %1</source>
        <translation>下行：%1</translation>
    </message>
    <message>
        <source>Up: %1</source>
        <translation>上行：%1</translation>
    </message>
    <message>
        <source>When: the days and times are not understood.</source>
        <translation>时间：无法识别星期和时间。</translation>
    </message>
    <message>
        <source>without a rate there is no limit; “Remove” takes it away.</source>
        <translation>没有速率就没有限速；点“删除”可去掉它。</translation>
    </message>
    <message>
        <source>type a rate for at least one direction.</source>
        <translation>请至少填写一个方向的速率。</translation>
    </message>
</context>
<context>
    <name>weir::gui::LimitEditor</name>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
</context>
<context>
    <name>weir::gui::LinkCard</name>
    <message>
        <source>Total</source>
        <translation>总计</translation>
    </message>
    <message>
        <source>Internet</source>
        <translation>互联网</translation>
    </message>
    <message>
        <source>Local</source>
        <translation>本地</translation>
    </message>
    <message>
        <source>Link %1</source>
        <translation>链路 %1</translation>
    </message>
    <message>
        <source>Chart: the last two minutes of %1</source>
        <translation>图表：%1 最近两分钟</translation>
    </message>
    <message>
        <source>Rate of %1 in the last second: everything that crosses it.</source>
        <translation>%1 最近一秒的速率：经过它的全部流量。</translation>
    </message>
    <message>
        <source>down</source>
        <comment>state of a link</comment>
        <translation>已断开</translation>
    </message>
    <message>
        <source>The link is down: nothing can cross it.</source>
        <translation>链路已断开，无法通过任何流量。</translation>
    </message>
    <message>
        <source>No address</source>
        <translation>无地址</translation>
    </message>
    <message>
        <source>since %1</source>
        <translation>自 %1</translation>
    </message>
    <message>
        <source>Totals run from the first time that Weir saw this link.</source>
        <translation>总量从 Weir 首次看到此链路时算起。</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>This month</source>
        <translation>本月</translation>
    </message>
    <message>
        <source>This year</source>
        <translation>今年</translation>
    </message>
    <message>
        <source>Everything that crossed %1 since midnight.</source>
        <translation>今天零点以来经过 %1 的全部流量。</translation>
    </message>
    <message>
        <source>Everything that crossed %1 in this calendar month.</source>
        <translation>这个自然月内经过 %1 的全部流量。</translation>
    </message>
    <message>
        <source>Everything that crossed %1 in this calendar year.</source>
        <translation>这个自然年内经过 %1 的全部流量。</translation>
    </message>
    <message>
        <source>The service has not told yet.</source>
        <translation>服务尚未送来数据。</translation>
    </message>
</context>
<context>
    <name>weir::gui::LockButton</name>
    <message>
        <source>Locked</source>
        <translation>已锁定</translation>
    </message>
    <message>
        <source>Changes need a password. Click to unlock them for some minutes.</source>
        <translation>修改需要密码。点击可解锁几分钟。</translation>
    </message>
    <message>
        <source>Unlocked</source>
        <translation>已解锁</translation>
    </message>
    <message>
        <source>You may change watches and settings. Click to lock again, if a password unlocked it.</source>
        <translation>您可以修改监控项和设置。如果是用密码解锁的，点击可重新锁定。</translation>
    </message>
    <message>
        <source>Read only</source>
        <translation>只读</translation>
    </message>
    <message>
        <source>You may look but not change anything here, or polkit cannot be asked. Click to try.</source>
        <translation>您可以查看，但不能修改，或者无法询问 polkit。点击可尝试解锁。</translation>
    </message>
    <message>
        <source>Unknown rights</source>
        <translation>权限未知</translation>
    </message>
    <message>
        <source>Polkit cannot be asked what you may do here: %1</source>
        <translation>无法向 polkit 查询您的权限：%1</translation>
    </message>
</context>
<context>
    <name>weir::gui::MainWindow</name>
    <message>
        <source>Overview</source>
        <translation>概览</translation>
    </message>
    <message>
        <source>Watches</source>
        <translation>监控项</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Weir</source>
        <translation>Weir</translation>
    </message>
    <message>
        <source>All metered links together, everything that crossed them in the last second</source>
        <translation>所有计量链路最近一秒的全部流量之和</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Menu (F10)</source>
        <translation>菜单（F10）</translation>
    </message>
    <message>
        <source>Add a watch…</source>
        <translation>添加监控项…</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>查找</translation>
    </message>
    <message>
        <source>View</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>As the desktop</source>
        <translation>跟随桌面</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>About Weir</source>
        <translation>关于 Weir</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>“%1” was removed.</source>
        <translation>已移除“%1”。</translation>
    </message>
    <message>
        <source>“%1” is back.</source>
        <translation>“%1”已恢复。</translation>
    </message>
    <message>
        <source>&lt;h3&gt;Weir %1&lt;/h3&gt;&lt;p&gt;Measures the network traffic of this machine: by link, by port and by connection.&lt;/p&gt;&lt;p&gt;Bytes are wire bytes, whole frames, each counted once.&lt;/p&gt;&lt;p&gt;Free software under the GNU General Public License, version 3 or later.&lt;/p&gt;&lt;p&gt;Built with Qt %2.&lt;/p&gt;</source>
        <translation>&lt;h3&gt;Weir %1&lt;/h3&gt;&lt;p&gt;统计本机的网络流量：按链路、按端口、按连接。&lt;/p&gt;&lt;p&gt;字节数按线路上的完整帧计算，每个字节只计一次。&lt;/p&gt;&lt;p&gt;自由软件，遵循 GNU 通用公共许可证第 3 版或更高版本。&lt;/p&gt;&lt;p&gt;使用 Qt %2 构建。&lt;/p&gt;</translation>
    </message>
    <message numerus="yes">
        <source>%Ln watch(es) were removed.</source>
        <translation>
            <numerusform>已移除 %Ln 个监控项。</numerusform>
        </translation>
    </message>
    <message>
        <source>History</source>
        <translation>历史</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
</context>
<context>
    <name>weir::gui::OtherLinks</name>
    <message>
        <source>Links whose packets the meter does not see, so that nothing is counted twice</source>
        <translation>计量器不查看这些链路的数据包，以免重复计算</translation>
    </message>
    <message numerus="yes">
        <source>%Ln other link(s), not metered</source>
        <translation>
            <numerusform>另有 %Ln 条链路未计量</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::OverviewPage</name>
    <message>
        <source>No link is metered yet. When this machine gets a network connection it appears here by itself.</source>
        <translation>还没有计量中的链路。本机连上网络后会自动显示在这里。</translation>
    </message>
    <message>
        <source>Links and watches appear here as soon as the service answers.</source>
        <translation>服务应答后，链路和监控项就会显示在这里。</translation>
    </message>
</context>
<context>
    <name>weir::gui::PolicyActions</name>
    <message>
        <source>One direction of “%1” is no longer limited.</source>
        <translation>“%1”的一个方向不再限速。</translation>
    </message>
    <message>
        <source>What “%1” receives is held to %2.</source>
        <translation>“%1”的下行限制为 %2。</translation>
    </message>
    <message>
        <source>What “%1” sends is held to %2.</source>
        <translation>“%1”的上行限制为 %2。</translation>
    </message>
    <message>
        <source>“%1” has no limit any more.</source>
        <translation>“%1”不再限速。</translation>
    </message>
    <message>
        <source>The limit of “%1” was not changed.</source>
        <translation>“%1”的限速没有更改。</translation>
    </message>
    <message>
        <source>The %1 of “%2” is switched on.</source>
        <translation>“%2”的%1已开启。</translation>
    </message>
    <message>
        <source>The %1 of “%2” is switched off.</source>
        <translation>“%2”的%1已关闭。</translation>
    </message>
    <message>
        <source>The %1 of “%2” was not switched.</source>
        <translation>“%2”的%1没有切换。</translation>
    </message>
    <message>
        <source>“%1” is restored: what was before its burst applies again.</source>
        <translation>“%1”已解除限速：恢复到突发之前的状态。</translation>
    </message>
    <message>
        <source>The throttle of “%1” was not ended.</source>
        <translation>“%1”的限速没有解除。</translation>
    </message>
    <message>
        <source>The %1 of “%2” is set.</source>
        <translation>“%2”的%1已设定。</translation>
    </message>
    <message>
        <source>The %1 of “%2” is removed.</source>
        <translation>“%2”的%1已删除。</translation>
    </message>
    <message>
        <source>“%1” counts %2 as used now.</source>
        <translation>“%1”的已用量现在按 %2 计。</translation>
    </message>
    <message>
        <source>The correction of “%1” is taken back.</source>
        <translation>“%1”的校准已撤回。</translation>
    </message>
    <message>
        <source>A period of “%1” began now.</source>
        <translation>“%1”的计费周期从现在开始。</translation>
    </message>
    <message>
        <source>The period of “%1” is as if it had never been cut.</source>
        <translation>“%1”的计费周期已恢复原样。</translation>
    </message>
    <message>
        <source>“%1” is as it was before.</source>
        <translation>“%1”已恢复原样。</translation>
    </message>
    <message>
        <source>“%1” was not put back.</source>
        <translation>“%1”没有恢复。</translation>
    </message>
</context>
<context>
    <name>weir::gui::PolicyDelegate</name>
    <message>
        <source>Restore now: end the throttle</source>
        <translation>立即解除限速</translation>
    </message>
</context>
<context>
    <name>weir::gui::PolicyDialog</name>
    <message>
        <source>Switched on</source>
        <translation>启用</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Takes the %1 away; this can be undone</source>
        <translation>删除%1；可以撤销</translation>
    </message>
    <message>
        <source>It cannot be saved yet: %1</source>
        <translation>还不能保存：%1</translation>
    </message>
    <message>
        <source>Switched off: it keeps its values and does nothing.</source>
        <translation>已关闭：保留各项数值，但不起作用。</translation>
    </message>
    <message>
        <source>This watch was removed or renamed elsewhere meanwhile.</source>
        <translation>此监控项在此期间已在别处被删除或改名。</translation>
    </message>
    <message>
        <source>This watch was changed elsewhere meanwhile. It now reads as shown here: make your change again.</source>
        <translation>此监控项在此期间已在别处更改。这里显示的是现在的内容，请重新修改。</translation>
    </message>
    <message>
        <source>Waiting for the service. It may ask for a password.</source>
        <translation>正在等待服务应答，可能需要输入密码。</translation>
    </message>
    <message>
        <source>While the watch is paused, as it is now, nothing is in force.</source>
        <translation>监控项现在处于暂停状态，期间不生效。</translation>
    </message>
</context>
<context>
    <name>weir::gui::PolicySentences</name>
    <message>
        <source>last day</source>
        <comment>of a month</comment>
        <translation>最后一天</translation>
    </message>
    <message>
        <source>%1st</source>
        <comment>day of a month</comment>
        <translation> %1 日</translation>
    </message>
    <message>
        <source>%1nd</source>
        <comment>day of a month</comment>
        <translation> %1 日</translation>
    </message>
    <message>
        <source>%1rd</source>
        <comment>day of a month</comment>
        <translation> %1 日</translation>
    </message>
    <message>
        <source>%1th</source>
        <comment>day of a month</comment>
        <translation> %1 日</translation>
    </message>
    <message>
        <source>in, from the internet</source>
        <translation>互联网入站</translation>
    </message>
    <message>
        <source>in</source>
        <translation>入站</translation>
    </message>
    <message>
        <source>out, to the internet</source>
        <translation>互联网出站</translation>
    </message>
    <message>
        <source>out</source>
        <translation>出站</translation>
    </message>
    <message>
        <source>in or out, whichever is more, with the internet</source>
        <translation>互联网入站与出站取大者</translation>
    </message>
    <message>
        <source>in or out, whichever is more</source>
        <translation>入站与出站取大者</translation>
    </message>
    <message>
        <source>in and out, with the internet</source>
        <translation>互联网入站加出站</translation>
    </message>
    <message>
        <source>in and out</source>
        <translation>入站加出站</translation>
    </message>
    <message>
        <source>local traffic</source>
        <translation>本地流量</translation>
    </message>
    <message>
        <source>local traffic and port %1</source>
        <translation>本地流量和端口 %1</translation>
    </message>
    <message>
        <source>local traffic and ports %1</source>
        <translation>本地流量和端口 %1</translation>
    </message>
    <message>
        <source>port %1</source>
        <translation>端口 %1</translation>
    </message>
    <message>
        <source>ports %1</source>
        <translation>端口 %1</translation>
    </message>
    <message>
        <source>it is held to %1 in each direction until then.</source>
        <translation>到期之前每个方向限速 %1。</translation>
    </message>
    <message>
        <source>you are told, and nothing else happens.</source>
        <translation>只提醒您，不做其他处理。</translation>
    </message>
    <message>
        <source>everything it carries is blocked until then.</source>
        <translation>到期之前阻断其全部流量。</translation>
    </message>
    <message>
        <source>everything it carries is blocked until then, except %1.</source>
        <translation>到期之前阻断其全部流量，%1 除外。</translation>
    </message>
    <message>
        <source>ddd HH:mm</source>
        <comment>format of a day of the week and a time, see QDateTime::toString()</comment>
        <translation>ddd HH:mm</translation>
    </message>
    <message numerus="yes">
        <source>%Ln day(s)</source>
        <translation>
            <numerusform>%Ln 天</numerusform>
        </translation>
    </message>
    <message>
        <source>faster than %1 (%2), so it holds nothing back</source>
        <translation>高于 %1 的速度（%2），起不到限速作用</translation>
    </message>
    <message>
        <source>What “%1” receives is held to %2, what it sends to %3.</source>
        <translation>“%1”的下行限制为 %2，上行限制为 %3。</translation>
    </message>
    <message>
        <source>What “%1” receives is held to %2; what it sends is not limited.</source>
        <translation>“%1”的下行限制为 %2，上行不限。</translation>
    </message>
    <message>
        <source>What “%1” sends is held to %2; what it receives is not limited.</source>
        <translation>“%1”的上行限制为 %2，下行不限。</translation>
    </message>
    <message>
        <source>Connections live on.</source>
        <translation>已有连接不会断开。</translation>
    </message>
    <message>
        <source>This holds %1. Connections live on.</source>
        <translation>生效时间：%1。已有连接不会断开。</translation>
    </message>
    <message>
        <source>When “%1” has moved more than %2, %3, between the %4 of a month and the next, </source>
        <translation>当“%1”在每月%4至下月同日之间的流量（%3）超过 %2 时，</translation>
    </message>
    <message>
        <source>Each byte counts %1 times.</source>
        <translation>每个字节按 %1 倍计。</translation>
    </message>
    <message>
        <source>It tells at %1 %.</source>
        <translation>用到 %1 % 时提醒。</translation>
    </message>
    <message>
        <source>When “%1” receives more than %2 on average over %3, what it receives is held to %4 for %5; then exactly what was before applies again.</source>
        <translation>当“%1”的下行在 %3内平均超过 %2 时，将其下行限速到 %4，持续 %5；之后完全恢复原状。</translation>
    </message>
    <message>
        <source>When “%1” sends more than %2 on average over %3, what it sends is held to %4 for %5; then exactly what was before applies again.</source>
        <translation>当“%1”的上行在 %3内平均超过 %2 时，将其上行限速到 %4，持续 %5；之后完全恢复原状。</translation>
    </message>
    <message>
        <source>When “%1” moves more than %2, both directions together, on average over %3, each direction is held to %4 for %5; then exactly what was before applies again.</source>
        <translation>当“%1”的下行与上行之和在 %3内平均超过 %2 时，将每个方向限速到 %4，持续 %5；之后完全恢复原状。</translation>
    </message>
    <message>
        <source>So far %1 since %2, %3 %. %4.</source>
        <translation>自 %2 起已用 %1，占 %3 %。%4。</translation>
    </message>
    <message numerus="yes">
        <source>It is used up already: saving this cuts %Ln connection(s) at once.</source>
        <translation>
            <numerusform>配额已经用完：保存后将立即切断 %Ln 个连接。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Blocking cuts what is open then; now that would be %Ln connection(s).</source>
        <translation>
            <numerusform>阻断时会切断当时的连接；现在有 %Ln 个连接。</numerusform>
        </translation>
    </message>
    <message>
        <source>In the last %1 it would have throttled nothing.</source>
        <translation>过去 %1内不会触发限速。</translation>
    </message>
    <message numerus="yes">
        <source>In the last %1 it would have throttled %Ln time(s): %2.</source>
        <translation>
            <numerusform>过去 %1内会触发 %Ln 次限速：%2。</numerusform>
        </translation>
    </message>
    <message>
        <source>The history reaches back only %1.</source>
        <translation>历史记录只有最近 %1。</translation>
    </message>
    <message>
        <source>The history knows steps of %1: a window as short as this is not seen well.</source>
        <translation>历史记录的步长为 %1：这样短的时段看不准。</translation>
    </message>
</context>
<context>
    <name>weir::gui::PolicyTitles</name>
    <message>
        <source>none</source>
        <comment>limit</comment>
        <translation>无</translation>
    </message>
    <message>
        <source>%1 by the burst guard</source>
        <translation>%1，由突发保护限速</translation>
    </message>
    <message>
        <source>%1 by the quota</source>
        <translation>%1，由配额限速</translation>
    </message>
    <message>
        <source>%1, switched off</source>
        <translation>%1，已关闭</translation>
    </message>
    <message>
        <source>%1, not in force now</source>
        <translation>%1，现在不生效</translation>
    </message>
    <message>
        <source>none</source>
        <comment>quota or burst guard</comment>
        <translation>无</translation>
    </message>
    <message>
        <source>What the watch may receive at most per second</source>
        <translation>该监控项的最高下行速率</translation>
    </message>
    <message>
        <source>Limit down</source>
        <translation>下行限速</translation>
    </message>
    <message>
        <source>What the watch may send at most per second</source>
        <translation>该监控项的最高上行速率</translation>
    </message>
    <message>
        <source>Limit up</source>
        <translation>上行限速</translation>
    </message>
    <message>
        <source>What the watch has used of its allowance in this billing period</source>
        <translation>该监控项在本计费周期内的配额使用情况</translation>
    </message>
    <message>
        <source>Quota</source>
        <translation>流量配额</translation>
    </message>
    <message>
        <source>Whether the watch is throttled for a while when it moves too much</source>
        <translation>流量过大时是否暂时限速</translation>
    </message>
    <message>
        <source>Burst guard</source>
        <translation>突发保护</translation>
    </message>
</context>
<context>
    <name>weir::gui::PolicyWords</name>
    <message>
        <source>%1, not in force: the watch is paused.</source>
        <translation>%1，不生效：监控项已暂停。</translation>
    </message>
    <message>
        <source>%1, not in force now: it holds %2.</source>
        <translation>%1，现在不生效：生效时间为 %2。</translation>
    </message>
    <message>
        <source>%1, not in force now.</source>
        <translation>%1，现在不生效。</translation>
    </message>
    <message>
        <source>%1: burst guard, %2 left.</source>
        <translation>%1：突发保护，还剩 %2。</translation>
    </message>
    <message>
        <source>%1: the quota is used up, until %2.</source>
        <translation>%1：配额已用完，直到 %2。</translation>
    </message>
    <message>
        <source>%1: burst guard, %2 left; your own limit is %3.</source>
        <translation>%1：突发保护，还剩 %2；您设的限速为 %3。</translation>
    </message>
    <message>
        <source>%1: the quota is used up, until %2; your own limit is %3.</source>
        <translation>%1：配额已用完，直到 %2；您设的限速为 %3。</translation>
    </message>
    <message>
        <source>Blocked</source>
        <translation>已阻断</translation>
    </message>
    <message>
        <source>Throttled</source>
        <translation>已限速</translation>
    </message>
    <message>
        <source>Used up</source>
        <translation>已用完</translation>
    </message>
    <message>
        <source>Switched off: it is counted, but nothing happens at its end.</source>
        <translation>已关闭：仍在计量，但用完后不做任何处理。</translation>
    </message>
    <message>
        <source>Used up: blocked until %1.</source>
        <translation>已用完：阻断到 %1。</translation>
    </message>
    <message>
        <source>Used up: held to %1 until %2.</source>
        <translation>已用完：限速 %1，直到 %2。</translation>
    </message>
    <message>
        <source>Used up. It only tells: nothing is held back.</source>
        <translation>已用完。只提醒，不限制。</translation>
    </message>
    <message>
        <source>%1 remaining.</source>
        <translation>剩余 %1。</translation>
    </message>
    <message>
        <source>d MMM</source>
        <comment>format of a day and its month, see QDateTime::toString()</comment>
        <translation>M月d日</translation>
    </message>
    <message>
        <source>limit</source>
        <comment>within a sentence</comment>
        <translation>限速</translation>
    </message>
    <message>
        <source>quota</source>
        <comment>within a sentence</comment>
        <translation>流量配额</translation>
    </message>
    <message>
        <source>burst guard</source>
        <comment>within a sentence</comment>
        <translation>突发保护</translation>
    </message>
    <message>
        <source>What “%1” receives is not limited.</source>
        <translation>“%1”的下行不限速。</translation>
    </message>
    <message>
        <source>What “%1” sends is not limited.</source>
        <translation>“%1”的上行不限速。</translation>
    </message>
    <message>
        <source>%1, switched off.</source>
        <translation>%1，已关闭。</translation>
    </message>
    <message>
        <source>What “%1” receives is held to %2.</source>
        <translation>“%1”的下行限制为 %2。</translation>
    </message>
    <message>
        <source>What “%1” sends is held to %2.</source>
        <translation>“%1”的上行限制为 %2。</translation>
    </message>
    <message>
        <source>It holds %1.</source>
        <translation>生效时间：%1。</translation>
    </message>
    <message>
        <source>Not in force as it was set: %1</source>
        <translation>没有按设定生效：%1</translation>
    </message>
    <message>
        <source>Click or press F2 to change it, the box or Space to switch both directions.</source>
        <translation>单击或按 F2 修改；点方框或按空格同时开关两个方向。</translation>
    </message>
    <message>
        <source>Sent on: %1 in %2 packets</source>
        <translation>已转发：%1，%2 个数据包</translation>
    </message>
    <message>
        <source>Dropped: %1 packets</source>
        <translation>已丢弃：%1 个数据包</translation>
    </message>
    <message>
        <source>Waiting: %1, for %2 ms</source>
        <translation>排队：%1，%2 毫秒</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>bytes used of an allowance</comment>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Off, %1</source>
        <translation>已关闭，%1</translation>
    </message>
    <message>
        <source>“%1” has no quota. Double-click or press F2 to give it one.</source>
        <translation>“%1”没有流量配额。双击或按 F2 设定。</translation>
    </message>
    <message>
        <source>Used: %1, %2 %</source>
        <translation>已用：%1，%2 %</translation>
    </message>
    <message>
        <source>Period: %1 to %2</source>
        <translation>计费周期：%1 至 %2</translation>
    </message>
    <message>
        <source>This period was begun by hand.</source>
        <translation>本周期由手动开始。</translation>
    </message>
    <message>
        <source>Corrected to what the provider says.</source>
        <translation>已按服务商的数字校准。</translation>
    </message>
    <message>
        <source>If it goes on so: %1 at the end of the period</source>
        <translation>照此下去：周期结束时 %1</translation>
    </message>
    <message>
        <source>Dropped by the quota: down %1, up %2</source>
        <translation>被配额丢弃：下行 %1，上行 %2</translation>
    </message>
    <message>
        <source>Double-click or press F2 to change it.</source>
        <translation>双击或按 F2 修改。</translation>
    </message>
    <message>
        <source>Resets %1</source>
        <translation>%1重置</translation>
    </message>
    <message>
        <source>%1 · %2 at this pace</source>
        <comment>when it resets, and how many bytes it will be by then</comment>
        <translation>%1 · 预计 %2</translation>
    </message>
    <message>
        <source>Throttled, %1 left</source>
        <translation>已限速，还剩 %1</translation>
    </message>
    <message>
        <source>Armed</source>
        <translation>待命</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>已关闭</translation>
    </message>
    <message>
        <source>“%1” has no burst guard. Double-click or press F2 to give it one.</source>
        <translation>“%1”没有突发保护。双击或按 F2 设定。</translation>
    </message>
    <message>
        <source>Held to %1 since %2, %3 left. Then exactly what was before applies again.</source>
        <translation>自 %2 起限速 %1，还剩 %3。之后完全恢复原状。</translation>
    </message>
    <message>
        <source>On guard: the average of the last %1 is %2.</source>
        <translation>待命：最近 %1的平均速率为 %2。</translation>
    </message>
    <message>
        <source>Switched off.</source>
        <translation>已关闭。</translation>
    </message>
    <message>
        <source>Above %1 over %2 it is held to %3 for %4.</source>
        <translation>%2内平均超过 %1 时限速到 %3，持续 %4。</translation>
    </message>
    <message>
        <source>%1, %2 %</source>
        <comment>what happened, and the share that is used</comment>
        <translation>%1，%2 %</translation>
    </message>
    <message>
        <source>Blocked until %1</source>
        <translation>阻断到 %1</translation>
    </message>
    <message>
        <source>Throttled until %1</source>
        <translation>限速到 %1</translation>
    </message>
</context>
<context>
    <name>weir::gui::Problems</name>
    <message>
        <source>The service may not meter</source>
        <translation>服务没有计量权限</translation>
    </message>
    <message>
        <source>Run the service with the capabilities CAP_NET_ADMIN and CAP_BPF, as its systemd unit does.</source>
        <translation>请以 CAP_NET_ADMIN 和 CAP_BPF 能力运行服务，其 systemd 单元即如此配置。</translation>
    </message>
    <message>
        <source>The kernel did not take the meter</source>
        <translation>内核未接受计量程序</translation>
    </message>
    <message>
        <source>The meter needs Linux 5.15 or later with CONFIG_BPF_SYSCALL and CONFIG_NET_CLS_ACT; the kernel&apos;s log may say more.</source>
        <translation>计量需要 Linux 5.15 或更高版本，并启用 CONFIG_BPF_SYSCALL 和 CONFIG_NET_CLS_ACT；内核日志中可能有更多说明。</translation>
    </message>
    <message>
        <source>There is no place for the meter&apos;s maps</source>
        <translation>没有存放计量数据表的位置</translation>
    </message>
    <message>
        <source>Mount a BPF file system (mount -t bpf bpf /sys/fs/bpf) that the service may write to.</source>
        <translation>请挂载一个服务可写的 BPF 文件系统（mount -t bpf bpf /sys/fs/bpf）。</translation>
    </message>
    <message>
        <source>A link is not metered</source>
        <translation>有链路未被计量</translation>
    </message>
    <message>
        <source>Remove what keeps the meter off %1, or do not meter it.</source>
        <translation>请移除妨碍计量 %1 的因素，或不计量该链路。</translation>
    </message>
    <message>
        <source>A link may be metered in part only</source>
        <translation>有链路可能只计量了一部分</translation>
    </message>
    <message>
        <source>Give the other filter on %1 a later priority, so that the meter can have the first.</source>
        <translation>请把 %1 上另一个过滤器的优先级调后，让计量程序排在最前。</translation>
    </message>
    <message>
        <source>The table of connections is full</source>
        <translation>连接表已满</translation>
    </message>
    <message>
        <source>Connections that end make room by themselves. Links and watches are not affected.</source>
        <translation>连接结束后会自动腾出空间。链路和监控项不受影响。</translation>
    </message>
    <message>
        <source>Some forwarded packets were counted twice</source>
        <translation>部分转发的数据包被重复计算</translation>
    </message>
    <message>
        <source>Use fewer overlapping watches on a machine that forwards.</source>
        <translation>在转发流量的机器上，请减少相互重叠的监控项。</translation>
    </message>
    <message>
        <source>The meter and the link disagree</source>
        <translation>计量结果与链路不一致</translation>
    </message>
    <message>
        <source>Look for hardware offload and for drops in the queue of %1. The link&apos;s total is right.</source>
        <translation>请检查 %1 的硬件卸载和队列丢包。链路的总量是正确的。</translation>
    </message>
    <message>
        <source>The kernel&apos;s counters cannot be read</source>
        <translation>无法读取内核计数器</translation>
    </message>
    <message>
        <source>What is metered does not follow the links</source>
        <translation>计量未能跟上链路的变化</translation>
    </message>
    <message>
        <source>It is tried again with the next change of a link.</source>
        <translation>下次链路变化时会再次尝试。</translation>
    </message>
    <message>
        <source>Watches of ports count nothing</source>
        <translation>端口监控项没有在计量</translation>
    </message>
    <message>
        <source>It is tried again each second.</source>
        <translation>每秒会再次尝试。</translation>
    </message>
    <message>
        <source>A watch counts nothing</source>
        <translation>有监控项没有在计量</translation>
    </message>
    <message>
        <source>Let %1 be metered, or watch a link that is. A link that is not there counts when it appears.</source>
        <translation>请将 %1 设为计量，或改为监控已计量的链路。尚不存在的链路会在出现后开始计量。</translation>
    </message>
    <message>
        <source>Totals cannot be stored</source>
        <translation>无法保存总量</translation>
    </message>
    <message>
        <source>Make room or mend the disk; it is tried again by itself. Watches cannot be changed until then.</source>
        <translation>请腾出空间或修复磁盘，之后会自动重试。在此之前无法修改监控项。</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>Notice</source>
        <translation>提示</translation>
    </message>
</context>
<context>
    <name>weir::gui::ProblemsButton</name>
    <message>
        <source>%1 · since %2</source>
        <translation>%1 · 自 %2</translation>
    </message>
    <message>
        <source>What to do: %1</source>
        <translation>处理办法：%1</translation>
    </message>
    <message>
        <source>What is wrong or missing now, and what to do about it</source>
        <translation>当前存在的问题及其处理办法</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>问题</translation>
    </message>
    <message numerus="yes">
        <source>%Ln problem(s)</source>
        <translation>
            <numerusform>%Ln 个问题</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::QuantityWords</name>
    <message>
        <source>such as 20 Mbit/s or 2.5 MB/s</source>
        <translation>例如 20 Mbit/s 或 2.5 MB/s</translation>
    </message>
    <message>
        <source>such as 100 GB or 1.5 TB</source>
        <translation>例如 100 GB 或 1.5 TB</translation>
    </message>
    <message>
        <source>such as 15 min or 1 h 30 min</source>
        <translation>例如 15 min 或 1 h 30 min</translation>
    </message>
    <message>
        <source>Type a number with its unit, %1.</source>
        <translation>请填写带单位的数字，%1。</translation>
    </message>
    <message>
        <source>“%1” has no unit: write it %2.</source>
        <translation>“%1”没有单位：请填写，%2。</translation>
    </message>
    <message>
        <source>“%1” is not understood: write a number with its unit, %2.</source>
        <translation>无法识别“%1”：请填写带单位的数字，%2。</translation>
    </message>
    <message>
        <source>At most 1000 PB.</source>
        <translation>最多 1000 PB。</translation>
    </message>
    <message>
        <source>At least 1 byte and at most 9 EB.</source>
        <translation>至少 1 字节，最多 9 EB。</translation>
    </message>
    <message>
        <source>It must be %1 to %2.</source>
        <translation>必须在 %1 到 %2 之间。</translation>
    </message>
    <message>
        <source>none</source>
        <comment>no limit, as one types it</comment>
        <translation>无</translation>
    </message>
    <message>
        <source>No limit in this direction</source>
        <translation>此方向不限速</translation>
    </message>
</context>
<context>
    <name>weir::gui::QuotaCard</name>
    <message>
        <source>Quotas</source>
        <translation>流量配额</translation>
    </message>
    <message>
        <source>The quotas of which the largest part is used. The light part of a bar is where it will be at the end of the period if it goes on so.</source>
        <translation>使用比例最高的配额。条形的浅色部分是照此下去到周期结束时的用量。</translation>
    </message>
    <message numerus="yes">
        <source>and %Ln more</source>
        <translation>
            <numerusform>还有 %Ln 个</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>weir::gui::QuotaDialog</name>
    <message>
        <source>Quota of “%1”</source>
        <translation>“%1”的流量配额</translation>
    </message>
    <message>
        <source>Stands at</source>
        <translation>目前</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>额度</translation>
    </message>
    <message>
        <source>For example: 100 GB</source>
        <translation>例如：100 GB</translation>
    </message>
    <message>
        <source>Directions that count</source>
        <translation>计费方向</translation>
    </message>
    <message>
        <source>In and out together</source>
        <translation>入站加出站</translation>
    </message>
    <message>
        <source>In only</source>
        <translation>仅入站</translation>
    </message>
    <message>
        <source>Out only</source>
        <translation>仅出站</translation>
    </message>
    <message>
        <source>The larger of in and out</source>
        <translation>入站与出站取大者</translation>
    </message>
    <message>
        <source>Traffic that counts</source>
        <translation>计费范围</translation>
    </message>
    <message>
        <source>All traffic</source>
        <translation>全部流量</translation>
    </message>
    <message>
        <source>Internet only</source>
        <translation>仅互联网</translation>
    </message>
    <message>
        <source>Reset day</source>
        <translation>重置日</translation>
    </message>
    <message>
        <source>Day %1 of the month</source>
        <translation>每月 %1 日</translation>
    </message>
    <message>
        <source>Last day of the month</source>
        <translation>每月最后一天</translation>
    </message>
    <message>
        <source>At midnight on this machine&apos;s clocks; in months without that day, on their last day.</source>
        <translation>按本机时钟的零点；没有这一天的月份取最后一天。</translation>
    </message>
    <message>
        <source>Factor</source>
        <translation>倍率</translation>
    </message>
    <message>
        <source>What a byte counts: 1 as a rule, 0.01 to 100.</source>
        <translation>一个字节按多少计：通常为 1，可为 0.01 到 100。</translation>
    </message>
    <message>
        <source>Alerts</source>
        <translation>提醒</translation>
    </message>
    <message>
        <source>never</source>
        <translation>从不</translation>
    </message>
    <message>
        <source>Percents of the quota, separated by commas</source>
        <translation>配额的百分比，用逗号隔开</translation>
    </message>
    <message>
        <source>Counts</source>
        <translation>计费</translation>
    </message>
    <message>
        <source>Resets on</source>
        <translation>重置日</translation>
    </message>
    <message>
        <source>Tell at</source>
        <translation>提醒于</translation>
    </message>
    <message>
        <source>Only tell</source>
        <translation>只提醒</translation>
    </message>
    <message>
        <source>Throttle</source>
        <translation>限速</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>阻断</translation>
    </message>
    <message>
        <source>Throttle to</source>
        <translation>限速到</translation>
    </message>
    <message>
        <source>For example: 1 Mbit/s</source>
        <translation>例如：1 Mbit/s</translation>
    </message>
    <message>
        <source>Local traffic</source>
        <translation>本地流量</translation>
    </message>
    <message>
        <source>SSH, port 22</source>
        <translation>SSH，端口 22</translation>
    </message>
    <message>
        <source>Other ports that are let through</source>
        <translation>放行的其他端口</translation>
    </message>
    <message>
        <source>Other ports: 8000, 9000-9100</source>
        <translation>其他端口：8000, 9000-9100</translation>
    </message>
    <message>
        <source>Let through:</source>
        <translation>放行：</translation>
    </message>
    <message>
        <source>At its end</source>
        <translation>用完后</translation>
    </message>
    <message>
        <source>My provider says</source>
        <translation>服务商显示</translation>
    </message>
    <message>
        <source>For example: 41.2 GB</source>
        <translation>例如：41.2 GB</translation>
    </message>
    <message>
        <source>Correct it</source>
        <translation>校准</translation>
    </message>
    <message>
        <source>Counts this much as used in this period, at once; the next period is not touched.</source>
        <translation>立即将本周期的已用量记为此数；不影响下一周期。</translation>
    </message>
    <message>
        <source>Take the correction back</source>
        <translation>撤回校准</translation>
    </message>
    <message>
        <source>Begin the period now</source>
        <translation>现在开始新周期</translation>
    </message>
    <message>
        <source>Counts from zero, at once; the next period begins on the reset day as ever.</source>
        <translation>立即从零开始计；下一周期仍从重置日开始。</translation>
    </message>
    <message>
        <source>Take the beginning back</source>
        <translation>撤回新周期</translation>
    </message>
    <message>
        <source>Period</source>
        <translation>计费周期</translation>
    </message>
    <message>
        <source>The factor must be a number from 0.01 to 100.</source>
        <translation>倍率必须是 0.01 到 100 的数字。</translation>
    </message>
    <message>
        <source>Alerts are at most %1 percents from 1 to %2.</source>
        <translation>提醒最多 %1 个百分比，每个为 1 到 %2。</translation>
    </message>
    <message>
        <source>Size: %1</source>
        <translation>额度：%1</translation>
    </message>
    <message>
        <source>Throttle: %1</source>
        <translation>限速：%1</translation>
    </message>
    <message>
        <source>No preview: %1</source>
        <translation>无法预览：%1</translation>
    </message>
</context>
<context>
    <name>weir::gui::QuotaRow</name>
    <message>
        <source>%1: %2 used, %3 %; %4</source>
        <translation>%1：已用 %2，%3 %；%4</translation>
    </message>
    <message>
        <source>%1 %</source>
        <comment>share of a quota that is used</comment>
        <translation>%1 %</translation>
    </message>
</context>
<context>
    <name>weir::gui::RateChart</name>
    <message>
        <source>%1 s ago</source>
        <translation>%1 秒前</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>%1: not measured</source>
        <translation>%1：未测量</translation>
    </message>
    <message>
        <source>%1: down %2, up %3</source>
        <translation>%1：下行 %2，上行 %3</translation>
    </message>
</context>
<context>
    <name>weir::gui::RateLabel</name>
    <message>
        <source>Down: received by this machine</source>
        <translation>下行：本机接收</translation>
    </message>
    <message>
        <source>Up: sent by this machine</source>
        <translation>上行：本机发送</translation>
    </message>
    <message>
        <source>Down %1</source>
        <translation>下行 %1</translation>
    </message>
    <message>
        <source>Up %1</source>
        <translation>上行 %1</translation>
    </message>
</context>
<context>
    <name>weir::gui::RemotesList</name>
    <message>
        <source>Top remotes</source>
        <translation>流量最大的远端</translation>
    </message>
    <message>
        <source>The remote addresses with most bytes of the whole range, which is widened to full hours; internet and local. The 50 largest of each hour are kept, the rest stands under “All others”.</source>
        <translation>整个时间范围（扩展到整点）内字节数最多的远端地址，包括互联网和本地。每小时保留最大的 50 个，其余归入“所有其他”。</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>复制地址</translation>
    </message>
    <message>
        <source>No remotes</source>
        <translation>没有远端</translation>
    </message>
    <message>
        <source>Nothing was counted in this range.</source>
        <translation>此时间范围内没有计到任何流量。</translation>
    </message>
</context>
<context>
    <name>weir::gui::RemotesModel</name>
    <message>
        <source>All others</source>
        <translation>所有其他</translation>
    </message>
    <message>
        <source>%1
Down: %2
Up: %3
Together %4 of what all remotes had in this range</source>
        <translation>%1
下行：%2
上行：%3
合计占此时间范围内所有远端流量的 %4</translation>
    </message>
    <message>
        <source>Remote</source>
        <translation>远端</translation>
    </message>
    <message>
        <source>Address of the other end</source>
        <translation>对端的地址</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>占比</translation>
    </message>
    <message>
        <source>Part of the bytes of all remotes; the bar is divided into down and up</source>
        <translation>占所有远端字节数的比例；条形分为下行和上行</translation>
    </message>
    <message>
        <source>Total</source>
        <translation>总计</translation>
    </message>
    <message>
        <source>Received from it and sent to it in this range</source>
        <translation>此时间范围内从它接收和向它发送的流量</translation>
    </message>
</context>
<context>
    <name>weir::gui::ReportActions</name>
    <message>
        <source>Save a report</source>
        <translation>保存报告</translation>
    </message>
    <message>
        <source>Page, to read (*.html)</source>
        <translation>网页，便于阅读 (*.html)</translation>
    </message>
    <message>
        <source>Text (*.txt)</source>
        <translation>文本 (*.txt)</translation>
    </message>
    <message>
        <source>Table, for spreadsheets (*.csv)</source>
        <translation>表格，用于电子表格 (*.csv)</translation>
    </message>
    <message>
        <source>JSON, for programs (*.json)</source>
        <translation>JSON，供程序使用 (*.json)</translation>
    </message>
    <message>
        <source>The report was not written. %1</source>
        <translation>报告未写入。%1</translation>
    </message>
    <message>
        <source>The report is in “%1”.</source>
        <translation>报告已保存到“%1”。</translation>
    </message>
    <message>
        <source>“%1” cannot be written: %2</source>
        <translation>无法写入“%1”：%2</translation>
    </message>
</context>
<context>
    <name>weir::gui::SeriesPicker</name>
    <message>
        <source>Find by name</source>
        <translation>按名称查找</translation>
    </message>
    <message>
        <source>What to show</source>
        <translation>要显示的内容</translation>
    </message>
    <message>
        <source>Nothing to show yet</source>
        <translation>尚无可显示的内容</translation>
    </message>
    <message>
        <source>Click to choose another link, watch or service.</source>
        <translation>点击可选择其他链路、监控项或服务。</translation>
    </message>
    <message>
        <source>Shown: %1</source>
        <translation>当前显示：%1</translation>
    </message>
</context>
<context>
    <name>weir::gui::TotalsLabel</name>
    <message>
        <source>%1: down %2, up %3</source>
        <translation>%1：下行 %2，上行 %3</translation>
    </message>
    <message>
        <source>%1: not known</source>
        <translation>%1：未知</translation>
    </message>
</context>
<context>
    <name>weir::gui::WatchActions</name>
    <message>
        <source>port %1</source>
        <translation>端口 %1</translation>
    </message>
    <message>
        <source>“%1” was not resumed.</source>
        <translation>“%1”未能继续。</translation>
    </message>
    <message>
        <source>“%1” was not paused.</source>
        <translation>“%1”未能暂停。</translation>
    </message>
    <message>
        <source>Resumed %L1 of %L2 watches.</source>
        <translation>%L2 个监控项中已继续 %L1 个。</translation>
    </message>
    <message>
        <source>Paused %L1 of %L2 watches.</source>
        <translation>%L2 个监控项中已暂停 %L1 个。</translation>
    </message>
    <message>
        <source>“%1” was not removed.</source>
        <translation>“%1”未能移除。</translation>
    </message>
    <message>
        <source>Removed %L1 of %L2 watches.</source>
        <translation>%L2 个监控项中已移除 %L1 个。</translation>
    </message>
    <message>
        <source>“%1” was not brought back.</source>
        <translation>“%1”未能恢复。</translation>
    </message>
    <message>
        <source>Brought back %L1 of %L2 watches.</source>
        <translation>%L2 个监控项中已恢复 %L1 个。</translation>
    </message>
</context>
<context>
    <name>weir::gui::WatchDialog</name>
    <message>
        <source>Add a watch</source>
        <translation>添加监控项</translation>
    </message>
    <message>
        <source>Edit “%1”</source>
        <translation>编辑“%1”</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>For example: web</source>
        <translation>例如：网站</translation>
    </message>
    <message>
        <source>Ports of this machine</source>
        <translation>本机端口</translation>
    </message>
    <message>
        <source>A whole link</source>
        <translation>整条链路</translation>
    </message>
    <message>
        <source>Ports</source>
        <translation>端口</translation>
    </message>
    <message>
        <source>Ports and ranges of this machine&apos;s side, separated by commas or spaces. Received packets count by their destination port, sent ones by their source port.</source>
        <translation>本机一侧的端口和端口范围，用逗号或空格分隔。接收的数据包按目的端口计，发送的按源端口计。</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>协议</translation>
    </message>
    <message>
        <source>TCP and UDP</source>
        <translation>TCP 和 UDP</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>链路</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>What it is for, whose it is… (optional)</source>
        <translation>用途、归属…（可选）</translation>
    </message>
    <message>
        <source>Counts</source>
        <translation>统计对象</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>%1 (not there now)</source>
        <translation>%1（当前不存在）</translation>
    </message>
    <message>
        <source>%1 — %2</source>
        <translation>%1 — %2</translation>
    </message>
    <message>
        <source>%1 — %2, not metered</source>
        <translation>%1 — %2，未计量</translation>
    </message>
    <message>
        <source>At most %1 characters; these are %2.</source>
        <translation>最多 %1 个字符，当前为 %2 个。</translation>
    </message>
    <message>
        <source>Control characters cannot be part of a name.</source>
        <translation>名称中不能有控制字符。</translation>
    </message>
    <message>
        <source>There is a watch of this name already.</source>
        <translation>已有同名的监控项。</translation>
    </message>
    <message>
        <source>There is a watch of this name already. Choose another name.</source>
        <translation>已有同名的监控项，请换一个名称。</translation>
    </message>
    <message>
        <source>This watch was removed or renamed elsewhere meanwhile.</source>
        <translation>此监控项刚刚在别处被移除或改名。</translation>
    </message>
    <message>
        <source>This watch was changed elsewhere meanwhile. It now reads as shown here: make your change again.</source>
        <translation>此监控项刚刚在别处被修改。这里显示的是最新内容，请重新修改。</translation>
    </message>
    <message>
        <source>Waiting for the service. It may ask for a password.</source>
        <translation>正在等待服务，可能会要求输入密码。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln port(s): %1</source>
        <translation>
            <numerusform>%Ln 个端口：%1</numerusform>
        </translation>
    </message>
    <message>
        <source>A service</source>
        <translation>一个服务</translation>
    </message>
    <message>
        <source>Service</source>
        <translation>服务</translation>
    </message>
    <message>
        <source>A systemd unit, an application or a container. All that its programs move counts, on any port and in any protocol: of a proxy both legs.</source>
        <translation>systemd 单元、应用程序或容器。统计其程序收发的全部流量，不限端口和协议；代理的两侧流量都计入。</translation>
    </message>
    <message>
        <source>This service has sent and received nothing yet; it is counted when it does.</source>
        <translation>此服务尚未收发任何流量；一旦收发即开始统计。</translation>
    </message>
</context>
<context>
    <name>weir::gui::WatchModel</name>
    <message>
        <source>Counting</source>
        <translation>计量中</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>The part of “%1” whose other end is outside this machine&apos;s local networks, since %2.</source>
        <translation>“%1”自 %2 以来对端在本机本地网络之外的部分。</translation>
    </message>
    <message>
        <source>Rate of “%1” in the last second, everything it counts.</source>
        <translation>“%1”最近一秒的速率，包括它统计的全部流量。</translation>
    </message>
    <message>
        <source>Connections of “%1” now: TCP until closed, others until 60 seconds after their last packet.</source>
        <translation>“%1”当前的连接：TCP 至关闭为止，其他至最后一个数据包之后 60 秒为止。</translation>
    </message>
    <message>
        <source>Counting since %1.</source>
        <translation>自 %1 开始计量。</translation>
    </message>
    <message>
        <source>Paused: nothing is counted until it is resumed.</source>
        <translation>已暂停：继续之前不统计任何流量。</translation>
    </message>
    <message>
        <source>Name of the watch</source>
        <translation>监控项的名称</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Ports of this machine, the link or the service that the watch counts</source>
        <translation>该监控项计量的本机端口、链路或服务</translation>
    </message>
    <message>
        <source>Counts</source>
        <translation>统计对象</translation>
    </message>
    <message>
        <source>Protocols that the watch counts</source>
        <translation>监控项统计的协议</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>协议</translation>
    </message>
    <message>
        <source>Connections now</source>
        <translation>当前连接数</translation>
    </message>
    <message>
        <source>Conn.</source>
        <comment>column: connections now</comment>
        <translation>连接</translation>
    </message>
    <message>
        <source>Received per second, now</source>
        <translation>当前每秒接收</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>下行</translation>
    </message>
    <message>
        <source>Sent per second, now</source>
        <translation>当前每秒发送</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>上行</translation>
    </message>
    <message>
        <source>Received since the watch was created</source>
        <translation>监控项创建以来接收的总量</translation>
    </message>
    <message>
        <source>Total down</source>
        <translation>下行总量</translation>
    </message>
    <message>
        <source>Sent since the watch was created</source>
        <translation>监控项创建以来发送的总量</translation>
    </message>
    <message>
        <source>Total up</source>
        <translation>上行总量</translation>
    </message>
    <message>
        <source>Received from the internet since the watch was created</source>
        <translation>监控项创建以来从互联网接收的总量</translation>
    </message>
    <message>
        <source>Internet down</source>
        <translation>互联网下行</translation>
    </message>
    <message>
        <source>Sent to the internet since the watch was created</source>
        <translation>监控项创建以来向互联网发送的总量</translation>
    </message>
    <message>
        <source>Internet up</source>
        <translation>互联网上行</translation>
    </message>
    <message>
        <source>Your note</source>
        <translation>您的备注</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Whether the watch counts</source>
        <translation>监控项是否在统计</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
</context>
<context>
    <name>weir::gui::WatchesPage</name>
    <message>
        <source>Find a watch by name, port, link, service or note</source>
        <translation>按名称、端口、链路、服务或备注查找监控项</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Add a watch…</source>
        <translation>添加监控项…</translation>
    </message>
    <message>
        <source>Edit…</source>
        <translation>编辑…</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Show its connections</source>
        <translation>查看它的连接</translation>
    </message>
    <message>
        <source>Watches</source>
        <translation>监控项</translation>
    </message>
    <message>
        <source>Nothing is watched yet</source>
        <translation>还没有监控项</translation>
    </message>
    <message>
        <source>A watch counts ports that you name, such as 443 for a web server, or a whole link: bytes, rates and connections, from the moment you add it.</source>
        <translation>监控项统计您指定的端口（例如网站服务器的 443）或整条链路：从添加时起的字节数、速率和连接。</translation>
    </message>
    <message>
        <source>No watch matches</source>
        <translation>没有匹配的监控项</translation>
    </message>
    <message>
        <source>Nothing has “%1” in its name, ports, link or note.</source>
        <translation>名称、端口、链路和备注中都没有“%1”。</translation>
    </message>
    <message>
        <source>Clear the filter</source>
        <translation>清除筛选</translation>
    </message>
    <message numerus="yes">
        <source>%Ln watch(es)</source>
        <translation>
            <numerusform>%Ln 个监控项</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %Ln watch(es)</source>
        <translation>
            <numerusform>%Ln 个监控项中的 %1 个</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing heard yet</source>
        <translation>尚无数据</translation>
    </message>
    <message>
        <source>Watches appear here as soon as the service tells of them.</source>
        <translation>服务送来数据后，监控项就会显示在这里。</translation>
    </message>
    <message>
        <source>Limit…</source>
        <translation>限速…</translation>
    </message>
    <message>
        <source>Quota…</source>
        <translation>流量配额…</translation>
    </message>
    <message>
        <source>Burst guard…</source>
        <translation>突发保护…</translation>
    </message>
    <message>
        <source>Restore now</source>
        <translation>立即解除限速</translation>
    </message>
    <message>
        <source>Ends the throttle of the burst guard</source>
        <translation>结束突发保护的限速</translation>
    </message>
</context>
<context>
    <name>weir::gui::Words</name>
    <message>
        <source>Ethernet</source>
        <translation>以太网</translation>
    </message>
    <message>
        <source>Wi-Fi</source>
        <translation>Wi-Fi</translation>
    </message>
    <message>
        <source>PPP</source>
        <translation>PPP 拨号</translation>
    </message>
    <message>
        <source>Tunnel</source>
        <translation>隧道</translation>
    </message>
    <message>
        <source>WireGuard</source>
        <translation>WireGuard</translation>
    </message>
    <message>
        <source>Bridge</source>
        <translation>网桥</translation>
    </message>
    <message>
        <source>Bond</source>
        <translation>聚合链路</translation>
    </message>
    <message>
        <source>VLAN</source>
        <translation>VLAN</translation>
    </message>
    <message>
        <source>Virtual Ethernet</source>
        <translation>虚拟以太网</translation>
    </message>
    <message>
        <source>Loopback</source>
        <translation>环回</translation>
    </message>
    <message>
        <source>Other kind</source>
        <translation>其他类型</translation>
    </message>
    <message>
        <source>its packets are counted on %1</source>
        <translation>其数据包在 %1 上统计</translation>
    </message>
    <message>
        <source>the loopback is metered only when asked for</source>
        <translation>环回接口仅在指定时才计量</translation>
    </message>
    <message>
        <source>it is down</source>
        <translation>已断开</translation>
    </message>
    <message>
        <source>it is virtual: what leaves this machine is counted on the links below it</source>
        <translation>虚拟链路：离开本机的流量在其下层链路上统计</translation>
    </message>
    <message>
        <source>it is not among the links chosen in the settings</source>
        <translation>不在设置所选的链路之中</translation>
    </message>
    <message>
        <source>TCP, UDP</source>
        <translation>TCP、UDP</translation>
    </message>
    <message>
        <source>Opening</source>
        <translation>建立中</translation>
    </message>
    <message>
        <source>Established</source>
        <translation>已建立</translation>
    </message>
    <message>
        <source>Closing</source>
        <translation>关闭中</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>已关闭</translation>
    </message>
    <message>
        <source>Active</source>
        <translation>活动</translation>
    </message>
    <message>
        <source>Idle</source>
        <translation>空闲</translation>
    </message>
    <message>
        <source>Internet</source>
        <translation>互联网</translation>
    </message>
    <message>
        <source>Local</source>
        <translation>本地</translation>
    </message>
    <message>
        <source>Down: %1 in %2 packets</source>
        <translation>下行：%1，%2 个数据包</translation>
    </message>
    <message>
        <source>Up: %1 in %2 packets</source>
        <translation>上行：%1，%2 个数据包</translation>
    </message>
    <message>
        <source>Type ports or ranges, such as 8000, 9000-9100.</source>
        <translation>请输入端口或端口范围，例如 8000, 9000-9100。</translation>
    </message>
    <message>
        <source>“%1” is not a port or a range. Write numbers, such as 8000 or 9000-9100.</source>
        <translation>“%1”不是端口或端口范围。请输入数字，例如 8000 或 9000-9100。</translation>
    </message>
    <message>
        <source>“%1” is out of range: ports are 1 to 65535.</source>
        <translation>“%1”超出范围：端口为 1 到 65535。</translation>
    </message>
    <message>
        <source>“%1” runs backwards: write the lower port first.</source>
        <translation>“%1”顺序颠倒：请先写较小的端口。</translation>
    </message>
    <message>
        <source>More than %1 pieces in one list. Join ports into ranges or make two watches.</source>
        <translation>一个列表中超过 %1 段。请合并为端口范围，或分成两个监控项。</translation>
    </message>
    <message>
        <source>The Weir service is not running, so nothing was changed.</source>
        <translation>Weir 服务没有运行，未作任何修改。</translation>
    </message>
    <message>
        <source>You are not allowed to do this, or nobody could be asked for a password here. An administrator may: see the lock at the top.</source>
        <translation>您无权执行此操作，或者此处无法要求输入密码。管理员可以执行：请看顶部的锁。</translation>
    </message>
    <message>
        <source>The service did not accept a value.</source>
        <translation>服务不接受其中的某个值。</translation>
    </message>
    <message>
        <source>It is no longer there.</source>
        <translation>它已不存在。</translation>
    </message>
    <message>
        <source>It was changed meanwhile, or the name is in use.</source>
        <translation>它刚刚被修改过，或名称已被占用。</translation>
    </message>
    <message>
        <source>There are too many.</source>
        <translation>数量过多。</translation>
    </message>
    <message>
        <source>The kernel refused.</source>
        <translation>内核拒绝了请求。</translation>
    </message>
    <message>
        <source>This machine cannot do that.</source>
        <translation>本机不支持此操作。</translation>
    </message>
    <message>
        <source>It could not be stored.</source>
        <translation>无法保存。</translation>
    </message>
    <message>
        <source>(The service says: %1)</source>
        <translation>（服务的说明：%1）</translation>
    </message>
    <message>
        <source>It did not work. (The service says: %1)</source>
        <translation>操作未成功。（服务的说明：%1）</translation>
    </message>
    <message>
        <source>Everything that crossed %1 since %2, whole frames as on the wire:
internet + local + what is not IP.</source>
        <translation>自 %2 以来经过 %1 的全部流量，按线路上的完整帧计算：
互联网 + 本地 + 非 IP。</translation>
    </message>
    <message>
        <source>It includes what passed while Weir was not running, which could not be divided into internet and local:</source>
        <translation>其中包括 Weir 未运行时通过的流量，这部分无法区分互联网和本地：</translation>
    </message>
    <message>
        <source>The part of %1 with an end outside this machine&apos;s local networks, since %2.</source>
        <translation>%1 自 %2 以来有一端在本机本地网络之外的部分。</translation>
    </message>
    <message>
        <source>The part of %1 whose ends are both inside this machine&apos;s local networks, since %2.</source>
        <translation>%1 自 %2 以来两端都在本机本地网络之内的部分。</translation>
    </message>
    <message>
        <source>Everything that “%1” counted since %2, whole frames as on the wire.
While it was paused nothing was counted.</source>
        <translation>“%1”自 %2 以来统计的全部流量，按线路上的完整帧计算。
暂停期间不统计。</translation>
    </message>
    <message>
        <source>d MMM yyyy HH:mm</source>
        <comment>format of a date with its time, see QDateTime::toString()</comment>
        <translation>yyyy年M月d日 HH:mm</translation>
    </message>
</context>
</TS>
