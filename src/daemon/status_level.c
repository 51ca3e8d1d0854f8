/* SPDX-License-Identifier: MIT
 *
 * How bad it is.
 *
 * Critical: users are not, or not for sure, where they are meant to be, and
 * somebody has to do something.  Warning: drd sees less, keeps less or may do
 * less than it should.  A stack that has failed over by itself is critical
 * until somebody has acknowledged it, and a warning until it is back: it has no
 * standby.  What was chosen in the configuration (advisory, a window) is told
 * and no warning.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

#include "daemon/status_explain.h"
#include "daemon/status_level.h"

const char *
status_level_name(enum status_level level)
{
	switch (level) {
	case STATUS_OK:
		return "ok";
	case STATUS_WARNING:
		return "warning";
	case STATUS_CRITICAL:
		return "critical";
	}
	return "?";
}

unsigned
status_drift(const struct reconcile_result *result)
{
	unsigned accounted = result->clean + result->failed + result->frozen;

	return result->nodes > accounted ? result->nodes - accounted : 0;
}

/* A failover is due, and something is in its way. */
static bool
is_held_up(const struct status_stack *stack)
{
	return (stack->role == ROLE_SUSPECT || stack->role == ROLE_ISOLATED) &&
	    stack->streak >= stack->fall;
}

static enum status_level
role_level(const struct status_stack *stack)
{
	switch (stack->role) {
	case ROLE_STEADY:
		return STATUS_OK;
	case ROLE_STARTING:
		return STATUS_WARNING;
	case ROLE_SUSPECT:
	case ROLE_ISOLATED:
		return is_held_up(stack) ? STATUS_CRITICAL : STATUS_WARNING;
	case ROLE_FAILED_OVER:
		return stack->ack_needed != NULL ? STATUS_CRITICAL
						 : STATUS_WARNING;
	case ROLE_FAILING_OVER:
	case ROLE_FAILING_BACK:
	case ROLE_COUNT:
		break;
	}
	return STATUS_CRITICAL;
}

/* Route 53 moves ahead while polls are being counted: that is its task. */
static enum status_level
apart_level(const struct status_stack *stack)
{
	bool counting = stack->role == ROLE_SUSPECT ||
	    (stack->role == ROLE_ISOLATED && stack->streak > 0);

	return counting ? STATUS_WARNING : STATUS_CRITICAL;
}

/* Gates that no other sentence tells of, and nobody has chosen. */
#define TOLD_ELSEWHERE                                           \
	(GATE_BIT(GATE_ROLE_CHANGE) | GATE_BIT(GATE_ISOLATION) | \
	    GATE_BIT(GATE_CLOCK_JUMP) | GATE_BIT(GATE_BRAKE) |   \
	    GATE_BIT(GATE_PAUSED) | GATE_BIT(GATE_MODE) |        \
	    GATE_BIT(GATE_WINDOW))

static unsigned
unknown_triggers(const struct status_stack *stack)
{
	unsigned count = 0;
	size_t i;

	for (i = 0; i < stack->signal_count; i++) {
		if (stack->signals[i].trigger &&
		    stack->signals[i].last.verdict == VERDICT_UNKNOWN)
			count++;
	}
	return count;
}

struct verdict_so_far {
	enum status_level level;
	struct text *why;
};

static void __attribute__((format(printf, 3, 4)))
worsen(struct verdict_so_far *so_far, enum status_level level, const char *fmt,
    ...)
{
	char reason[448];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	if (level > so_far->level)
		so_far->level = level;
	if (so_far->why->len > 0)
		text_add(so_far->why, "; ");
	text_add(so_far->why, reason);
}

bool
status_missed_target(const struct status_stack *stack)
{
	int64_t waited = stack->waiting_ms > stack->recovery.users_ms
	    ? stack->waiting_ms
	    : stack->recovery.users_ms;

	return stack->change != NULL && !stack->change->failback &&
	    stack->rto_target != 0 && waited > 0 &&
	    (uint64_t)waited > stack->rto_target;
}

/*
 * A failover that took too long is told until somebody has acknowledged it;
 * nobody has to acknowledge an order.
 */
static void
judge_recovery(const struct status_stack *stack, struct verdict_so_far *so_far)
{
	const struct automatic *unseen = stack->ack_needed;
	char took[CLOCK_SPAN_SIZE], target[CLOCK_SPAN_SIZE];

	if (!status_missed_target(stack))
		return;
	clock_span(stack->rto_target, target);
	if (stack->waiting_ms >= 0)
		worsen(so_far, STATUS_CRITICAL,
		    "users have waited for %s, longer than the %s of "
		    "rto_target",
		    clock_span((uint64_t)stack->waiting_ms, took), target);
	else if (unseen != NULL && unseen->epoch == stack->change->epoch)
		worsen(so_far, STATUS_WARNING,
		    "the failover took %s, longer than the %s of rto_target",
		    clock_span((uint64_t)stack->recovery.users_ms, took),
		    target);
}

static void
judge_reconcile(
    const struct reconcile_result *last, struct verdict_so_far *so_far)
{
	unsigned drift = status_drift(last);

	if (drift > 0)
		worsen(so_far, STATUS_WARNING, "%u object%s not as declared",
		    drift, drift == 1 ? " is" : "s are");
	if (last->failed > 0)
		worsen(so_far, STATUS_WARNING,
		    "%u object%s could not be read or written", last->failed,
		    last->failed == 1 ? "" : "s");
}

/*
 * Of a failback nothing is expected yet: only a failover's are judged; and
 * what withholds one that is due has been told as the trouble.
 */
static void
judge_gates(const struct status_stack *stack, struct verdict_so_far *so_far)
{
	gate_set shut;
	char until[CLOCK_RFC3339_SIZE];

	if (stack->pause != NULL &&
	    (stack->withheld & GATE_BIT(GATE_PAUSED)) == 0)
		worsen(so_far, STATUS_WARNING, "paused until %s by %s: %s",
		    clock_rfc3339(stack->pause->until_ms, until),
		    stack->pause->who, stack->pause->reason);
	if (stack->gates == NULL || stack->trigger != TRIGGER_FAILOVER)
		return;
	shut = gates_blocking(stack->gates, 0) & ~TOLD_ELSEWHERE &
	    ~stack->withheld;
	if (shut != 0)
		worsen(so_far, STATUS_WARNING, "no failover: %s: %s",
		    gate_name(gates_first(shut)),
		    stack->gates[gates_first(shut)].why);
}

enum status_level
status_stack_level(const struct status_stack *stack, struct text *why)
{
	struct verdict_so_far so_far = { STATUS_OK, why };
	unsigned unknown = unknown_triggers(stack);
	size_t pending =
	    stack->change != NULL ? change_pending(stack->change) : 0;

	if (role_level(stack) != STATUS_OK)
		worsen(&so_far, role_level(stack), "%s%s",
		    role_name(stack->role),
		    is_held_up(stack) ? ": a failover is due, and not made"
			: stack->role == ROLE_FAILED_OVER &&
			    stack->ack_needed != NULL
			? ", not acknowledged"
			: "");
	judge_recovery(stack, &so_far);
	if (stack->isolation != NULL && stack->role != ROLE_ISOLATED)
		worsen(&so_far, STATUS_WARNING, "%s does not answer",
		    stack->standby);
	if (stack->observing != NULL)
		worsen(&so_far, STATUS_WARNING, "observing only");
	if (stack->apart != NULL)
		worsen(&so_far, apart_level(stack), "%s", stack->apart);
	if (stack->trouble != NULL)
		worsen(&so_far, STATUS_WARNING, "%s", stack->trouble);
	judge_gates(stack, &so_far);
	if (unknown > 0)
		worsen(&so_far, STATUS_WARNING, "%u trigger%s unknown", unknown,
		    unknown == 1 ? " is" : "s are");
	if (stack->latch != NULL && stack->latch->trouble != NULL)
		worsen(&so_far, STATUS_WARNING, "the latch: %s",
		    stack->latch->trouble);
	if (stack->notice_trouble != NULL)
		worsen(&so_far, STATUS_WARNING, "notices are not kept: %s",
		    stack->notice_trouble);
	if (pending > 0)
		worsen(&so_far, STATUS_WARNING, "%zu effect%s pending", pending,
		    pending == 1 ? " is" : "s are");
	if (stack->brake != NULL && stack->brake->latched)
		worsen(&so_far, STATUS_WARNING,
		    "the brake is on: %u changes are too many for one cycle",
		    stack->brake->changes);
	if (stack->reconciled != NULL)
		judge_reconcile(stack->reconciled, &so_far);
	return so_far.level;
}

enum status_level
status_level(const struct status_view *view)
{
	enum status_level worst = STATUS_OK, level;
	struct text why = TEXT_INIT;
	size_t i;

	if ((view->reload_ms != 0 && !view->reload_ok) ||
	    view->history_trouble != NULL)
		worst = STATUS_WARNING;
	for (i = 0; i < view->stack_count; i++) {
		text_clear(&why);
		level = status_stack_level(&view->stacks[i], &why);
		if (level > worst)
			worst = level;
	}
	text_release(&why);
	return worst;
}

/* "advisory, paused until 2026-11-23T12:00:00.000Z, blocked by readiness". */
static void
add_hindrances(struct text *out, const struct status_stack *stack)
{
	struct text blocked = TEXT_INIT;
	char until[CLOCK_RFC3339_SIZE];

	if (stack->advisory)
		text_add(out, ", advisory");
	if (stack->pause != NULL)
		text_addf(out, ", paused until %s by %s (%s)",
		    clock_rfc3339(stack->pause->until_ms, until),
		    stack->pause->who, stack->pause->reason);
	if (stack->trigger == TRIGGER_FAILOVER)
		status_blocked_by(stack, &blocked);
	if (blocked.len > 0)
		text_addf(out, ", blocked by %s", blocked.s);
	if (stack->ack_needed != NULL)
		text_add(out, ", acknowledgement needed");
	text_release(&blocked);
}

/* "suspect 2/3"; "failing-over to us-west-2, 3 effects pending". */
static void
add_role(struct text *out, const struct status_stack *stack)
{
	size_t pending =
	    stack->change != NULL ? change_pending(stack->change) : 0;

	text_add(out, role_name(stack->role));
	if (stack->role == ROLE_SUSPECT)
		text_addf(out, " %u/%u", stack->streak, stack->fall);
	if (stack->change != NULL &&
	    (stack->role == ROLE_FAILING_OVER ||
		stack->role == ROLE_FAILING_BACK))
		text_addf(out, " to %s", stack->change->to);
	if (pending > 0)
		text_addf(out, ", %zu effect%s pending", pending,
		    pending == 1 ? "" : "s");
}

char *
status_line(const struct status_view *view)
{
	enum { SHOWN = 8 }; /* stacks: more are not read in one line */
	const struct status_stack *stack;
	struct text out = TEXT_INIT;
	size_t i;

	for (i = 0; i < view->stack_count && i < SHOWN; i++) {
		stack = &view->stacks[i];
		text_addf(&out, "%s%s: ", i > 0 ? "; " : "", stack->name);
		add_role(&out, stack);
		if (stack->active != NULL)
			text_addf(&out, ", %s active, epoch %ju", stack->active,
			    (uintmax_t)stack->epoch);
		add_hindrances(&out, stack);
	}
	if (i < view->stack_count)
		text_addf(&out, "; and %zu more", view->stack_count - i);
	if (view->reload_ms != 0 && !view->reload_ok)
		text_add(&out, "; the last reload was refused");
	if (view->history_trouble != NULL)
		text_add(&out, "; the history cannot be written");
	return text_take(&out);
}
