// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/kernel/netlink.h"
#include "helper/kernel/shaper_tree.h"

/// The shaper's requests to rtnetlink. `device` is an interface's index; nothing is sent here.
namespace weir::shaper {

NetlinkMessage dumpLinks();
NetlinkMessage askDevice(const char *name);
/// An ifb device that is down, with this index.
NetlinkMessage makeDevice(const char *name, int device);
NetlinkMessage raiseDevice(int device);
/// Without IPv6 addresses, so that the machine itself sends nothing there.
NetlinkMessage quietDevice(int device);
NetlinkMessage deleteDevice(int device);

/// HTB at the device's root.
NetlinkMessage makeRoot(int device);
NetlinkMessage deleteRoot(int device);

/// Makes the class, or changes it in place, which keeps its queue. Without its leaf.
NetlinkMessage putClass(int device, quint16 minor, const Class &values);
NetlinkMessage deleteClass(int device, quint16 minor);
NetlinkMessage askClass(int device, quint16 minor);
NetlinkMessage dumpClasses(int device);

/// Gives the class this leaf (not None). One of the same kind (`present`) is changed in place; another begins
/// empty.
NetlinkMessage putLeaf(int device, quint16 minor, quint64 bytesPerSecond, const Leaf &leaf, LeafKind present);
/// Of all devices: the kernel knows no filter.
NetlinkMessage dumpQdiscs();

} // namespace weir::shaper
