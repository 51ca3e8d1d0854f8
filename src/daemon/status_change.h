/* SPDX-License-Identifier: MIT
 *
 * The part of the status document about the last change of the active region:
 * its decision, its effects, and how long users waited.
 */
#ifndef DRD_DAEMON_STATUS_CHANGE_H
#define DRD_DAEMON_STATUS_CHANGE_H

#include "base/tree.h"
#include "daemon/status.h"

/* New tree; null if there was none. */
json_t *
status_change(const struct status_view *view, const struct status_stack *stack);

#endif
