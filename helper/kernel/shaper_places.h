// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "helper/engine/error.h"
#include "helper/engine/govern_plan.h"
#include "helper/kernel/shaper_tree.h"

#include <map>

/// Where the classes of a plan stand in the kernel's tree.
///
/// A minor number tells whose class it is: `D S SSSS SSSS SS NNNN`, with a bit each for down and for slow,
/// ten for the watch's slot (1 … 1023) and four to tell apart what one class of the plan has in the kernel:
///
///   0, 8 … 15   holds packets (all of them read as "best effort" by who looks at a packet's priority);
///               0 first, another while packets wait in the one before
///   1 … 7       has children, and holds nothing itself
///
/// A class that has children in the plan needs both, for its own packets wait in a child of their own. A
/// class of the kernel cannot move to another parent, and loses its queue when it gets its first child; so
/// what must stand elsewhere is made anew beside the old one, which then drains.
///
/// A watch's slot is its id modulo 1023, or the next one that is free. The kernel keeps who has it: the
/// remainder of `quantum` by 512 is the watch's id modulo 509. So a helper that starts over what another one
/// left finds each class again, and needs no memory of its own.
namespace weir::shaper {

/// Watches whose classes fit.
inline constexpr int kSlots = 1023;

struct Place {
    quint16 packets = 0; ///< minor of the class that holds its packets
    quint16 inner = 0;   ///< minor of the class that has it and the children, 0 without
    /// The class that all of its traffic passes.
    quint16 outermost() const { return inner ? inner : packets; }
};
using Places = std::map<ClassKey, Place>;

struct Arrangement {
    Places places;
    Tree tree;
};

/// The tree for `classes` (parents before children), with as much as possible left where it is: `before` says
/// where this program put it, `present` what is in the kernel. Parents deeper than the kernel can nest
/// (seven) are passed over; what is below them obeys the lowest of their rates on its own. Error:
/// LimitReached for more than kSlots watches.
Result<Arrangement> arrange(const std::vector<ShaperClass> &classes, const Places &before,
                            const Tree &present, const LeafChoice &leaves);

/// What `present` has and `wanted` has not, changed so that its queues drain at once. Below a class that is
/// wanted that happens at some times its rate only, since what is sent too fast there is missing to the
/// others.
Tree drained(const Tree &present, const Tree &wanted);

} // namespace weir::shaper
