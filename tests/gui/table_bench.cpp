// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/data_table.h"
#include "app/gui/flow_model.h"
#include "app/gui/history_chart.h"
#include "app/gui/language.h"
#include "tests/gui/rows.h"

#include <QApplication>
#include <QScrollBar>

#include <cstdio>
#include <ctime>
#include <functional>

using namespace weir;

namespace {

constexpr int kRows = 5000;

dbus::FlowRows flows(qulonglong firstId, int count, quint32 seed)
{
    dbus::FlowRows rows;
    for (int i = 0; i < count; ++i) {
        seed = seed * 1664525 + 1013904223;
        dbus::FlowRow row =
            test::flowRow(firstId + qulonglong(i),
                          i % 4 == 0 ? QStringLiteral("2001:db8::%1").arg(seed >> 20, 0, 16)
                                     : QStringLiteral("203.0.%1.%2").arg(seed >> 24).arg(i % 250),
                          {true, double(seed >> 8), double(seed & 0xffff)});
        row.total.rxBytes = seed;
        rows.append(row);
    }
    return rows;
}

/// Processor time of the program in milliseconds: the same however busy the machine is.
double now()
{
    return double(std::clock()) * 1000 / CLOCKS_PER_SEC;
}

/// Milliseconds of the longest of `count` runs of `step`, each with a repaint of the whole table.
double longest(gui::DataTable &table, int count, const std::function<void(int)> &step)
{
    double worst = 0;
    for (int i = 0; i < count; ++i) {
        const double begin = now();
        step(i);
        table.viewport()->repaint();
        worst = std::max(worst, now() - begin);
    }
    return worst;
}

/// Milliseconds of the longest of some drawings of a chart of `steps` steps, all anew.
double longestDrawing(int steps, gui::Step step, qint64 stepS)
{
    gui::HistoryChart chart;
    chart.resize(1100, 420);
    chart.show();
    QCoreApplication::processEvents();
    constexpr qint64 kFrom = 1'767'225'600; // 2026-01-01
    double worst = 0;
    for (int run = 0; run < 10; ++run) {
        dbus::HistoryRows rows;
        for (int i = 0; i < steps; ++i) {
            const qulonglong bytes = qulonglong((i + run) * 7919 % 1000) * 1'000'000;
            rows.append(test::historyRow(kFrom + i * stepS, kFrom + (i + 1) * stepS, bytes, bytes / 3));
        }
        const double begin = now();
        chart.setRows(rows, step, QTimeZone::utc(), kFrom + steps * stepS);
        chart.viewport()->repaint();
        worst = std::max(worst, now() - begin);
    }
    return worst;
}

} // namespace

/// How long the connection table with 5,000 rows and charts of history stall the window. Prints milliseconds; the
/// budget is 50.
int main(int argc, char *argv[])
{
    QApplication application(argc, argv);
    gui::initResources();
    gui::setLanguage(QLocale(QLocale::English));
    gui::FlowModel model;
    gui::DataTable table;
    table.setModel(&model);
    table.resize(1280, 800);
    table.show();
    application.processEvents();
    const double begin = now();
    model.applyFrame(true, 1000, flows(0, kRows, 1), {});
    application.processEvents();
    std::printf("first frame of %d rows: %.1f ms\n", kRows, now() - begin);
    std::printf("sort by any column: %.1f ms\n", longest(table, 2 * gui::FlowModel::ColumnCount, [&](int i) {
                    table.sortByColumn(i / 2, i % 2 == 0 ? Qt::AscendingOrder : Qt::DescendingOrder);
                }));
    std::printf("scroll: %.1f ms\n", longest(table, 200, [&](int i) {
                    table.verticalScrollBar()->setValue(table.verticalScrollBar()->maximum() * i / 200);
                }));
    table.sortByColumn(gui::FlowModel::Down, Qt::DescendingOrder);
    std::printf("frame, all %d changed, 500 new, 500 gone: %.1f ms\n", kRows, longest(table, 10, [&](int i) {
                    QList<qulonglong> gone;
                    for (int id = 0; id < 500; ++id)
                        gone.append(qulonglong(i * 500 + id));
                    model.applyFrame(false, 2000 + i * 1000,
                                     flows(qulonglong((i + 1) * 500), kRows, quint32(i + 2)), gone);
                }));
    std::printf("chart of a year by day: %.1f ms\n", longestDrawing(365, gui::Step::Day, 86'400));
    std::printf("chart of 5,000 hours: %.1f ms\n", longestDrawing(5000, gui::Step::Hour, 3600));
    return 0;
}
