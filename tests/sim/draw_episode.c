/* SPDX-License-Identifier: MIT
 *
 * What may befall the world and drd: a fault and its end, a blow, an order.
 *
 * Each seed's plan is made of the numbers drawn here, in this order: what is
 * put in between makes all seeds other ones.
 */
#include <stdio.h>
#include <string.h>

#include "draw_parts.h"

enum { MINUTE = 60000 };

/* ---- episodes: a fault and its end ------------------------------------- */

static void
app_fails(struct draw *d, uint64_t from, uint64_t to)
{
	enum region region = draw_often(d, 750) ? EAST : WEST;
	struct act *act = draw_add(d, from, ACT_APP);

	act->region = region;
	act->app = (enum app)draw_between(d, APP_REFUSED, APP_COUNT - 1);
	draw_add(d, to, ACT_APP)->region = region;
}

static void
app_flaps(struct draw *d, uint64_t from, uint64_t to)
{
	uint64_t at = from;
	struct act *act;
	int i;

	for (i = 0; i < 6 && at < to; i++) {
		act = draw_add(d, at, ACT_APP);
		act->app = APP_500;
		at += draw_between(d, 20000, 4 * MINUTE);
		draw_add(d, at < to ? at : to, ACT_APP);
		at += draw_between(d, 10000, 3 * MINUTE);
	}
}

static void
checkers_differ(struct draw *d, uint64_t from, uint64_t to)
{
	draw_add(d, from, ACT_BLIND)->number =
	    (unsigned)draw_between(d, 1, CHECKERS_MAX);
	draw_add(d, to, ACT_BLIND)->number = 0;
}

static enum fault
any_fault(struct draw *d)
{
	return (enum fault)draw_between(d, FAULT_REFUSED, FAULT_COUNT - 1);
}

static void
one_api_fails(struct draw *d, uint64_t from, uint64_t to)
{
	static const enum api apis[] = { API_ROUTE53, API_CLOUDWATCH, API_SSM,
		API_SNS, API_ELB };
	enum api api = apis[draw_between(d, 0, 4)];
	enum region region =
	    api == API_ROUTE53 || draw_often(d, 500) ? EAST : WEST;
	struct act *act = draw_add(d, from, ACT_API);

	act->region = region;
	act->api = api;
	act->fault = any_fault(d);
	if (draw_often(d, 500))
		act->number = (unsigned)draw_between(d, 50, 950);
	act = draw_add(d, to, ACT_API);
	act->region = region;
	act->api = api;
}

static void
all_apis_fail(struct draw *d, uint64_t from, uint64_t to)
{
	enum region region = draw_often(d, 700) ? EAST : WEST;
	struct act *act = draw_add(d, from, ACT_ALL_APIS);

	act->region = region;
	act->fault = any_fault(d);
	if (draw_often(d, 400))
		act->number = (unsigned)draw_between(d, 50, 950);
	draw_add(d, to, ACT_ALL_APIS)->region = region;
}

static void
uplink_fails(struct draw *d, uint64_t from, uint64_t to)
{
	bool whole = draw_often(d, 500), east = draw_often(d, 500);
	enum fault fault = draw_often(d, 600)
	    ? FAULT_SILENT
	    : (enum fault)draw_between(d, FAULT_REFUSED, FAULT_BROKEN);
	struct act *act;
	int r;

	for (r = 0; r < REGIONS; r++) {
		if (!whole && east != (r == EAST))
			continue;
		act = draw_add(d, from, ACT_UPLINK);
		act->region = (enum region)r;
		act->fault = fault;
		draw_add(d, to, ACT_UPLINK)->region = (enum region)r;
	}
}

static void
region_is_slow(struct draw *d, uint64_t from, uint64_t to)
{
	enum region region = draw_often(d, 500) ? EAST : WEST;
	struct act *act = draw_add(d, from, ACT_LATENCY);

	act->region = region;
	act->ms = (int64_t)draw_between(d, 500, 12000);
	draw_add(d, to, ACT_LATENCY)->region = region;
}

static void
watching_stops(struct draw *d, uint64_t from, uint64_t to)
{
	enum act_kind kind = draw_often(d, 500) ? ACT_CHECKS : ACT_METRICS;

	draw_add(d, from, kind);
	draw_add(d, to, kind)->on = true;
}

static void
names_fail(struct draw *d, uint64_t from, uint64_t to)
{
	draw_add(d, from, ACT_DNS)->fault =
	    draw_often(d, 500) ? FAULT_SILENT : FAULT_REFUSED;
	draw_add(d, to, ACT_DNS);
}

static void
reads_lag(struct draw *d, uint64_t from, uint64_t to)
{
	draw_add(d, from, ACT_LAG)->ms = (int64_t)draw_between(d, 100, 5000);
	draw_add(d, to, ACT_LAG);
}

static void
disk_fails(struct draw *d, uint64_t from, uint64_t to)
{
	draw_add(d, from, ACT_DISK)->disk =
	    draw_often(d, 500) ? DISK_FULL : DISK_BREAKS;
	draw_add(d, to, ACT_DISK);
}

void
draw_region_dies(struct draw *d, uint64_t from, uint64_t to)
{
	enum fault fault = draw_often(d, 500) ? FAULT_SILENT : FAULT_SERVER;
	struct act *act = draw_add(d, from, ACT_APP);

	act->app = (enum app)draw_between(d, APP_REFUSED, APP_COUNT - 1);
	draw_add(d, to, ACT_APP);
	if (draw_often(d, 500))
		return;
	act = draw_add(d, from + draw_between(d, 0, 5 * MINUTE), ACT_ALL_APIS);
	act->fault = fault;
	draw_add(d, to, ACT_ALL_APIS);
}

/* ---- what happens to drd ----------------------------------------------- */

static void
drd_dies(struct draw *d, uint64_t from)
{
	struct act *act;

	if (draw_often(d, 300)) {
		act = draw_add(d, from, ACT_CRASH);
	} else {
		act = draw_add(d, from, ACT_CRASH_AT);
		act->point = draw_often(d, 500) ? POINT_DISK : POINT_SEND;
		act->number = (unsigned)draw_between(
		    d, 1, act->point == POINT_DISK ? 12 : 30);
	}
	act->on = draw_often(d, 400);
	act->ms =
	    (int64_t)draw_between(d, 500, draw_often(d, 800) ? 5000 : 600000);
}

static void
time_jumps(struct draw *d, uint64_t from)
{
	struct act *act;
	int64_t ms;

	if (draw_often(d, 500)) {
		act = draw_add(d, from, ACT_FREEZE);
		act->ms = (int64_t)draw_between(
		    d, 500, draw_often(d, 700) ? 90000 : 1800000);
		if (act->ms > (int64_t)(d->last_ms - from))
			act->ms = (int64_t)(d->last_ms - from);
		return;
	}
	act = draw_add(d, from, ACT_CLOCK);
	ms = (int64_t)draw_between(
	    d, 1000, draw_often(d, 500) ? 60000 : 7200000);
	act->ms = draw_often(d, 500) ? ms : -ms;
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

	if (draw_often(d, 250)) {
		struct act *act = draw_add(d, from, ACT_SIGNAL);

		act->on = draw_often(d, 500);
		if (!act->on)
			snprintf(act->text, sizeof(act->text), "stack {");
		return;
	}
	snprintf(draw_add(d, from, ACT_ORDER)->text, 128, "%s",
	    orders[draw_between(d, 0, sizeof(orders) / sizeof(orders[0]) - 1)]);
}

void
draw_episode(struct draw *d)
{
	static void (*const kinds[])(struct draw *, uint64_t,
	    uint64_t) = { app_fails, app_flaps, checkers_differ, one_api_fails,
		one_api_fails, all_apis_fail, uplink_fails, region_is_slow,
		watching_stops, names_fail, reads_lag, disk_fails };
	static void (*const blows[])(struct draw *, uint64_t) = { drd_dies,
		drd_dies, time_jumps, operator_acts, operator_acts };
	uint64_t from = draw_between(d, DRAW_FIRST_MS, d->last_ms - MINUTE);
	uint64_t most = d->last_ms - from;
	uint64_t to;

	if (draw_often(d, 500)) {
		blows[draw_between(d, 0, 4)](d, from);
		return;
	}
	if (most > 20 * MINUTE)
		most = 20 * MINUTE;
	to = from + draw_between(d, 5000, most);
	kinds[draw_between(d, 0, 11)](d, from, to);
}
