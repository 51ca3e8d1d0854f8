/* SPDX-License-Identifier: MIT
 *
 * The part of the status document about the region that would take over.
 */
#ifndef DRD_DAEMON_STATUS_READY_H
#define DRD_DAEMON_STATUS_READY_H

#include <stdint.h>

#include "base/tree.h"
#include "daemon/status.h"
#include "failover/readiness.h"

/* New tree; null while it is not known which region that is. */
json_t *status_readiness(const struct readiness_facts *facts, uint64_t mono_ms);

/* What the canary has proved in each region, and when; new tree. */
json_t *status_canary(const struct status_stack *stack, int64_t wall_ms);

#endif
