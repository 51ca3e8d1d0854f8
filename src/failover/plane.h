/* SPDX-License-Identifier: MIT
 *
 * Do DNS and the parameters say the same?  (law 6: if not, that is an alarm)
 *
 * Route 53 moves the failover name by its own health checks, before drd has
 * decided and back again when the primary recovers.  With each poll every
 * name server of the zone is asked whether the name leads to the region that
 * is NOT active.  Only the answer yes of all of them is a fact; silence says
 * nothing.  Nothing is decided by it.
 */
#ifndef DRD_FAILOVER_PLANE_H
#define DRD_FAILOVER_PLANE_H

#include <stdint.h>

#include "failover/act.h"

struct loop;
struct plane;

/* `stack` is for the log; borrowed for life. */
struct plane *plane_new(struct loop *loop, const char *stack);
void plane_free(struct plane *plane); /* NULL is fine */

/*
 * Ask now, unless a question is under way.  `dns` leads to the balancer of
 * `inactive`; all of it is borrowed until the answer or plane_stop.
 */
void plane_look(struct plane *plane, const struct act_dns *dns,
    const char *active, const char *inactive, uint64_t call_ms);

/* Drop the question: what was borrowed goes, or a change is under way. */
void plane_stop(struct plane *plane);

/* Another region is active now: what was seen says nothing any more. */
void plane_forget(struct plane *plane);

/* "DNS answers with us-east-1, the parameters say us-west-2", or NULL. */
const char *plane_apart(const struct plane *plane);

#endif
