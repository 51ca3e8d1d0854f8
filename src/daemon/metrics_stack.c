/* SPDX-License-Identifier: MIT
 *
 * The samples of each stack and of its signals.
 */
#include <string.h>

#include "daemon/metrics_stack.h"
#include "daemon/status_level.h"

double
metrics_seconds(int64_t ms)
{
	return (double)ms / 1000;
}

/* Write one sample of each stack that has one. */
static void
each(const struct scrape *s,
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
	each(s, epoch_of);
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
	each(s, streak_of);
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
	each(s, polls_of);
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
	each(s, apart_of);
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
	each(s, brake_of);
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
	each(s, pending_of);
}

/* Write one sample of each region's notices. */
static void
each_outbox(
    const struct scrape *s, double (*value)(const struct outbox_status *outbox))
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
			    value(outbox));
		}
	}
}

static double
waiting(const struct outbox_status *outbox)
{
	return (double)outbox->waiting;
}

void
metrics_notices(const struct scrape *s)
{
	each_outbox(s, waiting);
}

static double
told(const struct outbox_status *outbox)
{
	return (double)outbox->told;
}

void
metrics_told(const struct scrape *s)
{
	each_outbox(s, told);
}

static double
dropped(const struct outbox_status *outbox)
{
	return (double)outbox->dropped;
}

void
metrics_dropped(const struct scrape *s)
{
	each_outbox(s, dropped);
}

static bool
waited_of(const struct status_stack *stack, double *out)
{
	if (stack->change == NULL || stack->recovery.users_ms < 0)
		return false;
	*out = metrics_seconds(stack->recovery.users_ms);
	return true;
}

void
metrics_recovery(const struct scrape *s)
{
	each(s, waited_of);
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
	each(s, target_of);
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
	each(s, latched_of);
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
	each(s, ready_of);
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
	each(s, last_change_of);
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

/* ---- what holds it back -------------------------------------------------- */

static bool
mode_of(const struct status_stack *stack, double *out)
{
	*out = !stack->advisory;
	return true;
}

void
metrics_mode(const struct scrape *s)
{
	each(s, mode_of);
}

static bool
paused_of(const struct status_stack *stack, double *out)
{
	*out = stack->pause != NULL;
	return true;
}

void
metrics_paused(const struct scrape *s)
{
	each(s, paused_of);
}

static bool
pause_end_of(const struct status_stack *stack, double *out)
{
	if (stack->pause == NULL)
		return false;
	*out = metrics_seconds(stack->pause->until_ms);
	return true;
}

void
metrics_pause_end(const struct scrape *s)
{
	each(s, pause_end_of);
}

static bool
ack_of(const struct status_stack *stack, double *out)
{
	*out = stack->ack_needed != NULL;
	return true;
}

void
metrics_ack(const struct scrape *s)
{
	each(s, ack_of);
}

static void
each_gate(const struct scrape *s,
    double (*value)(const struct status_stack *stack, enum gate gate))
{
	const struct status_stack *stack;
	size_t i;
	int gate;

	for (i = 0; i < s->view->stack_count; i++) {
		stack = &s->view->stacks[i];
		if (stack->gates == NULL || stack->counts == NULL)
			continue;
		for (gate = 0; gate < GATE_COUNT; gate++)
			metric_sample(s->out, s->family,
			    &(struct labels){ { { "stack", stack->name },
				{ "gate", gate_name((enum gate)gate) } } },
			    value(stack, (enum gate)gate));
	}
}

static double
blocks(const struct status_stack *stack, enum gate gate)
{
	return stack->gates[gate].applies && stack->gates[gate].blocks;
}

void
metrics_gates(const struct scrape *s)
{
	each_gate(s, blocks);
}

static double
blocked(const struct status_stack *stack, enum gate gate)
{
	return (double)stack->counts->blocked[gate];
}

void
metrics_blocked(const struct scrape *s)
{
	each_gate(s, blocked);
}

static double
refused(const struct status_stack *stack, enum gate gate)
{
	return (double)stack->counts->refused[gate];
}

void
metrics_refused(const struct scrape *s)
{
	each_gate(s, refused);
}

/* ---- of each signal ----------------------------------------------------- */

static struct labels
labels_of(const struct status_stack *stack, const struct signal *signal)
{
	return (struct labels){ { { "stack", stack->name },
	    { "region", signal->region }, { "signal", signal->id } } };
}

static void
each_signal(const struct scrape *s,
    void (*write)(const struct scrape *s, const struct signal *signal,
	struct labels labels))
{
	const struct status_stack *stack;
	size_t i, k;

	for (i = 0; i < s->view->stack_count; i++) {
		stack = &s->view->stacks[i];
		for (k = 0; k < stack->signal_count; k++)
			write(s, &stack->signals[k],
			    labels_of(stack, &stack->signals[k]));
	}
}

static void
write_states(
    const struct scrape *s, const struct signal *signal, struct labels labels)
{
	static const enum verdict verdicts[] = { VERDICT_OK, VERDICT_FAIL,
		VERDICT_UNKNOWN };
	size_t i;

	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		labels.label[3].name = "state";
		labels.label[3].value = verdict_name(verdicts[i]);
		metric_sample(s->out, s->family, &labels,
		    signal->last.verdict == verdicts[i]);
	}
}

void
metrics_signal_states(const struct scrape *s)
{
	each_signal(s, write_states);
}

static void
write_fails(
    const struct scrape *s, const struct signal *signal, struct labels labels)
{
	metric_sample(s->out, s->family, &labels, signal->fails);
}

void
metrics_signal_fails(const struct scrape *s)
{
	each_signal(s, write_fails);
}

static void
write_seen(
    const struct scrape *s, const struct signal *signal, struct labels labels)
{
	uint64_t age = s->view->now_mono_ms - signal->observed_ms;

	if (signal->observed_ms != 0)
		metric_sample(s->out, s->family, &labels,
		    metrics_seconds(s->view->now_ms - (int64_t)age));
}

void
metrics_signal_seen(const struct scrape *s)
{
	each_signal(s, write_seen);
}
