/* SPDX-License-Identifier: MIT
 *
 * The truth, and AWS's machinery.  See world.h.
 *
 * Numbers: a checker asks every 30 seconds and changes its mind after three
 * answers in a row; a check is healthy while more than 18 % of the checkers
 * say so (Route 53 developer guide, "How Amazon Route 53 determines whether a
 * health check is healthy"); its alarm looks at whole minutes.
 */
#include <string.h>

#include "base/tree.h"
#include "instant.h"
#include "world.h"

enum {
	CHECK_EVERY_MS = 30000,
	SLACK_MS = 10000, /* until an answer is too old */
	CHECK_THRESHOLD = 3,
	MINUTE_MS = 60000,
	METRIC_LATE_MS = 15000, /* after the minute's end */
};

struct world world;

const char *const region_names[REGIONS] = { "us-east-1", "us-west-2" };

const char *const fault_names[FAULT_COUNT] = {
	[FAULT_NONE] = "ok",
	[FAULT_REFUSED] = "refused",
	[FAULT_UNRESOLVED] = "unresolved",
	[FAULT_SILENT] = "silent",
	[FAULT_TLS] = "tls",
	[FAULT_BROKEN] = "broken",
	[FAULT_THROTTLED] = "throttled",
	[FAULT_DENIED] = "denied",
	[FAULT_SERVER] = "server-error",
	[FAULT_HTML] = "html",
	[FAULT_PROXY] = "proxy",
	[FAULT_CUT] = "cut",
	[FAULT_EMPTY] = "empty",
	[FAULT_STRANGE] = "strange",
	[FAULT_LOST] = "lost",
};

const char *const app_names[APP_COUNT] = {
	[APP_OK] = "serves",
	[APP_REFUSED] = "refuses",
	[APP_SILENT] = "drops",
	[APP_500] = "errs",
	[APP_SLOW] = "crawls",
};

const char *const api_names[API_COUNT] = {
	[API_EC2] = "ec2",
	[API_ELB] = "elb",
	[API_LAMBDA] = "lambda",
	[API_IAM] = "iam",
	[API_STS] = "sts",
	[API_DYNAMODB] = "dynamodb",
	[API_S3] = "s3",
	[API_ROUTE53] = "route53",
	[API_CLOUDWATCH] = "cloudwatch",
	[API_SSM] = "ssm",
	[API_SNS] = "sns",
	[API_OTHER] = "other",
};

void
world_reset(uint64_t seed)
{
	struct checker *checker;
	unsigned r, i;

	memset(&world, 0, sizeof(world));
	chance_init(&world.chance, seed, 1);
	world.alarm_known = true;
	/* Fewer than there are: reading them is what most time goes into. */
	if (chance_is(&world.chance, 250))
		world.checkers = chance_is(&world.chance, 250) ? 16 : 8;
	else
		world.checkers = 4;
	for (r = 0; r < REGIONS; r++) {
		world.check_healthy[r] = true;
		for (i = 0; i < world.checkers; i++) {
			checker = &world.region[r].checkers[i];
			checker->next_ms = i * CHECK_EVERY_MS / world.checkers;
			checker->ok = checker->healthy = true;
		}
	}
}

void
world_heal(void)
{
	struct region_truth *region;
	int r;

	world_advance();
	for (r = 0; r < REGIONS; r++) {
		region = &world.region[r];
		region->app = APP_OK;
		region->blind = 0;
		region->latency_ms = 0;
		memset(region->api, 0, sizeof(region->api));
		memset(&region->writes, 0, sizeof(region->writes));
		memset(&region->uplink, 0, sizeof(region->uplink));
	}
	memset(&world.name_servers, 0, sizeof(world.name_servers));
	world.checks_stopped = world.metrics_stopped = false;
	world.lag_ms = 0;
}

static bool
is_well(const struct region_truth *region)
{
	int i;

	for (i = 0; i < API_COUNT; i++)
		if (region->api[i].fault != FAULT_NONE)
			return false;
	return world.lag_ms == 0 && region->app == APP_OK &&
	    region->blind == 0 && region->latency_ms == 0 &&
	    region->uplink.fault == FAULT_NONE &&
	    region->writes.fault == FAULT_NONE;
}

uint64_t
world_standby_well_ms(void)
{
	if (!is_well(&world.region[WEST]))
		world.standby_ill_ms = instant_ms();
	return instant_ms() - world.standby_ill_ms;
}

/* ---- AWS's machinery --------------------------------------------------- */

bool
world_serves(enum region region)
{
	return world.region[region].app == APP_OK;
}

bool
world_check_healthy(enum region region)
{
	unsigned i, healthy = 0;

	for (i = 0; i < world.checkers; i++)
		healthy += world.region[region].checkers[i].healthy;
	return healthy * 100 > 18 * world.checkers;
}

static void
ask(struct region_truth *region, unsigned i)
{
	struct checker *checker = &region->checkers[i];

	checker->ok = region->app == APP_OK && i >= region->blind;
	checker->asked_ms = checker->next_ms;
	checker->streak =
	    checker->ok == checker->healthy ? 0 : checker->streak + 1;
	if (checker->streak == CHECK_THRESHOLD) {
		checker->healthy = checker->ok;
		checker->streak = 0;
	}
}

static void
end_minute(void)
{
	struct region_truth *region;
	int r;

	/* A metric that is missing leaves the alarm without data. */
	world.alarm_known = !world.metrics_stopped && !world.checks_stopped;
	world.alarm_raised = !world.check_healthy[EAST];
	if (world.alarm_known) {
		world.point_known = true;
		world.point_ill = world.alarm_raised;
		world.point_ms = world.minute * MINUTE_MS;
	}
	for (r = 0; r < REGIONS; r++) {
		region = &world.region[r];
		region->bad_minutes =
		    region->bad_minute ? region->bad_minutes + 1 : 0;
		region->bad_minute = region->app != APP_OK;
		world.check_healthy[r] = world_check_healthy((enum region)r);
	}
	/* Without new data the check keeps its last known status. */
	if (world.latch_told)
		world.latched = world.latch;
	world.latch_told = false;
	world.minute++;
}

/* Everything that happens at `ms`. */
static void
advance_to(uint64_t ms)
{
	struct checker *checker;
	unsigned r, i;

	for (r = 0; r < REGIONS; r++) {
		for (i = 0; i < world.checkers; i++) {
			checker = &world.region[r].checkers[i];
			if (checker->next_ms > ms)
				continue;
			if (!world.checks_stopped)
				ask(&world.region[r], i);
			checker->next_ms += CHECK_EVERY_MS;
		}
		if (!world_check_healthy((enum region)r))
			world.check_healthy[r] = false;
		if (world.region[r].app != APP_OK)
			world.region[r].bad_minute = true;
	}
}

void
world_advance(void)
{
	uint64_t now = instant_ms(), step = CHECK_EVERY_MS / CHECKERS_MAX;
	uint64_t ms, end;

	/* All checkers ask at multiples of `step`. */
	for (ms = world.advanced_ms; ms <= now; ms += step) {
		end = (world.minute + 1) * MINUTE_MS + METRIC_LATE_MS;
		if (ms >= end)
			end_minute();
		advance_to(ms);
	}
	world.advanced_ms = ms;
}

unsigned
world_checkers_fresh(enum region region, uint64_t interval_s, unsigned *ok)
{
	const struct checker *checker;
	/* Ages are told by the date of the answer, which is in seconds. */
	uint64_t now = instant_ms() - (uint64_t)(instant_wall_ms() % 1000);
	unsigned i, fresh = 0;

	*ok = 0;
	for (i = 0; i < world.checkers; i++) {
		checker = &world.region[region].checkers[i];
		if (now > checker->asked_ms + 2000 * interval_s + SLACK_MS)
			continue;
		fresh++;
		*ok += checker->ok;
	}
	return fresh;
}

enum region
world_dns(void)
{
	world_advance();
	if (world_check_healthy(EAST) && !world.latched)
		return EAST;
	/* Route 53 fails open. */
	return world_check_healthy(WEST) ? WEST : EAST;
}

/* ---- calls ------------------------------------------------------------- */

static enum fault
befalls(const struct flaw *flaw)
{
	if (flaw->fault == FAULT_NONE)
		return FAULT_NONE;
	return flaw->permille >= 1000 ||
		chance_is(&world.chance, flaw->permille)
	    ? flaw->fault
	    : FAULT_NONE;
}

enum fault
world_fault(enum region region, enum api api, bool writes)
{
	enum fault fault = befalls(&world.region[region].uplink);

	if (fault == FAULT_NONE)
		fault = befalls(&world.region[region].api[api]);
	if (fault == FAULT_NONE && writes)
		fault = befalls(&world.region[region].writes);
	world.injected[fault]++;
	return fault;
}

/* ---- parameters -------------------------------------------------------- */

struct parameter *
world_parameter(enum region region, const char *name)
{
	struct parameter *p;
	int i;

	for (i = 0; i < PARAMETERS_MAX; i++) {
		p = &world.region[region].parameters[i];
		if (strcmp(p->name, name) == 0)
			return p;
	}
	return NULL;
}

static void
read_active(struct parameter *p)
{
	json_t *t = tree_parse(p->value, strlen(p->value));
	const char *active = tree_str(t, "active");
	int64_t number = 0;

	(void)tree_int(t, "epoch", &number);
	p->epoch = (uint64_t)number;
	p->active = active != NULL && strcmp(active, region_names[WEST]) == 0
	    ? WEST
	    : EAST;
	p->read = p->version;
	json_decref(t);
}

bool
world_active(enum region region, enum region *active, uint64_t *epoch)
{
	struct parameter *p = world_parameter(region, "/dr/shop-prod/active");

	if (p == NULL)
		return false;
	if (p->read != p->version)
		read_active(p);
	*active = p->active;
	*epoch = p->epoch;
	return true;
}
