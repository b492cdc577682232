// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/verb.h"

/// One function for each verb: checks what was typed and hands back what is to be done.
namespace weir::cli {

std::expected<Job, QString> prepareLinks(const Arguments &arguments);
std::expected<Job, QString> prepareWatches(const Arguments &arguments);
std::expected<Job, QString> prepareServices(const Arguments &arguments);
std::expected<Job, QString> prepareFlows(const Arguments &arguments);
std::expected<Job, QString> prepareStatus(const Arguments &arguments);
std::expected<Job, QString> prepareProblems(const Arguments &arguments);
std::expected<Job, QString> prepareTop(const Arguments &arguments);

std::expected<Job, QString> prepareMetrics(const Arguments &arguments);
std::expected<Job, QString> prepareHistory(const Arguments &arguments);
std::expected<Job, QString> prepareReport(const Arguments &arguments);
std::expected<Job, QString> prepareCheck(const Arguments &arguments);
std::expected<Job, QString> prepareBackup(const Arguments &arguments);
std::expected<Job, QString> prepareRestore(const Arguments &arguments);
std::expected<Job, QString> prepareStartAfresh(const Arguments &arguments);

std::expected<Job, QString> prepareSettings(const Arguments &arguments);
std::expected<Job, QString> prepareSettingsSet(const Arguments &arguments);
std::expected<Job, QString> prepareClean(const Arguments &arguments);

std::expected<Job, QString> prepareWatchAdd(const Arguments &arguments);
std::expected<Job, QString> prepareWatchEdit(const Arguments &arguments);
std::expected<Job, QString> prepareWatchPause(const Arguments &arguments);
std::expected<Job, QString> prepareWatchResume(const Arguments &arguments);
std::expected<Job, QString> prepareWatchRemove(const Arguments &arguments);
std::expected<Job, QString> prepareWatchRestore(const Arguments &arguments);

std::expected<Job, QString> prepareLimits(const Arguments &arguments);
std::expected<Job, QString> prepareLimit(const Arguments &arguments);
std::expected<Job, QString> prepareQuota(const Arguments &arguments);
std::expected<Job, QString> prepareBurst(const Arguments &arguments);
std::expected<Job, QString> prepareImport(const Arguments &arguments);

} // namespace weir::cli
