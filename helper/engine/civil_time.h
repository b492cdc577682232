// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/civil_time.h" // people who ask write times as the engine counts them
