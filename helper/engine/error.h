// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dbus/error.h" // the kinds of errors are the contract's
