/* SPDX-License-Identifier: MIT
 *
 * A plan from a seed: with which options drd runs, when something befalls it,
 * and for how long.  What that may be is draw_episode.c's.
 *
 * Half of the seeds take the primary's data plane away for good while, so
 * that there is something to fail over; everything else may happen around
 * it, before it and at the same time.  At the end all is well again, and drd
 * gets time to come to rest.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "draw_parts.h"

enum {
	MINUTE = 60000,
	CALM_MS = 25 * MINUTE, /* of peace, at the end */
	LENGTH_MIN = 120 * MINUTE,
	LENGTH_MAX = 130 * MINUTE,
	EPISODES_MAX = 7,
};

uint64_t
draw_between(struct draw *d, uint64_t lo, uint64_t hi)
{
	return chance_between(&d->chance, lo, hi);
}

bool
draw_often(struct draw *d, unsigned permille)
{
	return chance_is(&d->chance, permille);
}

struct act *
draw_add(struct draw *d, uint64_t at_ms, enum act_kind kind)
{
	struct plan *plan = d->plan;
	struct act *act;

	if (plan->count == ACTS_MAX)
		plan->count--;
	act = &plan->acts[plan->count++];
	memset(act, 0, sizeof(*act));
	act->at_ms = at_ms;
	act->kind = kind;
	act->number = 1000;
	return act;
}

/* Mostly those that drd has unless told otherwise. */
static void
draw_triggers(
    struct draw *d, struct oracle_rules *rules, char *option, size_t size)
{
	static const struct {
		enum evidence evidence;
		const char *name;
	} all[] = { { EVIDENCE_ROUTE53, "route53" },
		{ EVIDENCE_ALARM, "alarm:health-check" },
		{ EVIDENCE_PROBE, "probe" }, { EVIDENCE_DNS, "dns" } };
	bool usual = draw_often(d, 700);
	unsigned i, count = 0;
	size_t len;

	len = (size_t)snprintf(option, size, "\ttrigger = {");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (usual ? i > 1 : i > 0 && draw_often(d, 400))
			continue;
		rules->trigger[all[i].evidence] = true;
		len += (size_t)snprintf(option + len, size - len, "%s \"%s\"",
		    count++ > 0 ? "," : "", all[i].name);
	}
	snprintf(option + len, size - len, " }\n");
	rules->quorum = usual ? 1 : (unsigned)draw_between(d, 1, count);
}

/*
 * Cycles and looks at the standby take most of the time of a simulation, and
 * mostly find what they have found before: they are rare in most seeds.
 */
static void
draw_config(struct draw *d)
{
	static const char *const cycles[] = { "30m", "1h", "2h" };
	static const char *const between_ms[] = { "0s", "10m", "1h" };
	static const char *const soaks[] = { "0s", "3m", "10m" };
	struct holds_rules *holds = &d->plan->holds;
	struct oracle_rules *rules = &d->plan->rules;
	char global[256], of_stack[768], triggers[128];
	const char *apart = between_ms[draw_between(d, 0, 2)];
	const char *soak = soaks[draw_between(d, 0, 2)];

	rules->grace = draw_often(d, 900) ? 1 : (unsigned)draw_between(d, 2, 4);
	rules->blind_probe = draw_often(d, 500);
	rules->fall = draw_often(d, 800) ? 3 : (unsigned)draw_between(d, 1, 5);
	draw_triggers(d, rules, triggers, sizeof(triggers));
	holds->advisory = draw_often(d, 50);
	holds->failback_automatic = draw_often(d, 250);
	holds->max_per_day = (unsigned)draw_between(d, 0, 3);
	(void)clock_parse_span(apart, &holds->min_between_ms);
	(void)clock_parse_span(soak, &holds->soak_ms);
	snprintf(global, sizeof(global), "reconcile_interval = %s\n%s",
	    draw_often(d, 10)	     ? "30s"
		: draw_often(d, 100) ? "10m"
				     : cycles[draw_between(d, 0, 2)],
	    draw_often(d, 300) ? "suspect_interval = 15s\n" : "");
	snprintf(of_stack, sizeof(of_stack),
	    "%s\tquorum = %u\n\tfall = %u\n\tstartup_grace = %u\n\twhen_blind "
	    "= %s\n"
	    "\troute53_source = %s\n\tmode = %s\n\tfailback = "
	    "%s\n\tfailback_soak = %s\n"
	    "\tmin_between = %s\n"
	    "\tmax_per_day = %u\n\treadiness {\n\t\tinterval = %s\n\t\t"
	    "max_age = 15m\n\t\tcanary = 0s\n\t}\n",
	    triggers, rules->quorum, rules->fall, rules->grace,
	    rules->blind_probe ? "probe" : "hold",
	    draw_often(d, 300) ? "metric" : "status",
	    holds->advisory ? "advisory" : "automatic",
	    holds->failback_automatic ? "automatic" : "manual", soak, apart,
	    holds->max_per_day, draw_often(d, 100) ? "1m" : "5m");
	plan_set_config(d->plan, global, of_stack);
}

static void
sort(struct plan *plan)
{
	struct act act;
	size_t i, k;

	for (i = 1; i < plan->count; i++) {
		act = plan->acts[i];
		for (k = i; k > 0 && plan->acts[k - 1].at_ms > act.at_ms; k--)
			plan->acts[k] = plan->acts[k - 1];
		plan->acts[k] = act;
	}
}

void
plan_draw(struct plan *plan, uint64_t seed)
{
	struct draw d = { .plan = plan };
	uint64_t from;
	unsigned i, n;

	memset(plan, 0, sizeof(*plan));
	plan->seed = seed;
	chance_init(&d.chance, seed, 0);
	draw_config(&d);
	plan->end_ms = draw_between(&d, LENGTH_MIN, LENGTH_MAX);
	d.last_ms = plan->end_ms - CALM_MS;
	plan->rests = true;
	if (draw_often(&d, 500)) {
		from = draw_between(&d, DRAW_FIRST_MS, d.last_ms / 2);
		draw_region_dies(&d, from,
		    from + draw_between(&d, 2 * MINUTE, d.last_ms / 2));
	}
	n = (unsigned)draw_between(&d, 0, EPISODES_MAX);
	for (i = 0; i < n; i++)
		draw_episode(&d);
	sort(plan);
	draw_add(&d, d.last_ms, ACT_WELL);
	sort(plan);
}
