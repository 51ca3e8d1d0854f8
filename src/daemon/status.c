/* SPDX-License-Identifier: MIT
 *
 * The status document, from plain facts.
 *
 * Names of members are stable: what changes its meaning gets another name,
 * and what goes away bumps the number of the schema.  Times are given twice:
 * as a date for people and logs, and as an age in milliseconds, measured on
 * the clock that nobody sets.  Members that are not known are null, never
 * absent.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/status.h"
#include "daemon/status_change.h"
#include "daemon/status_explain.h"
#include "daemon/status_fence.h"
#include "daemon/status_level.h"
#include "daemon/status_planes.h"
#include "daemon/status_ready.h"
#include "daemon/value.h"

enum { TROUBLES_MAX = 8 }; /* nodes told with their error */

/* How long ago on the monotonic clock; null if never. */
static json_t *
age(const struct status_view *view, uint64_t mono_ms)
{
	if (mono_ms == 0)
		return json_null();
	return value_number(
	    view->now_mono_ms > mono_ms ? view->now_mono_ms - mono_ms : 0);
}

/* How long ago on the wall clock, which somebody may have set back. */
static json_t *
wall_age(const struct status_view *view, int64_t wall_ms)
{
	if (wall_ms == 0)
		return json_null();
	return value_number(
	    view->now_ms > wall_ms ? (uint64_t)(view->now_ms - wall_ms) : 0);
}

static json_t *
signal_value(const struct status_view *view, const struct signal *signal)
{
	const struct observation *last = &signal->last;
	const struct depends depends = depends_of_signal(signal);
	bool known = last->reason == REASON_NONE;
	json_t *out = value_object();

	value_put_text(out, "id", signal->id);
	value_put_text(out, "class", signal_class_name(signal->class));
	value_put_text(out, "region", signal->region);
	value_put_text(out, "name", signal->name);
	value_put_flag(out, "trigger", signal->trigger);
	value_put_text(out, "verdict", verdict_name(last->verdict));
	value_put_text(out, "reason", known ? NULL : reason_name(last->reason));
	value_put_text(
	    out, "reason_text", known ? NULL : reason_text(last->reason));
	value_put_text(out, "detail", last->detail);
	value_put_number(out, "fails", signal->fails);
	value_put(out, "age_ms", age(view, signal->observed_ms));
	value_put(out, "verdict_age_ms", age(view, signal->since_ms));
	value_put(out, "shares", status_shares(&depends));
	return out;
}

static json_t *
poll_value(const struct status_view *view, const struct status_stack *stack)
{
	const struct poll_verdict *verdict = stack->verdict;
	uint64_t next = stack->next_poll_mono_ms;
	json_t *out = value_object(), *in = json_null();

	if (next != 0)
		in = value_number(
		    next > view->now_mono_ms ? next - view->now_mono_ms : 0);
	value_put_number(out, "count", stack->polls);
	value_put(out, "age_ms", age(view, stack->polled_mono_ms));
	value_put(out, "next_in_ms", in);
	value_put_text(out, "verdict",
	    verdict != NULL ? verdict_name(verdict->verdict) : NULL);
	value_put_text(out, "why", verdict != NULL ? verdict->why : NULL);
	return out;
}

static json_t *
trouble_value(const struct node *node)
{
	json_t *out = value_object();

	value_put_text(out, "node", node->id);
	value_put_text(out, "kind", node->kind->name);
	value_put_text(out, "name", node->name);
	value_put_text(out, "state", node_state_name(node->state));
	value_put_text(out, "why",
	    node->error.class != ERROR_NONE ? node->error.text : node->why);
	return out;
}

/* Somebody has to do something about these; the others are drd's work. */
static bool
needs_a_person(enum node_state state)
{
	return state == NODE_FAILED || state == NODE_FOREIGN;
}

static bool
differs(enum node_state state)
{
	return state == NODE_ABSENT || state == NODE_DRIFTED;
}

static void
add_troubles(json_t *troubles, const struct graph *graph,
    bool (*counts)(enum node_state state))
{
	const struct node *node;
	size_t i;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		if (json_array_size(troubles) >= TROUBLES_MAX)
			return;
		if (counts(node->state))
			value_append(troubles, trouble_value(node));
	}
}

static json_t *
troubles_value(const struct status_stack *stack)
{
	json_t *troubles = value_list();

	if (stack->graph != NULL) {
		add_troubles(troubles, stack->graph, needs_a_person);
		add_troubles(troubles, stack->graph, differs);
	}
	return troubles;
}

static json_t *
result_value(const struct status_view *view, const struct status_stack *stack)
{
	const struct reconcile_result *last = stack->reconciled;
	json_t *out;

	if (last == NULL)
		return json_null();
	out = value_object();
	value_put(out, "age_ms", age(view, stack->reconciled_mono_ms));
	value_put_number(out, "took_ms", last->took_ms);
	value_put_number(out, "nodes", last->nodes);
	value_put_number(out, "clean", last->clean);
	value_put_number(out, "changes", last->changes);
	value_put_number(out, "written", last->written);
	value_put_number(out, "foreign", last->foreign);
	value_put_number(out, "failed", last->failed);
	value_put_number(out, "frozen", last->frozen);
	value_put_number(out, "drift", status_drift(last));
	value_put_number(out, "calls", last->calls);
	value_put_flag(out, "braked", last->braked);
	return out;
}

static json_t *
brake_value(const struct brake *brake)
{
	json_t *out;

	if (brake == NULL || !brake->latched)
		return json_null();
	out = value_object();
	value_put(out, "since", value_date(brake->since_ms));
	value_put_number(out, "changes", brake->changes);
	return out;
}

static json_t *
reconcile_value(
    const struct status_view *view, const struct status_stack *stack)
{
	json_t *out = value_object();

	value_put_flag(out, "running", stack->reconciling);
	value_put(out, "brake", brake_value(stack->brake));
	value_put_text(out, "held", stack->reconcile_held);
	value_put(out, "last", result_value(view, stack));
	value_put(out, "troubles", troubles_value(stack));
	return out;
}

static json_t *
notices_value(const struct status_view *view, const struct status_stack *stack)
{
	json_t *out = value_object(), *regions = value_list(), *of;
	const struct outbox_status *s;
	size_t i;

	for (i = 0; i < OUTBOX_REGIONS; i++) {
		s = &stack->notices[i];
		if (s->region == NULL)
			continue;
		of = value_object();
		value_put_text(of, "region", s->region);
		value_put_number(of, "waiting", s->waiting);
		value_put(of, "oldest_age_ms", age(view, s->oldest_ms));
		value_put_number(of, "tries", s->tries);
		value_put_number(of, "told", s->told);
		value_put_number(of, "dropped", s->dropped);
		value_put_text(
		    of, "trouble", s->trouble[0] != '\0' ? s->trouble : NULL);
		value_append(regions, of);
	}
	value_put(out, "regions", regions);
	value_put_text(out, "trouble", stack->notice_trouble);
	return out;
}

static json_t *
stack_value(const struct status_view *view, const struct status_stack *stack)
{
	json_t *out = value_object(), *signals = value_list();
	struct text why = TEXT_INIT;
	enum status_level level = status_stack_level(stack, &why);
	size_t i;

	for (i = 0; i < stack->signal_count; i++)
		value_append(signals, signal_value(view, &stack->signals[i]));
	value_put_text(out, "name", stack->name);
	value_put_text(out, "level", status_level_name(level));
	value_put_text(out, "level_why", why.s);
	value_put_text(out, "primary", stack->primary);
	value_put_text(out, "standby", stack->standby);
	value_put_text(out, "active", stack->active);
	value_put_text(out, "role", role_name(stack->role));
	value_put(out, "role_since", value_date(stack->role_since_ms));
	value_put(out, "role_age_ms", wall_age(view, stack->role_since_ms));
	value_put_text(out, "role_why", stack->role_why);
	value_put_number(out, "epoch", stack->epoch);
	value_put(out, "epoch_since", value_date(stack->epoch_since_ms));
	value_put_number(out, "streak", stack->streak);
	value_put_number(out, "fall", stack->fall);
	value_put(out, "poll", poll_value(view, stack));
	value_put_text(out, "isolation", stack->isolation);
	value_put_text(out, "observing", stack->observing);
	value_put_text(out, "apart", stack->apart);
	value_put(out, "planes", status_planes(stack, view->now_mono_ms));
	value_put_text(out, "trouble", stack->trouble);
	value_put(out, "signals", signals);
	value_put(out, "readiness",
	    status_readiness(&stack->readiness, view->now_mono_ms));
	value_put(out, "canary", status_canary(stack, view->now_ms));
	value_put(out, "change", status_change(view, stack));
	value_put(out, "fence", status_fence(stack->change));
	value_put(out, "notices", notices_value(view, stack));
	status_explain(out, view, stack);
	value_put(out, "reconcile", reconcile_value(view, stack));
	text_release(&why);
	return out;
}

static json_t *
reload_value(const struct status_view *view)
{
	json_t *out;

	if (view->reload_ms == 0)
		return json_null();
	out = value_object();
	value_put(out, "at", value_date(view->reload_ms));
	value_put(out, "age_ms", wall_age(view, view->reload_ms));
	value_put_flag(out, "ok", view->reload_ok);
	value_put_text(out, "text", view->reload_text);
	return out;
}

static json_t *
config_value(const struct status_view *view)
{
	json_t *out = value_object();

	value_put_text(out, "path", view->config_path);
	value_put_text(out, "digest", view->config_digest);
	value_put(out, "since", value_date(view->config_since_ms));
	value_put(out, "age_ms", wall_age(view, view->config_since_ms));
	value_put(out, "reload", reload_value(view));
	return out;
}

json_t *
status_json(const struct status_view *view)
{
	json_t *out = value_object(), *stacks = value_list();
	size_t i;

	for (i = 0; i < view->stack_count; i++)
		value_append(stacks, stack_value(view, &view->stacks[i]));
	value_put_text(out, "schema", "drd.status/1");
	value_put_text(out, "level", status_level_name(status_level(view)));
	value_put_text(out, "version", view->version);
	value_put_number(out, "pid", (uint64_t)view->pid);
	value_put(out, "now", value_date(view->now_ms));
	value_put(out, "started", value_date(view->started_ms));
	value_put(out, "started_age_ms", wall_age(view, view->started_ms));
	value_put(out, "config", config_value(view));
	value_put_text(out, "history_trouble", view->history_trouble);
	value_put_number(out, "clients", view->clients);
	value_put_number(out, "loop_longest_ms", view->loop_longest_ms);
	value_put(out, "stacks", stacks);
	value_put(out, "api",
	    view->api != NULL ? json_incref(view->api) : value_list());
	return out;
}
