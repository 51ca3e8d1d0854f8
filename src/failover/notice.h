/* SPDX-License-Identifier: MIT
 *
 * The SNS message of a change: what is published, and how to drop a repeat.
 *
 * Delivery is at least once.  The attributes drd_stack, drd_epoch and
 * drd_step name a message: the same three are the same message, and a lower
 * epoch than one already seen is old news.  Pure.
 */
#ifndef DRD_FAILOVER_NOTICE_H
#define DRD_FAILOVER_NOTICE_H

#include "base/tree.h"
#include "failover/change.h"

/*
 * The input of Publish for a notice of `change`; new tree.  The effect's value
 * is the message; its members event, stack, to and epoch make the subject
 * and the attributes, so that a notice that a later change has taken along still
 * tells of its own.
 */
json_t *notice_input(const struct change *change, const struct effect *effect);

#endif
