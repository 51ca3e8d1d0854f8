/* SPDX-License-Identifier: MIT
 *
 * The brake on a daemon's repairs.  See brake.h.
 *
 * It is in memory only: after a restart the next cycle counts again and, if
 * nothing has changed, latches it again.
 */
#include "base/clock.h"
#include "daemon/brake.h"

void
brake_limit(struct brake *brake, const struct config_stack *stack,
    struct reconcile_options *options)
{
	brake->only_looks = brake->latched;
	options->write = !brake->latched;
	options->max_deletions = stack->max_deletions;
	options->max_changes = stack->max_changes;
	options->max_change_percent = stack->max_change_percent;
	if (brake->allowed > 0) {
		options->max_changes = brake->allowed;
		options->max_change_percent = 0;
	}
}

bool
brake_judge(struct brake *brake, const struct reconcile_result *result)
{
	if (brake->only_looks) {
		brake->changes = result->writes;
		return false;
	}
	brake->allowed = 0;
	if (!result->braked)
		return false;
	brake->latched = true;
	brake->since_ms = clock_wall_ms();
	brake->changes = result->writes;
	return true;
}

int
brake_ack(struct brake *brake, struct error *e)
{
	if (!brake->latched)
		return error_set(e, ERROR_ABSENT, "NothingToAck",
		    "nothing waits to be acknowledged");
	brake->latched = false;
	brake->allowed = brake->changes;
	return 0;
}
