/* SPDX-License-Identifier: MIT
 *
 * The brake on a daemon's repairs.
 *
 * Many changes at once are no repair but a mistake: in the configuration, in
 * what AWS answers, or somebody's deploy.  The cycle that would make more
 * than max_changes or max_change_percent allow writes nothing and latches the
 * brake; from then on cycles only look, until a person has looked too.
 */
#ifndef DRD_DAEMON_BRAKE_H
#define DRD_DAEMON_BRAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "daemon/config.h"
#include "stack/reconcile.h"

struct brake {
	bool latched;
	int64_t since_ms; /* wall */
	unsigned changes; /* that were too many; what the last cycle counted */
	unsigned allowed; /* once more than the limits; 0: nothing is */
	bool only_looks;  /* the cycle under way was not to write */
};

/* A cycle begins: what it may do. */
void brake_limit(struct brake *brake, const struct config_stack *stack,
    struct reconcile_options *options);

/*
 * After a cycle; true: it has tripped the brake.  One that was under way when
 * a person acknowledged only looked: it neither trips the brake nor uses up
 * what was allowed.
 */
bool brake_judge(struct brake *brake, const struct reconcile_result *result);

/*
 * A person has looked: the next cycle may make as many changes as were
 * counted, and no more.  -1: the brake is not latched.
 */
int brake_ack(struct brake *brake, struct error *e);

#endif
