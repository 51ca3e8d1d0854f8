/* SPDX-License-Identifier: MIT
 *
 * The samples of each stack: where it is, and what is under way.
 */
#include <string.h>

#include "daemon/metrics_stack.h"
#include "daemon/status_level.h"

double
metrics_seconds(int64_t ms)
{
	return (double)ms / 1000;
}

void
metrics_each(const struct scrape *s,
    bool (*value)(const struct status_stack *stack, double *out))
{
	const struct status_stack *stack;
	double number;
	size_t i;

	for (i = 0; i < s->view->stack_count; i++) {
		stack = &s->view->stacks[i];
		if (value(stack, &number))
			metric_sample(s->out, s->family,
			    &(struct labels){ { { "stack", stack->name } } },
			    number);
	}
}

static bool
epoch_of(const struct status_stack *stack, double *out)
{
	*out = (double)stack->epoch;
	return stack->active != NULL;
}

void
metrics_epoch(const struct scrape *s)
{
	metrics_each(s, epoch_of);
}

static bool
streak_of(const struct status_stack *stack, double *out)
{
	*out = stack->streak;
	return true;
}

void
metrics_streak(const struct scrape *s)
{
	metrics_each(s, streak_of);
}

static bool
polls_of(const struct status_stack *stack, double *out)
{
	*out = (double)stack->polls;
	return true;
}

void
metrics_polls(const struct scrape *s)
{
	metrics_each(s, polls_of);
}

static bool
apart_of(const struct status_stack *stack, double *out)
{
	*out = stack->apart != NULL;
	return stack->active != NULL;
}

void
metrics_apart(const struct scrape *s)
{
	metrics_each(s, apart_of);
}

static bool
brake_of(const struct status_stack *stack, double *out)
{
	*out = stack->brake != NULL && stack->brake->latched;
	return stack->brake != NULL;
}

void
metrics_brake(const struct scrape *s)
{
	metrics_each(s, brake_of);
}

static bool
pending_of(const struct status_stack *stack, double *out)
{
	*out =
	    stack->change != NULL ? (double)change_pending(stack->change) : 0;
	return true;
}

void
metrics_pending(const struct scrape *s)
{
	metrics_each(s, pending_of);
}

/* Write one sample of each region's notices. */
static void
each_outbox(const struct scrape *s,
    double (*value)(const struct scrape *s, const struct outbox_status *outbox))
{
	const struct outbox_status *outbox;
	const struct status_stack *stack;
	size_t i, k;

	for (i = 0; i < s->view->stack_count; i++) {
		stack = &s->view->stacks[i];
		for (k = 0; k < OUTBOX_REGIONS; k++) {
			outbox = &stack->notices[k];
			if (outbox->region == NULL)
				continue;
			metric_sample(s->out, s->family,
			    &(struct labels){ { { "stack", stack->name },
				{ "region", outbox->region } } },
			    value(s, outbox));
		}
	}
}

static double
waiting(const struct scrape *s, const struct outbox_status *outbox)
{
	return (double)outbox->waiting;
}

void
metrics_notices(const struct scrape *s)
{
	each_outbox(s, waiting);
}

static double
oldest(const struct scrape *s, const struct outbox_status *outbox)
{
	uint64_t now = s->view->now_mono_ms;

	if (outbox->oldest_ms == 0 || outbox->oldest_ms > now)
		return 0;
	return metrics_seconds((int64_t)(now - outbox->oldest_ms));
}

void
metrics_oldest_notice(const struct scrape *s)
{
	each_outbox(s, oldest);
}

static double
told(const struct scrape *s, const struct outbox_status *outbox)
{
	return (double)outbox->told;
}

void
metrics_told(const struct scrape *s)
{
	each_outbox(s, told);
}

static double
dropped(const struct scrape *s, const struct outbox_status *outbox)
{
	return (double)outbox->dropped;
}

void
metrics_dropped(const struct scrape *s)
{
	each_outbox(s, dropped);
}

static void
write_proof(const struct scrape *s, const struct status_stack *stack,
    const char *region, enum canary_what what, int64_t at_ms)
{
	if (at_ms != 0)
		metric_sample(s->out, s->family,
		    &(struct labels){
			{ { "stack", stack->name }, { "region", region },
			    { "what", canary_what_name(what) } } },
		    metrics_seconds(at_ms));
}

void
metrics_canary(const struct scrape *s)
{
	const struct status_stack *stack;
	const char *regions[CANARY_REGIONS];
	size_t i, k;
	int what;

	for (i = 0; i < s->view->stack_count; i++) {
		stack = &s->view->stacks[i];
		regions[0] = stack->primary;
		regions[1] = stack->standby;
		for (k = 0; k < CANARY_REGIONS; k++)
			for (what = 0; what < CANARY_WHATS; what++)
				write_proof(s, stack, regions[k],
				    (enum canary_what)what,
				    stack->proved_ms[k][what]);
	}
}

static bool
waited_of(const struct status_stack *stack, double *out)
{
	if (stack->change == NULL || stack->change->failback ||
	    stack->recovery.users_ms < 0)
		return false;
	*out = metrics_seconds(stack->recovery.users_ms);
	return true;
}

void
metrics_recovery(const struct scrape *s)
{
	metrics_each(s, waited_of);
}

static bool
settled_of(const struct status_stack *stack, double *out)
{
	if (stack->change == NULL || stack->recovery.all_ms < 0)
		return false;
	*out = metrics_seconds(stack->recovery.all_ms);
	return true;
}

void
metrics_settled(const struct scrape *s)
{
	metrics_each(s, settled_of);
}

static bool
waiting_of(const struct status_stack *stack, double *out)
{
	*out = stack->waiting_ms > 0 ? metrics_seconds(stack->waiting_ms) : 0;
	return true;
}

void
metrics_waiting(const struct scrape *s)
{
	metrics_each(s, waiting_of);
}

static bool
target_of(const struct status_stack *stack, double *out)
{
	*out = metrics_seconds((int64_t)stack->rto_target);
	return stack->rto_target != 0;
}

void
metrics_target(const struct scrape *s)
{
	metrics_each(s, target_of);
}

static bool
latched_of(const struct status_stack *stack, double *out)
{
	if (stack->latch == NULL || stack->latch->seen == LATCH_UNKNOWN)
		return false;
	*out = stack->latch->seen == LATCH_SET;
	return true;
}

void
metrics_latched(const struct scrape *s)
{
	metrics_each(s, latched_of);
}

static bool
ready_of(const struct status_stack *stack, double *out)
{
	*out = !stack->readiness.all.blocks;
	return stack->readiness.region != NULL;
}

void
metrics_ready(const struct scrape *s)
{
	metrics_each(s, ready_of);
}

static bool
last_change_of(const struct status_stack *stack, double *out)
{
	const struct change *change = stack->change;

	if (change == NULL || change->failback)
		return false;
	*out = metrics_seconds(change->decided_ms);
	return true;
}

void
metrics_last_change(const struct scrape *s)
{
	metrics_each(s, last_change_of);
}

void
metrics_roles(const struct scrape *s)
{
	const struct status_stack *stack;
	size_t i;
	int role;

	for (i = 0; i < s->view->stack_count; i++) {
		stack = &s->view->stacks[i];
		for (role = 0; role < ROLE_COUNT; role++)
			metric_sample(s->out, s->family,
			    &(struct labels){ { { "stack", stack->name },
				{ "state", role_name((enum role)role) } } },
			    stack->role == (enum role)role);
	}
}

void
metrics_active(const struct scrape *s)
{
	const struct status_stack *stack;
	const char *regions[2];
	size_t i, k;

	for (i = 0; i < s->view->stack_count; i++) {
		stack = &s->view->stacks[i];
		regions[0] = stack->primary;
		regions[1] = stack->standby;
		for (k = 0; k < 2 && stack->active != NULL; k++)
			metric_sample(s->out, s->family,
			    &(struct labels){ { { "stack", stack->name },
				{ "region", regions[k] } } },
			    strcmp(stack->active, regions[k]) == 0);
	}
}

void
metrics_resources(const struct scrape *s)
{
	const struct reconcile_result *last;
	const struct status_stack *stack;
	size_t i, k;

	for (i = 0; i < s->view->stack_count; i++) {
		stack = &s->view->stacks[i];
		last = stack->reconciled;
		if (last == NULL)
			continue;
		const struct {
			const char *state;
			unsigned count;
		} states[] = {
			{ "clean", last->clean },
			{ "drifted", status_drift(last) },
			{ "failed", last->failed },
			{ "foreign", last->foreign },
			{ "frozen", last->frozen },
		};
		for (k = 0; k < sizeof(states) / sizeof(states[0]); k++)
			metric_sample(s->out, s->family,
			    &(struct labels){ { { "stack", stack->name },
				{ "state", states[k].state } } },
			    states[k].count);
	}
}
