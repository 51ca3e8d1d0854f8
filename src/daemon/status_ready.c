/* SPDX-License-Identifier: MIT
 *
 * Readiness in the status document.
 *
 *	"readiness": {
 *	    "region": "us-west-2", "ready": false, "verdict": "fail",
 *	    "why": "table: the replica is ARCHIVED", "overload": null,
 *	    "age_ms": 1200,
 *	    "items": [{"id": "table", "text": ..., "verdict": "fail",
 *		"reason": "inactive", "detail": ..., "blocks": true,
 *		"why": ..., "shares_death_of": "target",
 *		"age_ms": 1200, "good_age_ms": null,
 *		"last_verdict": "fail", "known_detail": ...,
 *		"known_age_ms": 1200}]}
 *
 * `verdict` is what is believed; `last_verdict`, `reason`, `detail` and
 * `age_ms` are of the last look.  If that could not find out, what is believed
 * is `known_detail` from `known_age_ms` ago.  Items that the stack does not
 * have are left out.
 *
 *	"canary": [{"region": "us-west-2", "what": "parameter",
 *	    "at": "2026-11-23T01:02:03.456Z", "age_ms": 360000}]
 *
 * What was never proved is null.
 */
#include "daemon/status_ready.h"
#include "daemon/value.h"

static json_t *
age(uint64_t at_ms, uint64_t now_ms)
{
	if (at_ms == 0)
		return json_null();
	return value_number(now_ms > at_ms ? now_ms - at_ms : 0);
}

static const char *
or_null(const char *s)
{
	return *s != '\0' ? s : NULL;
}

static json_t *
item_value(enum readiness_what what, const struct readiness_item *item,
    const struct readiness_opinion *opinion, uint64_t mono_ms)
{
	const struct observation *last = &item->last;
	json_t *out = value_object();

	value_put_text(out, "id", readiness_name(what));
	value_put_text(out, "text", readiness_text(what));
	value_put_text(out, "verdict", verdict_name(opinion->verdict));
	value_put_text(out, "reason",
	    last->reason != REASON_NONE ? reason_name(last->reason) : NULL);
	value_put_text(out, "detail", last->detail);
	value_put_flag(out, "blocks", opinion->blocks);
	value_put_text(out, "why", or_null(opinion->why));
	value_put_text(out, "shares_death_of",
	    readiness_end(what) == READINESS_TARGET ? "target" : "source");
	value_put(out, "age_ms", age(item->seen_ms, mono_ms));
	value_put(out, "good_age_ms", age(item->good_ms, mono_ms));
	value_put_text(out, "last_verdict", verdict_name(last->verdict));
	value_put_text(out, "known_detail",
	    item->known_ms != 0 ? item->known.detail : NULL);
	value_put(out, "known_age_ms", age(item->known_ms, mono_ms));
	return out;
}

json_t *
status_readiness(const struct readiness_facts *facts, uint64_t mono_ms)
{
	json_t *out, *items;
	int i;

	if (facts->region == NULL)
		return json_null();
	items = value_list();
	for (i = 0; i < READINESS_COUNT; i++)
		if (facts->items[i].applies)
			value_append(items,
			    item_value((enum readiness_what)i, &facts->items[i],
				&facts->each[i], mono_ms));
	out = value_object();
	value_put_text(out, "region", facts->region);
	value_put_flag(out, "ready", !facts->all.blocks);
	value_put_text(out, "verdict", verdict_name(facts->all.verdict));
	value_put_text(out, "why", or_null(facts->all.why));
	value_put_text(out, "overload", or_null(facts->overload->why));
	value_put(out, "age_ms", age(facts->looked_ms, mono_ms));
	value_put(out, "items", items);
	return out;
}

json_t *
status_canary(const struct status_stack *stack, int64_t wall_ms)
{
	const char *regions[CANARY_REGIONS] = { stack->primary,
		stack->standby };
	json_t *out = value_list(), *t;
	int64_t at_ms;
	unsigned i;
	int what;

	for (i = 0; i < CANARY_REGIONS; i++)
		for (what = 0; what < CANARY_WHATS; what++) {
			at_ms = stack->proved_ms[i][what];
			t = value_object();
			value_put_text(t, "region", regions[i]);
			value_put_text(t, "what",
			    canary_what_name((enum canary_what)what));
			value_put(t, "at", value_date(at_ms));
			value_put(t, "age_ms",
			    at_ms == 0 ? json_null()
				       : value_number(wall_ms > at_ms
						 ? (uint64_t)(wall_ms - at_ms)
						 : 0));
			value_append(out, t);
		}
	return out;
}
