/* SPDX-License-Identifier: MIT
 *
 * The part of the status document that explains.
 */
#include "daemon/blindness.h"
#include "daemon/status_explain.h"
#include "daemon/value.h"
#include "daemon/way.h"

static const char *const trigger_texts[] = {
	[TRIGGER_FAILOVER] = "a failover by itself",
	[TRIGGER_TURN_BACK] = "turning round while failing back",
	[TRIGGER_FAILBACK] = "a failback by itself",
	[TRIGGER_ORDERED_FAILOVER] = "a failover by order",
	[TRIGGER_ORDERED_FAILBACK] = "a failback by order",
};

json_t *
status_shares(const struct depends *depends)
{
	json_t *out = value_object();

	value_put_text(out, "region", depends->region);
	value_put_text(out, "plane", plane_kind_name(depends->plane));
	value_put_text(out, "service",
	    depends->service[0] != '\0' ? depends->service : NULL);
	value_put_text(out, "why", depends->why);
	return out;
}

static bool
shut(const struct gate_state *state)
{
	return state->applies && state->blocks;
}

void
status_blocked_by(const struct status_stack *stack, struct text *out)
{
	int gate;

	for (gate = 0; stack->gates != NULL && gate < GATE_COUNT; gate++)
		if (shut(&stack->gates[gate]))
			text_addf(out, "%s%s", out->len > 0 ? ", " : "",
			    gate_name((enum gate)gate));
}

static json_t *
wall_age(const struct status_view *view, int64_t wall_ms)
{
	if (wall_ms == 0)
		return json_null();
	return value_number(
	    view->now_ms > wall_ms ? (uint64_t)(view->now_ms - wall_ms) : 0);
}

static json_t *
gate_value(const struct status_view *view, enum gate gate,
    const struct gate_state *state)
{
	const struct gate_row *row = gate_row(gate);
	bool blocks = shut(state);
	json_t *out = value_object();

	value_put_text(out, "name", row->name);
	value_put_text(out, "guards", row->guards);
	value_put_flag(out, "applies", state->applies);
	value_put_flag(out, "blocks", blocks);
	value_put(out, "since", value_date(blocks ? state->since_ms : 0));
	value_put(
	    out, "since_age_ms", wall_age(view, blocks ? state->since_ms : 0));
	value_put(out, "until", value_date(blocks ? state->until_ms : 0));
	value_put_text(out, "why", blocks ? state->why : NULL);
	value_put_text(out, "clears", blocks ? state->clears : NULL);
	value_put_text(out, "no_override", row->no_override);
	return out;
}

static json_t *
gates_value(const struct status_view *view, const struct status_stack *stack)
{
	json_t *out = value_list();
	int gate;

	for (gate = 0; stack->gates != NULL && gate < GATE_COUNT; gate++)
		value_append(out,
		    gate_value(view, (enum gate)gate, &stack->gates[gate]));
	return out;
}

static json_t *
pause_value(const struct status_view *view, const struct pause *pause)
{
	json_t *out;

	if (pause == NULL)
		return json_null();
	out = value_object();
	value_put(out, "from", value_date(pause->from_ms));
	value_put(out, "until", value_date(pause->until_ms));
	value_put(out, "left_ms",
	    value_number(pause->until_ms > view->now_ms
		    ? (uint64_t)(pause->until_ms - view->now_ms)
		    : 0));
	value_put_text(out, "who", pause->who);
	value_put_text(out, "reason", pause->reason);
	return out;
}

static json_t *
ack_value(const struct status_view *view, const struct automatic *automatic)
{
	json_t *out;

	if (automatic == NULL)
		return json_null();
	out = value_object();
	value_put_number(out, "epoch", automatic->epoch);
	value_put(out, "at", value_date(automatic->at_ms));
	value_put(out, "age_ms", wall_age(view, automatic->at_ms));
	return out;
}

/* How often each gate was in the way since the start; those that were. */
static json_t *
counts_value(const unsigned long counts[GATE_COUNT])
{
	json_t *out = value_object();
	int gate;

	for (gate = 0; gate < GATE_COUNT; gate++)
		if (counts[gate] != 0)
			value_put_number(
			    out, gate_name((enum gate)gate), counts[gate]);
	return out;
}

/* What there is to decide by when a region is gone. */
static json_t *
without_value(const struct status_stack *stack)
{
	struct blindness blind[BLINDNESS_REGIONS];
	json_t *out = value_list(), *t;
	size_t i, count;

	if (stack->declared == NULL)
		return out;
	count = blindness_of(stack->config, stack->declared, blind);
	for (i = 0; i < count; i++) {
		t = value_object();
		value_put_text(t, "region", blind[i].region);
		value_put_number(t, "triggers", blind[i].left);
		value_put_text(t, "decides", blindness_name(blind[i].kind));
		value_put_text(t, "text", blind[i].text);
		value_append(out, t);
	}
	return out;
}

static json_t *
earliest_value(const struct foresee_earliest *earliest)
{
	json_t *out;

	if (earliest->why[0] == '\0')
		return json_null();
	out = value_object();
	value_put(out, "in_ms",
	    earliest->possible ? value_number(earliest->in_ms) : json_null());
	value_put_text(out, "why", earliest->why);
	return out;
}

static json_t *
budget_value(const struct status_stack *stack)
{
	const struct foresee_budget *budget = &stack->budget;
	json_t *out, *parts, *part;
	size_t i;

	if (budget->count == 0)
		return json_null();
	parts = value_list();
	for (i = 0; i < budget->count; i++) {
		part = value_object();
		value_put_text(part, "what", budget->parts[i].what);
		value_put_number(part, "least_ms", budget->parts[i].least);
		value_put_number(part, "most_ms", budget->parts[i].most);
		value_append(parts, part);
	}
	out = value_object();
	value_put_number(out, "least_ms", budget->least);
	value_put_number(out, "most_ms", budget->most);
	value_put(out, "target_ms",
	    stack->rto_target != 0 ? value_number(stack->rto_target)
				   : json_null());
	value_put(out, "parts", parts);
	return out;
}

static json_t *
latch_value(const struct status_view *view, const struct status_stack *stack)
{
	const struct latch_facts *latch = stack->latch;
	char where[320];
	json_t *out;

	if (latch == NULL || latch->carrier == CARRIER_NONE)
		return json_null();
	carrier_describe(stack->latch_where, where, sizeof(where));
	out = value_object();
	value_put_text(out, "carrier", carrier_name(latch->carrier));
	value_put_text(out, "where", where);
	value_put_text(out, "wanted", latch_state_name(latch->wanted));
	value_put_text(out, "seen", latch_state_name(latch->seen));
	value_put_flag(out, "ready", stack->latch_is_ready);
	value_put(out, "since", value_date(latch->since_ms));
	value_put(out, "told_age_ms", wall_age(view, latch->told_ms));
	value_put_text(out, "trouble", latch->trouble);
	return out;
}

/* The calls of the next change, and whose death each of them shares. */
static json_t *
call_value(const struct path_call *call)
{
	const struct effect *effect = call->effect;
	struct depends depends = depends_of_effect(effect);
	json_t *out = value_object();

	value_put_text(out, "kind", effect_kind_name(effect->kind));
	value_put_text(out, "operation", call->operation);
	value_put_text(out, "plane", path_plane_name(call->plane));
	value_put_text(out, "region", effect->region);
	value_put_text(out, "target", effect->target);
	value_put_flag(out, "users_wait", call->users_wait);
	value_put_text(out, "begins", call->begins);
	value_put(out, "shares", status_shares(&depends));
	return out;
}

static json_t *
path_value(const struct status_stack *stack)
{
	bool back = stack->trigger != TRIGGER_FAILOVER;
	json_t *out = value_list();
	struct error e;
	struct way way;
	size_t i;

	if (stack->declared == NULL)
		return out;
	if (way_init(&way, stack->config, stack->declared, back, NULL,
		stack->epoch, &e) == 0)
		for (i = 0; i < way.path.count; i++)
			value_append(out, call_value(&way.path.calls[i]));
	way_release(&way);
	return out;
}

void
status_explain(json_t *out, const struct status_view *view,
    const struct status_stack *stack)
{
	struct text blocked = TEXT_INIT;

	status_blocked_by(stack, &blocked);
	value_put_text(out, "mode", stack->advisory ? "advisory" : "automatic");
	value_put_text(out, "trigger", trigger_texts[stack->trigger]);
	value_put_text(out, "blocked_by", blocked.s);
	value_put(out, "gates", gates_value(view, stack));
	value_put(out, "pause", pause_value(view, stack->pause));
	value_put(out, "ack_needed", ack_value(view, stack->ack_needed));
	if (stack->counts != NULL) {
		value_put(
		    out, "withheld", counts_value(stack->counts->blocked));
		value_put(out, "refused", counts_value(stack->counts->refused));
	}
	value_put(out, "without", without_value(stack));
	value_put(out, "latch", latch_value(view, stack));
	value_put(out, "earliest", earliest_value(&stack->earliest));
	value_put(out, "budget", budget_value(stack));
	value_put(out, "path", path_value(stack));
	text_release(&blocked);
}
