/* SPDX-License-Identifier: MIT
 *
 * The part of the status document that explains: what stands in the way of a
 * change, what would clear it, whose death the evidence shares, and what can
 * be said ahead.
 */
#ifndef DRD_DAEMON_STATUS_EXPLAIN_H
#define DRD_DAEMON_STATUS_EXPLAIN_H

#include "base/tree.h"
#include "daemon/status.h"
#include "failover/depends.h"

/* Puts its members into `out`, the stack's object. */
void status_explain(json_t *out, const struct status_view *view,
    const struct status_stack *stack);

json_t *status_shares(const struct depends *depends); /* new tree */

/* "paused, readiness": the gates that block; "" if none does. */
void status_blocked_by(const struct status_stack *stack, struct text *out);

#endif
