/* SPDX-License-Identifier: MIT
 *
 * drd check --online: the questions.  See online.h.
 *
 * Quotas are the account's, so what all stacks need of one is added up; which
 * of it is there already is found out by a survey of each stack, the same
 * pass that plan makes.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/clock.h"
#include "base/mem.h"
#include "daemon/maker.h"
#include "daemon/online.h"
#include "daemon/online_parts.h"
#include "daemon/verbs.h"
#include "failover/active.h"
#include "net/loop.h"

enum {
	CREDS_LIMIT_MS = 60000,
	/* A few attempts at a region that does not answer, and some. */
	LIMIT_MS = 60000,
};

/* --- Asking -------------------------------------------------------------- */

static const struct kind_read caller_read = { .operation =
						  "GetCallerIdentity" };
static const struct kind_read regions_read = {
	.operation = "DescribeRegions",
	.items = "regionInfo.item",
};
static const struct kind_read lambda_read = {
	.operation = "GetAccountSettings",
	.template = "GET /2016-08-19/account-settings",
};
static const struct kind_read certificate_read = { .operation =
						       "DescribeCertificate" };

static void
ask_place(struct online *o, struct online_place *place)
{
	size_t i;

	place->caller = looks_at(o->looks, SERVICE_STS, place->name,
	    &caller_read, mem_must(json_object()), 0);
	place->regions = looks_at(o->looks, SERVICE_EC2, place->name,
	    &regions_read, mem_must(json_pack("{s:b}", "AllRegions", 1)), 0);
	place->lambda = looks_at(o->looks, SERVICE_LAMBDA, place->name,
	    &lambda_read, mem_must(json_object()), 0);
	for (i = 0; quotas[i].what != NULL; i++) {
		assert(i < QUOTAS_MAX);
		if (!quotas[i].global)
			quota_ask(&quotas[i], &place->quotas[i], o->looks,
			    place->name);
	}
}

static struct look *
ask_certificate(struct online *o, const struct config_region *region)
{
	if (region->certificate[0] == '\0')
		return NULL;
	return looks_at(o->looks, SERVICE_ACM, region->name, &certificate_read,
	    mem_must(json_pack("{s:s}", "CertificateArn", region->certificate)),
	    0);
}

static void
add_place(struct online *o, const char *name)
{
	size_t i;

	for (i = 0; i < o->place_count; i++)
		if (strcmp(o->places[i].name, name) == 0)
			return;
	o->places = mem_grow(o->places, o->place_count + 1, sizeof(*o->places));
	o->places[o->place_count++] = (struct online_place){ .name = name };
}

/* --- Waiting ------------------------------------------------------------- */

static void
stop_when_over(struct online *o)
{
	size_t i;

	for (i = 0; i < o->config->stack_count; i++)
		if (o->surveys[i].pass != NULL)
			return;
	if (!looks_are_pending(o->looks))
		loop_stop(o->session.loop);
}

static void
on_looked(struct look *look, void *arg)
{
	struct online *o = arg;
	struct online_place *place;
	size_t i, q;

	for (i = 0; i < o->place_count; i++) {
		place = &o->places[i];
		for (q = 0; quotas[q].what != NULL; q++)
			quota_ask_on(&quotas[q], &place->quotas[q], o->looks,
			    place->name);
	}
	stop_when_over(o);
}

static void
on_surveyed(const struct reconcile_result *result, void *arg)
{
	struct online_survey *survey = arg;

	survey->pass = NULL;
	stop_when_over(survey->online);
}

/*
 * Who is active does not matter here, only what is there: a graph of the last
 * epoch finds none that is higher and would be told as somebody else's.
 */
static int
build_graphs(struct online *o, struct error *e)
{
	const struct config_stack *stack;
	struct topology_role role = { .epoch = ACTIVE_LAST_EPOCH };
	size_t i;

	for (i = 0; i < o->config->stack_count; i++) {
		stack = &o->config->stacks[i];
		role.active = stack->primary.name;
		o->graphs[i] = topology_build(stack, &role, e);
		if (o->graphs[i] == NULL)
			return error_prefix(e, "%s", stack->name);
	}
	return 0;
}

static int
ask_all(struct online *o, struct error *e)
{
	uint64_t deadline = clock_mono_ms() + LIMIT_MS;
	struct reconcile_options options = { .deadline_ms = deadline };
	struct online_survey *survey;
	size_t i;

	o->looks = looks_new(o->session.aws, deadline, on_looked, o);
	for (i = 0; i < o->place_count; i++)
		ask_place(o, &o->places[i]);
	for (i = 0; quotas[i].what != NULL; i++)
		if (quotas[i].global)
			quota_ask(
			    &quotas[i], &o->quotas[i], o->looks, GLOBAL_REGION);
	for (i = 0; i < o->config->stack_count; i++) {
		survey = &o->surveys[i];
		survey->certificates[0] =
		    ask_certificate(o, &survey->stack->primary);
		survey->certificates[1] =
		    ask_certificate(o, &survey->stack->standby);
		survey->pass = reconcile_start(o->session.loop, o->session.aws,
		    o->graphs[i], &options, on_surveyed, survey);
	}
	return loop_run(o->session.loop) == 0
	    ? 0
	    : error_set(e, ERROR_BUG, "Loop", "the event loop failed");
}

/* --- The whole ----------------------------------------------------------- */

static void
prepare(struct online *o, const struct config *config, FILE *out)
{
	size_t i;

	*o = (struct online){ .config = config, .out = out };
	o->surveys = mem_array(config->stack_count, sizeof(*o->surveys));
	o->graphs = mem_array(config->stack_count, sizeof(struct graph *));
	for (i = 0; i < config->stack_count; i++) {
		o->surveys[i].online = o;
		o->surveys[i].stack = &config->stacks[i];
		add_place(o, config->stacks[i].primary.name);
		add_place(o, config->stacks[i].standby.name);
	}
}

static void
release(struct online *o)
{
	size_t i;

	for (i = 0; i < o->config->stack_count; i++) {
		reconcile_cancel(o->surveys[i].pass);
		graph_free(o->graphs[i]);
	}
	looks_free(o->looks);
	session_close(&o->session);
	free(o->surveys);
	free(o->graphs);
	free(o->places);
}

int
online_check(const struct config *config, FILE *out)
{
	struct online o;
	struct error e;
	int rc;

	prepare(&o, config, out);
	rc = session_open(&o.session, config, &e);
	if (rc == 0) {
		aws_set_read_only(o.session.aws, true);
		rc = session_wait_creds(&o.session, CREDS_LIMIT_MS, &e);
	}
	if (rc == 0)
		rc = build_graphs(&o, &e);
	if (rc == 0)
		rc = ask_all(&o, &e);
	if (rc == 0)
		online_tell(&o);
	else
		fprintf(stderr, "drd check: %s\n", e.text);
	release(&o);
	return rc == 0 && o.told[ONLINE_FAIL] == 0 ? EXIT_CLEAN : EXIT_FAULT;
}
