// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/shaper_tree.h"

#include <optional>

struct nlmsghdr;

/// What the kernel answers about the shaper's objects, as values. Pure functions of one message; a message
/// that is cut short or is about something else gives nothing.
namespace weir::shaper {

/// RTM_NEWLINK.
struct FoundDevice {
    int index = 0;
    bool isIfb = false;
    bool isUp = false;
    bool isLoopback = false;
    quint32 mtu = 0;
};
std::optional<FoundDevice> parseDevice(nlmsghdr *message);

/// RTM_NEWTCLASS of a class of HTB with our major; its leaf is not told.
struct FoundClass {
    quint16 minor = 0;
    Class values;
    quint64 bytes = 0;
    quint64 packets = 0;
    quint64 droppedPackets = 0;
    quint64 backlogBytes = 0;
};
std::optional<FoundClass> parseClass(nlmsghdr *message);

/// RTM_NEWQDISC.
struct FoundQdisc {
    int device = 0;
    quint32 parent = 0; ///< of a leaf: its class
    Leaf leaf;
    quint64 droppedPackets = 0;
    bool isOurRoot = false; ///< HTB as the shaper makes it
};
std::optional<FoundQdisc> parseQdisc(nlmsghdr *message);

} // namespace weir::shaper
