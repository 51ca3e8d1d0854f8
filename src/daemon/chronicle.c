/* SPDX-License-Identifier: MIT
 *
 * What happens, as entries of the history.
 *
 * Numbers are milliseconds; what is not known is left out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/chronicle.h"
#include "daemon/value.h"

/* Nothing for "" and NULL; what is too long is cut. */
static void
put_some(json_t *facts, const char *name, const char *s)
{
	char *cut;

	if (s == NULL || *s == '\0')
		return;
	if (strlen(s) <= HISTORY_TEXT_MAX) {
		value_put_text(facts, name, s);
		return;
	}
	cut = mem_printf("%.*s [...]", (int)HISTORY_TEXT_MAX, s);
	value_put_text(facts, name, cut);
	free(cut);
}

void
chronicle_order(struct history *history, const struct control_order *order,
    const char *outcome, const char *text)
{
	json_t *facts = value_object();

	put_some(facts, "stack", order->stack);
	put_some(facts, "audit", order->audit);
	put_some(facts, "order", order->verb);
	put_some(facts, "words", order->words);
	put_some(facts, "outcome", outcome);
	value_put_number(facts, "uid", order->uid);
	value_put_number(facts, "pid", (uint64_t)order->pid);
	put_some(facts, "reason", order->reason);
	put_some(facts, "text", text);
	history_add(history, "order", facts);
}

/* What each signal said in the poll that decided. */
static json_t *
inputs(const struct detected *seen)
{
	json_t *out = value_list(), *input;
	const struct signal *signal;
	size_t i;

	for (i = 0; i < seen->signal_count; i++) {
		signal = &seen->signals[i];
		input = value_object();
		value_put_text(input, "id", signal->id);
		value_put_text(
		    input, "verdict", verdict_name(signal->last.verdict));
		if (signal->last.reason != REASON_NONE)
			value_put_text(
			    input, "reason", reason_name(signal->last.reason));
		put_some(input, "detail", signal->last.detail);
		value_put_number(input, "fails", signal->fails);
		value_append(out, input);
	}
	return out;
}

static void
add_decision(struct history *history, const struct failover_status *status)
{
	const struct change *change = status->change;
	json_t *facts = value_object();

	put_some(facts, "stack", status->stack);
	put_some(facts, "audit", change->audit);
	value_put_number(facts, "epoch", change->epoch);
	put_some(facts, "kind", change->failback ? "failback" : "failover");
	put_some(facts, "from", change->from);
	put_some(facts, "to", change->to);
	put_some(facts, "cause", change->cause);
	put_some(facts, "reason", change->reason);
	if (change->first_fail_ms != 0)
		value_put(
		    facts, "first_fail_at", value_date(change->first_fail_ms));
	value_put_number(facts, "streak", status->detected->streak);
	value_put(facts, "inputs", inputs(status->detected));
	history_add(history, "decision", facts);
}

void
chronicle_role(struct history *history, const struct failover_status *status,
    enum role from, enum role to)
{
	const struct change *change = status->change;
	json_t *facts;
	int64_t began;

	if (from != ROLE_STARTING && change != NULL &&
	    (to == ROLE_FAILING_OVER || to == ROLE_FAILING_BACK))
		add_decision(history, status);
	facts = value_object();
	put_some(facts, "stack", status->stack);
	value_put_number(facts, "epoch", status->epoch);
	put_some(facts, "from", role_name(from));
	put_some(facts, "to", role_name(to));
	put_some(facts, "why", status->role_why);
	if (change != NULL &&
	    (from == ROLE_FAILING_OVER || from == ROLE_FAILING_BACK)) {
		put_some(facts, "audit", change->audit);
		began = change->first_fail_ms != 0 ? change->first_fail_ms
						   : change->decided_ms;
		value_put(facts, "took_ms",
		    json_integer(status->role_since_ms - began));
	}
	history_add(history, "role", facts);
}

void
chronicle_effect(struct history *history, const struct failover_status *status,
    const struct effect *effect)
{
	const struct change *change = status->change;
	json_t *facts;

	if (!effect_is_over(effect))
		return;
	facts = value_object();
	put_some(facts, "stack", status->stack);
	put_some(facts, "audit", change->audit);
	value_put_number(facts, "epoch", change->epoch);
	put_some(facts, "region", effect->region);
	put_some(facts, "effect", effect->key);
	put_some(facts, "state", effect_state_name(effect->state));
	value_put_number(facts, "attempts", effect->attempts);
	if (effect->verified_ms != 0)
		value_put(facts, "after_ms",
		    json_integer(effect->verified_ms - change->decided_ms));
	put_some(facts, "note", effect->note);
	history_add(history, "effect", facts);
}

void
chronicle_recovered(struct history *history,
    const struct failover_status *status, enum recovery_news news)
{
	const struct recovery *r = &status->recovery;
	const struct change *change = status->change;
	json_t *facts = value_object();

	put_some(facts, "stack", status->stack);
	put_some(facts, "audit", change->audit);
	value_put_number(facts, "epoch", change->epoch);
	put_some(facts, "kind", change->failback ? "failback" : "failover");
	put_some(facts, "to", change->to);
	value_put(facts, "users_ms", json_integer(r->users_ms));
	if (r->all_ms >= 0)
		value_put(facts, "all_ms", json_integer(r->all_ms));
	if (status->rto_target != 0 && !change->failback)
		value_put_number(facts, "target_ms", status->rto_target);
	history_add(
	    history, news == RECOVERY_SERVED ? "completed" : "settled", facts);
}

void
chronicle_withheld(struct history *history,
    const struct failover_status *status, bool advised, const char *why)
{
	json_t *facts = value_object();

	put_some(facts, "stack", status->stack);
	value_put_number(facts, "epoch", status->epoch);
	put_some(facts, "why", why);
	value_put_number(facts, "streak", status->detected->streak);
	value_put(facts, "inputs", inputs(status->detected));
	history_add(history, advised ? "advised" : "withheld", facts);
}

void
chronicle_noted(struct history *history, const struct failover_status *status,
    const char *event, const char *text)
{
	json_t *facts = value_object();

	put_some(facts, "stack", status->stack);
	value_put_number(facts, "epoch", status->epoch);
	put_some(facts, "text", text);
	history_add(history, event, facts);
}

void
chronicle_daemon(struct history *history, const char *event, const char *text)
{
	json_t *facts = value_object();

	put_some(facts, "text", text);
	history_add(history, event, facts);
}
