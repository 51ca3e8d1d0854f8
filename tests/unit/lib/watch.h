/* SPDX-License-Identifier: MIT
 *
 * A watch over one stack in the scripted world: start it, let polls pass,
 * crash it, look what it did.
 *
 * Included by the tests that include failover.c: all of it is static.
 */
#ifndef DRD_TESTS_WATCH_H
#define DRD_TESTS_WATCH_H

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "aws/client.h"
#include "aws/creds.h"
#include "base/backoff.h"
#include "net/http.h"

#define ENDPOINT_PARAMETER "/dr/shop-prod/endpoint"
#define ACTIVE_PARAMETER   "/dr/shop-prod/active"

enum { POLL_MS = 30000, SECOND = 1000, HOUR = 3600 * SECOND };

static struct world world;
static char dir[] = "/tmp/drd-test-XXXXXX";
static char path[64];

static struct loop *loop;
static struct http *http;
static struct aws *aws;
static struct failover *f;
static unsigned role_changes;
static unsigned withheld, advised;

static const struct failover_signal signals[] = {
	{ "route53", SIGNAL_ROUTE53, "us-east-1", NULL, true, false },
	{ "alarm:health-check", SIGNAL_ALARM, "us-east-1", "shop-alarm", true,
	    false },
};

static struct failover_config config = {
	.stack = "shop",
	.primary = "us-east-1",
	.standby = "us-west-2",
	.fall = 3,
	.quorum = 1,
	.check_interval_s = 30,
	.poll_interval = POLL_MS,
	.poll_deadline = 10000,
	.signals = signals,
	.signal_count = 2,
	.endpoint_parameter = ENDPOINT_PARAMETER,
	.active_parameter = ACTIVE_PARAMETER,
};

static const struct failover_facts facts = {
	.health_check = "hc-1",
	.balancer = { "east.example", "west.example" },
	.endpoint = { "http://east.example", "http://west.example" },
	.topic = { "arn:aws:sns:us-east-1:1:t", "arn:aws:sns:us-west-2:1:t" },
};

static void
on_role(enum role from, enum role to, const char *why, void *arg)
{
	ck_assert(from != to);
	ck_assert(why[0] != '\0');
	role_changes++;
}

static void
on_withheld(bool advice, const char *why, void *arg)
{
	ck_assert(why[0] != '\0');
	withheld++;
	if (advice)
		advised++;
}

/* Start, or start again as after a crash: the journal is all that is left. */
static void
boot(void)
{
	struct failover_ops ops = { .role_changed = on_role,
		.withheld = on_withheld };
	struct creds creds = { 0 };
	struct error e;

	loop = loop_new();
	http = http_new(loop, 8);
	aws = aws_new(loop, http);
	ck_assert_int_eq(creds_from_environment(&creds, &e), 1);
	aws_set_creds(aws, &creds);
	f = failover_new(loop, aws, path, &config, &ops, &e);
	ck_assert_msg(f != NULL, "%s", e.text);
	failover_start(f);
	failover_set_facts(f, &facts);
	/* The first poll is over; from here each poll's answers are in time. */
	script_advance(SECOND);
}

static void
crash(void)
{
	failover_free(f);
	aws_free(aws);
	http_free(http);
	loop_free(loop);
	f = NULL;
}

static void
setup(void)
{
	static char name[sizeof(dir)];

	world_creds();
	world_start(&world);
	log_set_level(LOG_LEVEL_ERROR);
	strcpy(name, dir);
	ck_assert(mkdtemp(name) != NULL);
	snprintf(path, sizeof(path), "%s/shop.journal", name);
	role_changes = withheld = advised = 0;
	boot();
}

static void
teardown(void)
{
	char *slash;

	if (f != NULL)
		crash();
	unlink(path);
	slash = strrchr(path, '/');
	strcpy(slash, "/shop.outbox");
	unlink(path);
	*slash = '\0';
	rmdir(path);
}

static enum role
role(void)
{
	return f->role;
}

static inline const char *
trouble(void)
{
	struct failover_status status;

	failover_status(f, &status);
	return status.trouble;
}

static inline const struct detected *
seen(void)
{
	return detect_facts(f->detect);
}

static void
let_polls(unsigned n)
{
	script_advance((uint64_t)n * POLL_MS);
}

static unsigned
writes(void)
{
	return world.region[EAST].puts + world.region[WEST].puts +
	    world.region[EAST].publishes + world.region[WEST].publishes;
}

static bool
active_is(enum world_region where, const char *region, uint64_t epoch)
{
	struct active active;
	struct error e;

	return active_read(world.region[where].active, &active, &e) == 0 &&
	    strcmp(active.region, region) == 0 && active.epoch == epoch;
}

/* Both regions say the same: no half flip. */
static void
assert_at(const char *region, uint64_t epoch, const char *endpoint)
{
	int i;

	for (i = 0; i < WORLD_REGIONS; i++) {
		ck_assert_msg(active_is((enum world_region)i, region, epoch),
		    "region %d: %s", i, world.region[i].active);
		ck_assert_str_eq(world.region[i].endpoint, endpoint);
	}
}

static void
assert_failed_over(void)
{
	ck_assert_str_eq(role_name(role()), "failed-over");
	assert_at("us-west-2", 2, "http://west.example");
}

static void
failed_over_and_well_again(void)
{
	let_polls(2);
	world.healthy = false;
	let_polls(3);
	assert_failed_over();
	world.healthy = true;
	let_polls(5);
	assert_failed_over(); /* law 8 */
}

static inline int
order_failback(const char *reason, struct error *e)
{
	const struct failover_order order = {
		.failback = true,
		.reason = reason,
		.who = "uid 0",
		.audit = "0rder000",
	};

	return failover_order(f, &order, e);
}

/* `override` may be NULL. */
static inline int
order_failover(const char *reason, const char *override, struct error *e)
{
	const struct failover_order order = {
		.reason = reason,
		.who = "uid 0",
		.audit = "0rder000",
		.overrides = &override,
		.override_count = override != NULL,
	};

	return failover_order(f, &order, e);
}

static inline void
begin_with(const char *east, const char *west)
{
	crash();
	unlink(path);
	snprintf(world.region[EAST].active, VALUE_SIZE, "%s", east);
	snprintf(world.region[WEST].active, VALUE_SIZE, "%s", west);
	boot();
}

#define ACTIVE(region, epoch)                                            \
	"{\"active\":\"" region "\",\"endpoint\":\"x\",\"epoch\":" epoch \
	",\"since\":\"2026-01-01T00:00:00.000Z\"}"

#endif
