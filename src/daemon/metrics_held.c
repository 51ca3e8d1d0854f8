/* SPDX-License-Identifier: MIT
 *
 * The samples of what holds a stack back, and of its evidence: mode, pause,
 * the journal's disk, gates, signals, planes.
 */
#include "daemon/metrics_stack.h"
#include "daemon/status_planes.h"

static bool
mode_of(const struct status_stack *stack, double *out)
{
	*out = !stack->advisory;
	return true;
}

void
metrics_mode(const struct scrape *s)
{
	metrics_each(s, mode_of);
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
	metrics_each(s, paused_of);
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
	metrics_each(s, pause_end_of);
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
	metrics_each(s, ack_of);
}

static bool
writable_of(const struct status_stack *stack, double *out)
{
	*out = stack->disk != DISK_FAILED;
	return true;
}

void
metrics_writable(const struct scrape *s)
{
	metrics_each(s, writable_of);
}

static bool
disk_low_of(const struct status_stack *stack, double *out)
{
	*out = stack->disk == DISK_LOW;
	return true;
}

void
metrics_disk_low(const struct scrape *s)
{
	metrics_each(s, disk_low_of);
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

/* ---- of each plane ------------------------------------------------------ */

static void
write_plane(
    const struct scrape *s, const struct status_stack *stack, enum plane plane)
{
	static const enum plane_says says[] = { PLANE_AGREES, PLANE_DIFFERS,
		PLANE_UNKNOWN };
	const char *region = status_plane_region(stack, plane);
	struct labels labels = { { { "stack", stack->name },
	    { "plane", plane_name(plane) },
	    { "region", region != NULL ? region : "global" },
	    { "agrees", NULL } } };
	size_t i;

	for (i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		labels.label[3].value = plane_says_name(says[i]);
		metric_sample(s->out, s->family, &labels,
		    stack->planes->each[plane].says == says[i]);
	}
}

void
metrics_planes(const struct scrape *s)
{
	const struct status_stack *stack;
	size_t i;
	int plane;

	for (i = 0; i < s->view->stack_count; i++) {
		stack = &s->view->stacks[i];
		for (plane = 0; stack->planes != NULL && plane < PLANE_COUNT;
		     plane++)
			write_plane(s, stack, (enum plane)plane);
	}
}
