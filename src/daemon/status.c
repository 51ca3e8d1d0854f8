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
#include "daemon/status_level.h"

enum { TROUBLES_MAX = 8 }; /* nodes told with their error */

/*
 * A string or null.  Texts that were cut to a buffer may end inside a
 * character, which JSON cannot hold: what is not ASCII is replaced then.
 */
static json_t *
text_value(const char *s)
{
	json_t *value;
	char *copy, *c;

	if (s == NULL)
		return json_null();
	value = json_string(s);
	if (value != NULL)
		return value;
	copy = mem_strdup(s);
	for (c = copy; *c != '\0'; c++) {
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	}
	value = mem_must(json_string(copy));
	free(copy);
	return value;
}

static json_t *
number(uint64_t n)
{
	return mem_must(json_integer((json_int_t)n));
}

static json_t *
date(int64_t wall_ms)
{
	char buf[CLOCK_RFC3339_SIZE];

	if (wall_ms == 0)
		return json_null();
	return text_value(clock_rfc3339(wall_ms, buf));
}

static json_t *
object(void)
{
	return mem_must(json_object());
}

/* Takes `value`. */
static void
put(json_t *out, const char *name, json_t *value)
{
	json_object_set_new(out, name, value);
}

static void
put_text(json_t *out, const char *name, const char *s)
{
	put(out, name, text_value(s));
}

static void
put_number(json_t *out, const char *name, uint64_t n)
{
	put(out, name, number(n));
}

static void
put_flag(json_t *out, const char *name, bool flag)
{
	put(out, name, json_boolean(flag));
}

/* How long ago on the monotonic clock; null if never. */
static json_t *
age(const struct status_view *view, uint64_t mono_ms)
{
	if (mono_ms == 0)
		return json_null();
	return number(
	    view->now_mono_ms > mono_ms ? view->now_mono_ms - mono_ms : 0);
}

/* How long ago on the wall clock, which somebody may have set back. */
static json_t *
wall_age(const struct status_view *view, int64_t wall_ms)
{
	if (wall_ms == 0)
		return json_null();
	return number(
	    view->now_ms > wall_ms ? (uint64_t)(view->now_ms - wall_ms) : 0);
}

static json_t *
signal_value(const struct status_view *view, const struct signal *signal)
{
	const struct observation *last = &signal->last;
	bool known = last->reason == REASON_NONE;
	json_t *out = object();

	put_text(out, "id", signal->id);
	put_text(out, "class", signal_class_name(signal->class));
	put_text(out, "region", signal->region);
	put_text(out, "name", signal->name);
	put_flag(out, "trigger", signal->trigger);
	put_text(out, "verdict", verdict_name(last->verdict));
	put_text(out, "reason", known ? NULL : reason_name(last->reason));
	put_text(out, "reason_text", known ? NULL : reason_text(last->reason));
	put_text(out, "detail", last->detail);
	put_number(out, "fails", signal->fails);
	put(out, "age_ms", age(view, signal->observed_ms));
	put(out, "verdict_age_ms", age(view, signal->since_ms));
	return out;
}

/* Milliseconds from the decision to `wall_ms`; null if not yet. */
static json_t *
after(const struct change *change, int64_t wall_ms)
{
	if (wall_ms == 0)
		return json_null();
	return mem_must(json_integer(wall_ms - change->decided_ms));
}

static json_t *
effect_value(const struct change *change, const struct effect *effect)
{
	json_t *out = object();

	put_text(out, "key", effect->key);
	put_text(out, "kind", effect_kind_name(effect->kind));
	put_text(out, "region", effect->region);
	put_text(out, "target", effect->target);
	put_flag(out, "leads", effect->leads);
	put_text(out, "state", effect_state_name(effect->state));
	put_number(out, "attempts", effect->attempts);
	put(out, "sent_at", date(effect->sent_ms));
	put(out, "sent_after_ms", after(change, effect->sent_ms));
	put(out, "verified_after_ms", after(change, effect->verified_ms));
	put_text(out, "note", effect->note);
	return out;
}

static json_t *
change_value(const struct status_view *view, const struct change *change)
{
	json_t *out, *effects;
	size_t i;

	if (change == NULL)
		return json_null();
	effects = mem_must(json_array());
	for (i = 0; i < change->count; i++)
		json_array_append_new(
		    effects, effect_value(change, &change->effects[i]));
	out = object();
	put_number(out, "epoch", change->epoch);
	put_text(out, "from", change->from);
	put_text(out, "to", change->to);
	put_flag(out, "failback", change->failback);
	put_text(out, "audit", change->audit[0] != '\0' ? change->audit : NULL);
	put_text(out, "cause", change->cause);
	put_text(out, "reason", change->reason);
	put(out, "decided_at", date(change->decided_ms));
	put(out, "decided_age_ms", wall_age(view, change->decided_ms));
	put(out, "first_fail_at", date(change->first_fail_ms));
	put_flag(out, "leads_done", change_leads_done(change));
	put_flag(out, "settled", change_settled(change));
	put_number(out, "pending", change_pending(change));
	put(out, "effects", effects);
	return out;
}

static json_t *
poll_value(const struct status_view *view, const struct status_stack *stack)
{
	const struct poll_verdict *verdict = stack->verdict;
	uint64_t next = stack->next_poll_mono_ms;
	json_t *out = object(), *in = json_null();

	if (next != 0)
		in = number(
		    next > view->now_mono_ms ? next - view->now_mono_ms : 0);
	put_number(out, "count", stack->polls);
	put(out, "age_ms", age(view, stack->polled_mono_ms));
	put(out, "next_in_ms", in);
	put_text(out, "verdict",
	    verdict != NULL ? verdict_name(verdict->verdict) : NULL);
	put_text(out, "why", verdict != NULL ? verdict->why : NULL);
	return out;
}

static json_t *
trouble_value(const struct node *node)
{
	json_t *out = object();

	put_text(out, "node", node->id);
	put_text(out, "kind", node->kind->name);
	put_text(out, "name", node->name);
	put_text(out, "state", node_state_name(node->state));
	put_text(out, "why",
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
			json_array_append_new(troubles, trouble_value(node));
	}
}

static json_t *
troubles_value(const struct status_stack *stack)
{
	json_t *troubles = mem_must(json_array());

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
	out = object();
	put(out, "age_ms", age(view, stack->reconciled_mono_ms));
	put_number(out, "took_ms", last->took_ms);
	put_number(out, "nodes", last->nodes);
	put_number(out, "clean", last->clean);
	put_number(out, "changes", last->changes);
	put_number(out, "written", last->written);
	put_number(out, "foreign", last->foreign);
	put_number(out, "failed", last->failed);
	put_number(out, "frozen", last->frozen);
	put_number(out, "drift", status_drift(last));
	put_number(out, "calls", last->calls);
	put_flag(out, "braked", last->braked);
	return out;
}

static json_t *
brake_value(const struct brake *brake)
{
	json_t *out;

	if (brake == NULL || !brake->latched)
		return json_null();
	out = object();
	put(out, "since", date(brake->since_ms));
	put_number(out, "changes", brake->changes);
	return out;
}

static json_t *
reconcile_value(
    const struct status_view *view, const struct status_stack *stack)
{
	json_t *out = object();

	put_flag(out, "running", stack->reconciling);
	put(out, "brake", brake_value(stack->brake));
	put_text(out, "held", stack->reconcile_held);
	put(out, "last", result_value(view, stack));
	put(out, "troubles", troubles_value(stack));
	return out;
}

static json_t *
stack_value(const struct status_view *view, const struct status_stack *stack)
{
	json_t *out = object(), *signals = mem_must(json_array());
	struct text why = TEXT_INIT;
	enum status_level level = status_stack_level(stack, &why);
	size_t i;

	for (i = 0; i < stack->signal_count; i++)
		json_array_append_new(
		    signals, signal_value(view, &stack->signals[i]));
	put_text(out, "name", stack->name);
	put_text(out, "level", status_level_name(level));
	put_text(out, "level_why", why.s);
	put_text(out, "primary", stack->primary);
	put_text(out, "standby", stack->standby);
	put_text(out, "active", stack->active);
	put_text(out, "role", role_name(stack->role));
	put(out, "role_since", date(stack->role_since_ms));
	put(out, "role_age_ms", wall_age(view, stack->role_since_ms));
	put_text(out, "role_why", stack->role_why);
	put_number(out, "epoch", stack->epoch);
	put(out, "epoch_since", date(stack->epoch_since_ms));
	put_number(out, "streak", stack->streak);
	put_number(out, "fall", stack->fall);
	put(out, "poll", poll_value(view, stack));
	put_text(out, "isolation", stack->isolation);
	put_text(out, "observing", stack->observing);
	put_text(out, "apart", stack->apart);
	put_text(out, "trouble", stack->trouble);
	put(out, "signals", signals);
	put(out, "change", change_value(view, stack->change));
	put(out, "reconcile", reconcile_value(view, stack));
	text_release(&why);
	return out;
}

static json_t *
reload_value(const struct status_view *view)
{
	json_t *out;

	if (view->reload_ms == 0)
		return json_null();
	out = object();
	put(out, "at", date(view->reload_ms));
	put(out, "age_ms", wall_age(view, view->reload_ms));
	put_flag(out, "ok", view->reload_ok);
	put_text(out, "text", view->reload_text);
	return out;
}

static json_t *
config_value(const struct status_view *view)
{
	json_t *out = object();

	put_text(out, "path", view->config_path);
	put_text(out, "digest", view->config_digest);
	put(out, "since", date(view->config_since_ms));
	put(out, "age_ms", wall_age(view, view->config_since_ms));
	put(out, "reload", reload_value(view));
	return out;
}

json_t *
status_json(const struct status_view *view)
{
	json_t *out = object(), *stacks = mem_must(json_array());
	size_t i;

	for (i = 0; i < view->stack_count; i++)
		json_array_append_new(
		    stacks, stack_value(view, &view->stacks[i]));
	put_text(out, "schema", "drd.status/1");
	put_text(out, "level", status_level_name(status_level(view)));
	put_text(out, "version", view->version);
	put_number(out, "pid", (uint64_t)view->pid);
	put(out, "now", date(view->now_ms));
	put(out, "started", date(view->started_ms));
	put(out, "started_age_ms", wall_age(view, view->started_ms));
	put(out, "config", config_value(view));
	put(out, "stacks", stacks);
	put(out, "api",
	    view->api != NULL ? json_incref(view->api)
			      : mem_must(json_array()));
	return out;
}
