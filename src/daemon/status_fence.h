/* SPDX-License-Identifier: MIT
 *
 * The part of the status document about a primary that was fenced off.
 */
#ifndef DRD_DAEMON_STATUS_FENCE_H
#define DRD_DAEMON_STATUS_FENCE_H

#include "base/tree.h"
#include "failover/change.h"

/* Of the last change, or NULL.  New tree; null without a fence. */
json_t *status_fence(const struct change *change);

#endif
