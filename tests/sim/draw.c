/* SPDX-License-Identifier: MIT
 *
 * A plan from a seed: which faults, when, for how long.
 *
 * Half of the seeds take the primary's data plane away for good while, so
 * that there is something to fail over; everything else may happen around
 * it, before it and at the same time.  At the end all is well again, and drd
 * gets time to come to rest.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "chance.h"
#include "plan.h"

enum {
	MINUTE = 60000,
	FIRST_MS = 60000,      /* faults begin: mostly the stack is known */
	CALM_MS = 25 * MINUTE, /* of peace, at the end */
	LENGTH_MIN = 120 * MINUTE,
	LENGTH_MAX = 180 * MINUTE,
	EPISODES_MAX = 7,
};

struct draw {
	struct chance chance;
	struct plan *plan;
	uint64_t last_ms; /* the peace begins */
};

static uint64_t
between(struct draw *d, uint64_t lo, uint64_t hi)
{
	return chance_between(&d->chance, lo, hi);
}

static bool
often(struct draw *d, unsigned permille)
{
	return chance_is(&d->chance, permille);
}

static struct act *
add(struct draw *d, uint64_t at_ms, enum act_kind kind)
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

/* ---- episodes: a fault and its end ------------------------------------- */

static void
app_fails(struct draw *d, uint64_t from, uint64_t to)
{
	enum region region = often(d, 750) ? EAST : WEST;
	struct act *act = add(d, from, ACT_APP);

	act->region = region;
	act->app = (enum app)between(d, APP_REFUSED, APP_COUNT - 1);
	add(d, to, ACT_APP)->region = region;
}

static void
app_flaps(struct draw *d, uint64_t from, uint64_t to)
{
	uint64_t at = from;
	struct act *act;
	int i;

	for (i = 0; i < 6 && at < to; i++) {
		act = add(d, at, ACT_APP);
		act->app = APP_500;
		at += between(d, 20000, 4 * MINUTE);
		add(d, at < to ? at : to, ACT_APP);
		at += between(d, 10000, 3 * MINUTE);
	}
}

static void
checkers_differ(struct draw *d, uint64_t from, uint64_t to)
{
	add(d, from, ACT_BLIND)->number = (unsigned)between(d, 1, CHECKERS_MAX);
	add(d, to, ACT_BLIND)->number = 0;
}

static enum fault
any_fault(struct draw *d)
{
	return (enum fault)between(d, FAULT_REFUSED, FAULT_COUNT - 1);
}

static void
one_api_fails(struct draw *d, uint64_t from, uint64_t to)
{
	static const enum api apis[] = { API_ROUTE53, API_CLOUDWATCH, API_SSM,
		API_SNS, API_ELB };
	enum api api = apis[between(d, 0, 4)];
	enum region region = api == API_ROUTE53 || often(d, 500) ? EAST : WEST;
	struct act *act = add(d, from, ACT_API);

	act->region = region;
	act->api = api;
	act->fault = any_fault(d);
	if (often(d, 500))
		act->number = (unsigned)between(d, 50, 950);
	act = add(d, to, ACT_API);
	act->region = region;
	act->api = api;
}

static void
all_apis_fail(struct draw *d, uint64_t from, uint64_t to)
{
	enum region region = often(d, 700) ? EAST : WEST;
	struct act *act = add(d, from, ACT_ALL_APIS);

	act->region = region;
	act->fault = any_fault(d);
	if (often(d, 400))
		act->number = (unsigned)between(d, 50, 950);
	add(d, to, ACT_ALL_APIS)->region = region;
}

static void
uplink_fails(struct draw *d, uint64_t from, uint64_t to)
{
	bool whole = often(d, 500), east = often(d, 500);
	enum fault fault = often(d, 600)
	    ? FAULT_SILENT
	    : (enum fault)between(d, FAULT_REFUSED, FAULT_BROKEN);
	struct act *act;
	int r;

	for (r = 0; r < REGIONS; r++) {
		if (!whole && east != (r == EAST))
			continue;
		act = add(d, from, ACT_UPLINK);
		act->region = (enum region)r;
		act->fault = fault;
		add(d, to, ACT_UPLINK)->region = (enum region)r;
	}
}

static void
region_is_slow(struct draw *d, uint64_t from, uint64_t to)
{
	enum region region = often(d, 500) ? EAST : WEST;
	struct act *act = add(d, from, ACT_LATENCY);

	act->region = region;
	act->ms = (int64_t)between(d, 500, 12000);
	add(d, to, ACT_LATENCY)->region = region;
}

static void
watching_stops(struct draw *d, uint64_t from, uint64_t to)
{
	enum act_kind kind = often(d, 500) ? ACT_CHECKS : ACT_METRICS;

	add(d, from, kind);
	add(d, to, kind)->on = true;
}

static void
names_fail(struct draw *d, uint64_t from, uint64_t to)
{
	add(d, from, ACT_DNS)->fault =
	    often(d, 500) ? FAULT_SILENT : FAULT_REFUSED;
	add(d, to, ACT_DNS);
}

static void
reads_lag(struct draw *d, uint64_t from, uint64_t to)
{
	add(d, from, ACT_LAG)->ms = (int64_t)between(d, 100, 5000);
	add(d, to, ACT_LAG);
}

static void
disk_fails(struct draw *d, uint64_t from, uint64_t to)
{
	add(d, from, ACT_DISK)->disk = often(d, 500) ? DISK_FULL : DISK_BREAKS;
	add(d, to, ACT_DISK);
}

/* The primary is gone for everybody, or for its users only. */
static void
region_dies(struct draw *d, uint64_t from, uint64_t to)
{
	enum fault fault = often(d, 500) ? FAULT_SILENT : FAULT_SERVER;
	struct act *act = add(d, from, ACT_APP);

	act->app = (enum app)between(d, APP_REFUSED, APP_COUNT - 1);
	add(d, to, ACT_APP);
	if (often(d, 500))
		return;
	act = add(d, from + between(d, 0, 5 * MINUTE), ACT_ALL_APIS);
	act->fault = fault;
	add(d, to, ACT_ALL_APIS);
}

/* ---- what happens to drd ----------------------------------------------- */

static void
drd_dies(struct draw *d, uint64_t from)
{
	struct act *act;

	if (often(d, 300)) {
		act = add(d, from, ACT_CRASH);
	} else {
		act = add(d, from, ACT_CRASH_AT);
		act->point = often(d, 500) ? POINT_DISK : POINT_SEND;
		act->number =
		    (unsigned)between(d, 1, act->point == POINT_DISK ? 12 : 30);
	}
	act->on = often(d, 400);
	act->ms = (int64_t)between(d, 500, often(d, 800) ? 5000 : 600000);
}

static void
time_jumps(struct draw *d, uint64_t from)
{
	struct act *act;
	int64_t ms;

	if (often(d, 500)) {
		act = add(d, from, ACT_FREEZE);
		act->ms =
		    (int64_t)between(d, 500, often(d, 700) ? 90000 : 1800000);
		if (act->ms > (int64_t)(d->last_ms - from))
			act->ms = (int64_t)(d->last_ms - from);
		return;
	}
	act = add(d, from, ACT_CLOCK);
	ms = (int64_t)between(d, 1000, often(d, 500) ? 60000 : 7200000);
	act->ms = often(d, 500) ? ms : -ms;
}

static void
operator_acts(struct draw *d, uint64_t from)
{
	static const char *const orders[] = {
		"failback shop reason=the drill is over",
		"failback shop reason=the drill is over",
		"failback shop override=soak reason=it must be now",
		"failover shop to=us-west-2 reason=a drill",
		"failover shop to=us-west-2 override=readiness reason=now",
		"failover shop to=us-east-1 reason=by mistake",
		"pause shop for=10m reason=a release",
		"pause shop for=1h reason=a long release",
		"resume shop reason=the release is out",
		"ack shop reason=seen it",
		"ack shop reason=seen it",
		"poll",
		"poll shop",
		"status",
		"metrics",
		"history",
		"reload",
		"failback nobody reason=at all",
	};

	if (often(d, 250)) {
		struct act *act = add(d, from, ACT_SIGNAL);

		act->on = often(d, 500);
		if (!act->on)
			snprintf(act->text, sizeof(act->text), "stack {");
		return;
	}
	snprintf(add(d, from, ACT_ORDER)->text, 128, "%s",
	    orders[between(d, 0, sizeof(orders) / sizeof(orders[0]) - 1)]);
}

static void
add_episode(struct draw *d)
{
	static void (*const kinds[])(struct draw *, uint64_t,
	    uint64_t) = { app_fails, app_flaps, checkers_differ, one_api_fails,
		one_api_fails, all_apis_fail, uplink_fails, region_is_slow,
		watching_stops, names_fail, reads_lag, disk_fails };
	static void (*const blows[])(struct draw *, uint64_t) = { drd_dies,
		drd_dies, time_jumps, operator_acts, operator_acts };
	uint64_t from = between(d, FIRST_MS, d->last_ms - MINUTE);
	uint64_t most = d->last_ms - from;
	uint64_t to;

	if (often(d, 500)) {
		blows[between(d, 0, 4)](d, from);
		return;
	}
	if (most > 20 * MINUTE)
		most = 20 * MINUTE;
	to = from + between(d, 5000, most);
	kinds[between(d, 0, 11)](d, from, to);
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
	bool usual = often(d, 700);
	unsigned i, count = 0;
	size_t len;

	len = (size_t)snprintf(option, size, "\ttrigger = {");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (usual ? i > 1 : i > 0 && often(d, 400))
			continue;
		rules->trigger[all[i].evidence] = true;
		len += (size_t)snprintf(option + len, size - len, "%s \"%s\"",
		    count++ > 0 ? "," : "", all[i].name);
	}
	snprintf(option + len, size - len, " }\n");
	rules->quorum = usual ? 1 : (unsigned)between(d, 1, count);
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
	const char *apart = between_ms[between(d, 0, 2)];
	const char *soak = soaks[between(d, 0, 2)];

	rules->grace = often(d, 900) ? 1 : (unsigned)between(d, 2, 4);
	rules->blind_probe = often(d, 500);
	rules->fall = often(d, 800) ? 3 : (unsigned)between(d, 1, 5);
	draw_triggers(d, rules, triggers, sizeof(triggers));
	holds->advisory = often(d, 50);
	holds->failback_automatic = often(d, 250);
	holds->max_per_day = (unsigned)between(d, 0, 3);
	(void)clock_parse_span(apart, &holds->min_between_ms);
	(void)clock_parse_span(soak, &holds->soak_ms);
	snprintf(global, sizeof(global), "reconcile_interval = %s\n%s",
	    often(d, 10)	? "30s"
		: often(d, 100) ? "10m"
				: cycles[between(d, 0, 2)],
	    often(d, 300) ? "suspect_interval = 15s\n" : "");
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
	    often(d, 300) ? "metric" : "status",
	    holds->advisory ? "advisory" : "automatic",
	    holds->failback_automatic ? "automatic" : "manual", soak, apart,
	    holds->max_per_day, often(d, 100) ? "1m" : "5m");
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
	plan->end_ms = between(&d, LENGTH_MIN, LENGTH_MAX);
	d.last_ms = plan->end_ms - CALM_MS;
	plan->rests = true;
	if (often(&d, 500)) {
		from = between(&d, FIRST_MS, d.last_ms / 2);
		region_dies(
		    &d, from, from + between(&d, 2 * MINUTE, d.last_ms / 2));
	}
	n = (unsigned)between(&d, 0, EPISODES_MAX);
	for (i = 0; i < n; i++)
		add_episode(&d);
	sort(plan);
	add(&d, d.last_ms, ACT_WELL);
	sort(plan);
}
