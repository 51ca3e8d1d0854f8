/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, where it takes orders.
 *
 * An order goes through the same table of roles and the same gates as what
 * drd does by itself; the table of gates says which of them stop a person,
 * and the order which of these it overrides, this once.  What is not on disk
 * has not been ordered.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "failover/watch.h"

/* ---- failover and failback ---------------------------------------------- */

static int
read_overrides(
    const struct failover_order *asked, gate_set *out, struct error *e)
{
	enum gate gate;
	size_t i;

	*out = 0;
	for (i = 0; i < asked->override_count; i++) {
		if (gate_find(asked->overrides[i], &gate, e) == -1)
			return -1;
		*out |= GATE_BIT(gate);
	}
	return gates_overridable(*out, e);
}

/* Does it lead from where we are to where it says? */
static int
check_direction(const struct failover *f, const struct failover_order *asked,
    struct error *e)
{
	const struct memory *m = &f->memory;
	const char *to = asked->failback ? f->set.primary : f->set.standby;

	if (asked->to != NULL && strcmp(asked->to, to) != 0)
		return error_set(e, ERROR_BROKEN, "no-such-region",
		    "a %s of %s leads to %s, not to %.64s",
		    asked->failback ? "failback" : "failover", f->set.stack, to,
		    asked->to);
	if (!m->active_known || memory_is_changing(m) ||
	    strcmp(m->active.region, to) != 0)
		return 0;
	if (asked->failback)
		return error_set(e, ERROR_BROKEN, "not-failed-over",
		    "%s is %s: there is nothing to fail back from",
		    f->set.stack, role_name(f->role));
	return error_set(e, ERROR_BROKEN, "already-active",
	    "%s is active already, epoch %" PRIu64, to, m->active.epoch);
}

static int
check_gates(struct failover *f, const struct order *order, struct error *e)
{
	struct gate_state states[GATE_COUNT];
	char others[128];
	enum gate first;
	gate_set shut;

	watch_look_at_gates(f, order->trigger, states);
	shut = gates_blocking(states, order->overrides);
	if (shut == 0)
		return 0;
	first = gates_first(shut);
	f->counts.refused[first]++;
	gates_names(shut & ~GATE_BIT(first), others, sizeof(others));
	return error_set(e, ERROR_BROKEN, gate_name(first),
	    "%.200s; what would open it: %s%s%s%s", states[first].why,
	    states[first].clears,
	    gate_row(first)->no_override == NULL ? ", or an override" : "",
	    others[0] != '\0' ? "; also shut: " : "", others);
}

int
failover_order(
    struct failover *f, const struct failover_order *asked, struct error *e)
{
	enum role goal =
	    asked->failback ? ROLE_FAILING_BACK : ROLE_FAILING_OVER;
	struct order order = {
		.asked = asked,
		.trigger = asked->failback ? TRIGGER_ORDERED_FAILBACK
					   : TRIGGER_ORDERED_FAILOVER,
		.error = e,
	};

	if (read_overrides(asked, &order.overrides, e) == -1 ||
	    check_direction(f, asked, e) == -1 ||
	    (asked->failback && watch_lift_fence(f, asked->who, e) == -1) ||
	    check_gates(f, &order, e) == -1)
		return -1;
	error_set(e, ERROR_BROKEN, "role-change",
	    "%s is %s, which this order does not lead out of", f->set.stack,
	    role_name(f->role));
	f->order = &order;
	watch_advance(f);
	f->order = NULL;
	if (f->role != goal)
		return -1;
	error_clear(e);
	return 0;
}

/* ---- holds -------------------------------------------------------------- */

int
failover_pause(struct failover *f, int64_t until_ms, const char *reason,
    const char *who, struct error *e)
{
	struct pause pause = { .from_ms = clock_wall_ms(),
		.until_ms = until_ms };
	char at[CLOCK_RFC3339_SIZE];

	if (until_ms <= pause.from_ms ||
	    until_ms - pause.from_ms > HOLD_PAUSE_MAX_MS)
		return error_set(e, ERROR_BROKEN, "bad-time",
		    "a pause ends within %d days and not in the past",
		    HOLD_PAUSE_MAX_DAYS);
	snprintf(pause.who, sizeof(pause.who), "%s", who);
	snprintf(pause.reason, sizeof(pause.reason), "%s", reason);
	if (memory_pause(&f->memory, &pause, e) == -1)
		return -1;
	log_info("failover: %s: paused until %s by %s: %s", f->set.stack,
	    clock_rfc3339(until_ms, at), who, reason);
	watch_note_gates(f);
	return 0;
}

int
failover_resume(
    struct failover *f, const char *reason, const char *who, struct error *e)
{
	if (hold_paused_until(&f->memory.hold, watch_hold_now()) == 0)
		return error_set(e, ERROR_ABSENT, "not-paused",
		    "%s is not paused", f->set.stack);
	if (memory_resume(&f->memory, reason, who, e) == -1)
		return -1;
	log_info("failover: %s: resumed by %s: %s", f->set.stack, who, reason);
	watch_note_gates(f);
	return 0;
}

int
failover_ack(
    struct failover *f, const char *reason, const char *who, struct error *e)
{
	const struct automatic *last = hold_unacknowledged(&f->memory.hold);

	if (last == NULL)
		return error_set(e, ERROR_ABSENT, "nothing-to-ack",
		    "no failover of %s waits to be acknowledged", f->set.stack);
	if (memory_ack(&f->memory, reason, who, e) == -1)
		return -1;
	log_info("failover: %s: epoch %" PRIu64 " is acknowledged by %s: %s",
	    f->set.stack, last->epoch, who, reason);
	watch_note_gates(f);
	return 0;
}

void
failover_set_brake(struct failover *f, const char *why)
{
	snprintf(f->braked, sizeof(f->braked), "%s", why != NULL ? why : "");
	watch_note_gates(f);
}
