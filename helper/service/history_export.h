// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/civil_time.h"
#include "helper/engine/engine.h"
#include "helper/service/file_writer.h"

#include <map>

namespace weir {

/// What an export is to hold.
struct ExportRequest {
    enum class Format { Csv, Json };
    std::vector<std::pair<QString, SeriesKey>> series; ///< with the names that they were asked by
    qint64 fromS = 0;
    qint64 toS = 0;
    Step step = Step::Day;
    CivilZone zone;
    Format format = Format::Csv;

    static constexpr quint64 kMaxRows = 5'000'000;
};

/// Writes histories into callers' files, a part at a time; one export for each user.
///
/// Main thread.
class ExportJobs
{
public:
    explicit ExportJobs(Engine &engine) : m_engine(engine) { }
    ~ExportJobs();

    /// InvalidArgument (too many rows; file), Conflict (another export of this user still runs),
    /// StorageFailed.
    void begin(uint uid, ExportRequest request, int descriptor, Reply<quint64> reply);

private:
    struct Job;
    void next(uint uid);
    void end(uint uid, const Result<quint64> &result);
    Result<std::vector<qint64>> bounds(Job &job) const;

    Engine &m_engine;
    std::map<uint, std::shared_ptr<Job>> m_jobs;
};

} // namespace weir
