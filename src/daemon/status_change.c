/* SPDX-License-Identifier: MIT
 *
 * The last change of the active region, in the status document.
 *
 * Times of effects are those after the decision; of the recovery, after the
 * first failing poll (recovery.h).
 */
#include "base/mem.h"
#include "daemon/status_change.h"
#include "daemon/status_level.h"
#include "daemon/value.h"

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
	json_t *out = value_object();

	value_put_text(out, "key", effect->key);
	value_put_text(out, "kind", effect_kind_name(effect->kind));
	value_put_text(out, "region", effect->region);
	value_put_text(out, "target", effect->target);
	value_put_flag(out, "leads", effect->leads);
	value_put_text(out, "state", effect_state_name(effect->state));
	value_put_number(out, "attempts", effect->attempts);
	value_put(out, "sent_at", value_date(effect->sent_ms));
	value_put(out, "sent_after_ms", after(change, effect->sent_ms));
	value_put(out, "verified_after_ms", after(change, effect->verified_ms));
	value_put_text(out, "note", effect->note);
	return out;
}

/* -1: not over; null then. */
static json_t *
took(int64_t ms)
{
	return ms < 0 ? json_null() : mem_must(json_integer(ms));
}

/* Did users wait no longer than they may?  null: it is not known yet, or it
   was a failback, for which nobody waits. */
static json_t *
target_met(const struct status_stack *stack)
{
	if (status_missed_target(stack))
		return json_false();
	return stack->recovery.users_ms < 0 || stack->change->failback
	    ? json_null()
	    : json_true();
}

static json_t *
recovery_value(const struct status_stack *stack)
{
	const struct recovery *r = &stack->recovery;
	json_t *out = value_object();

	value_put(out, "from", value_date(r->from_ms));
	value_put(out, "users_ms", took(r->users_ms));
	value_put(out, "all_ms", took(r->all_ms));
	value_put(out, "waiting_ms", took(stack->waiting_ms));
	value_put(out, "target_ms",
	    stack->change->failback ? json_null()
				    : value_number(stack->rto_target));
	value_put(out, "target_met", target_met(stack));
	return out;
}

json_t *
status_change(const struct status_view *view, const struct status_stack *stack)
{
	const struct change *change = stack->change;
	json_t *out, *effects;
	size_t i;

	if (change == NULL)
		return json_null();
	effects = value_list();
	for (i = 0; i < change->count; i++)
		value_append(
		    effects, effect_value(change, &change->effects[i]));
	out = value_object();
	value_put_number(out, "epoch", change->epoch);
	value_put_text(out, "from", change->from);
	value_put_text(out, "to", change->to);
	value_put_flag(out, "failback", change->failback);
	value_put_text(
	    out, "audit", change->audit[0] != '\0' ? change->audit : NULL);
	value_put_text(out, "cause", change->cause);
	value_put_text(out, "reason", change->reason);
	value_put(out, "decided_at", value_date(change->decided_ms));
	value_put(out, "decided_age_ms",
	    value_number(view->now_ms > change->decided_ms
		    ? (uint64_t)(view->now_ms - change->decided_ms)
		    : 0));
	value_put(out, "first_fail_at", value_date(change->first_fail_ms));
	value_put(out, "recovery", recovery_value(stack));
	value_put_flag(out, "leads_done", change_leads_done(change));
	value_put_flag(out, "settled", change_settled(change));
	value_put_number(out, "pending", change_pending(change));
	value_put(out, "effects", effects);
	return out;
}
