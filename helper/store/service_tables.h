// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/records.h"
#include "helper/store/connection.h"

namespace weir {

/// The tables service and service_cgroup. Used on the connection's thread.
class ServiceTables
{
public:
    explicit ServiceTables(Connection &connection) : m_connection(connection) { }

    Result<std::vector<ServiceRecord>> load();

    /// Within a transaction of the caller's. A record's baselines replace those that it had.
    Result<void> write(const std::vector<ServiceRecord> &records,
                       const std::vector<ForgottenService> &forgotten);

private:
    Connection &m_connection;
};

} // namespace weir
