/* SPDX-License-Identifier: MIT
 *
 * The way of a stack from one region to the other, as it would be gone now.
 *
 * The decision is the failover half's own (decide.h), made from the
 * configuration and what is known of the stack; what is not known yet is
 * filled in with what it will look like.
 */
#ifndef DRD_DAEMON_WAY_H
#define DRD_DAEMON_WAY_H

#include "daemon/config.h"
#include "failover/path.h"

struct way {
	struct change change; /* that would be made */
	struct path path;     /* of it */
	bool guessed;	      /* not everything is known yet */
};

/*
 * `facts`: a record of the journal, or NULL; `epoch`: the present one.  -1:
 * it cannot be made, and `e` says why.
 */
int way_init(struct way *way, const struct config *config,
    const struct config_stack *stack, bool failback, const json_t *facts,
    uint64_t epoch, struct error *e);
void way_release(struct way *way);

/* Law 4 for both directions; -1: it would not be kept. */
int way_judge(const struct config *config, const struct config_stack *stack,
    struct error *e);

#endif
