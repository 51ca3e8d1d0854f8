/* SPDX-License-Identifier: MIT
 *
 * One stack in the foreground.  See job.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/job.h"
#include "daemon/keeper.h"
#include "daemon/topology.h"
#include "daemon/verbs.h"
#include "failover/journal.h"
#include "net/loop.h"

enum {
	CREDS_LIMIT_MS = 60000,
	LEARN_LIMIT_MS = 15000,
	/* A replica, a certificate or a load balancer takes its minutes. */
	PASS_LIMIT_MS = 30 * 60 * 1000,
	/* CloudWatch shows what it was told after some minutes at most; what
	   it refuses, it refuses again. */
	LATCH_BEAT_MS = 2000,
	LATCH_CALL_MS = 5000,
	LATCH_LOOK_MS = 50,
	LATCH_TROUBLE_MS = 10000,
	LATCH_LIMIT_MS = 3 * 60 * 1000,
};

int
job_fail(const struct job *job, const struct error *e)
{
	fflush(stdout);
	fprintf(
	    stderr, "drd %s: %s: %s\n", job->verb, job->stack->name, e->text);
	return EXIT_FAULT;
}

/* ---- which region is active -------------------------------------------- */

static void
take_if_higher(
    struct job *job, const char *region, int64_t epoch, int64_t since_ms)
{
	if (region == NULL || epoch < ACTIVE_FIRST_EPOCH ||
	    strlen(region) >= sizeof(job->active.region) ||
	    (job->active_known && (uint64_t)epoch <= job->active.epoch))
		return;
	job->active_known = true;
	job->active.epoch = (uint64_t)epoch;
	job->active.since_ms = since_ms;
	snprintf(job->active.region, sizeof(job->active.region), "%s", region);
}

/* The records that name the active region; see failover/journal.h. */
static void
on_record(const json_t *record, void *arg)
{
	const char *type = tree_str(record, "type");
	const char *at = tree_str(record, "at");
	int64_t epoch = 0, since_ms = 0;

	if (type == NULL || tree_int(record, "epoch", &epoch) == -1)
		return;
	if (strcmp(type, "change") == 0 && at != NULL &&
	    clock_parse(at, &since_ms) == 0)
		take_if_higher(arg, tree_str(record, "to"), epoch, since_ms);
	if (strcmp(type, "active") == 0 &&
	    tree_int(record, "since_ms", &since_ms) == 0)
		take_if_higher(
		    arg, tree_str(record, "region"), epoch, since_ms);
}

static void
on_learned(const struct active_learned *learned, void *arg)
{
	struct job *job = arg;

	if (learned->answer == ACTIVE_KNOWN)
		take_if_higher(job, learned->active.region,
		    (int64_t)learned->active.epoch, learned->active.since_ms);
	else if (learned->answer == ACTIVE_ABSENT && !job->active_known)
		take_if_higher(job, job->stack->primary.name,
		    ACTIVE_FIRST_EPOCH, clock_wall_ms());
	else if (!job->active_known)
		error_set(&job->error, learned->error->class,
		    learned->error->code,
		    "which region is active is not known: %s",
		    learned->error->text);
	loop_stop(job->session.loop);
}

static int
find_active(struct job *job)
{
	char parameter[TOPOLOGY_PARAMETER_MAX];
	struct error ignored;
	char *path;

	path = keeper_journal_path(job->config, job->stack);
	if (journal_read(path, on_record, job, &ignored) == -1)
		fprintf(stderr, "drd %s: %s: the journal is not used: %s\n",
		    job->verb, job->stack->name, ignored.text);
	free(path);
	active_learn(job->session.aws, job->stack->primary.name,
	    job->stack->standby.name,
	    topology_active_name(job->stack, parameter),
	    clock_mono_ms() + LEARN_LIMIT_MS, LANE_RECONCILE, on_learned, job);
	if (loop_run(job->session.loop) == -1)
		return error_set(
		    &job->error, ERROR_BUG, "Loop", "the event loop failed");
	return 0;
}

/* ---- passes ------------------------------------------------------------ */

static void
on_passed(const struct reconcile_result *result, void *arg)
{
	struct job *job = arg;

	job->result = *result;
	loop_stop(job->session.loop);
}

void
job_may_write(struct job *job)
{
	aws_set_read_only(job->session.aws, false);
}

int
job_pass(struct job *job, struct reconcile_options options)
{
	options.settle_ms = job->config->settle;
	options.deadline_ms = clock_mono_ms() + PASS_LIMIT_MS;
	reconcile_start(job->session.loop, job->session.aws, job->graph,
	    &options, on_passed, job);
	if (loop_run(job->session.loop) == -1)
		return error_set(
		    &job->error, ERROR_BUG, "Loop", "the event loop failed");
	if (!job->active_known)
		topology_doubt(job->graph, job->stack, &job->error);
	return 0;
}

/* ---- the latch ---------------------------------------------------------- */

struct latch_wait {
	struct job *job;
	uint64_t began_ms;
	bool told;
};

static void
look_at_latch(void *arg)
{
	struct latch_wait *wait = arg;
	struct job *job = wait->job;
	uint64_t waited_ms = clock_mono_ms() - wait->began_ms;

	if (latch_is_ready(job->latch) || waited_ms > LATCH_LIMIT_MS ||
	    (waited_ms > LATCH_TROUBLE_MS &&
		latch_facts(job->latch)->trouble != NULL)) {
		loop_stop(job->session.loop);
		return;
	}
	if (!wait->told && waited_ms > LATCH_BEAT_MS) {
		wait->told = true;
		printf("waiting: the latch is not seen as it should be yet\n");
		fflush(stdout);
	}
	loop_after(job->session.loop, LATCH_LOOK_MS, look_at_latch, wait);
}

/* It would start to follow something that may say anything. */
static void
leave_record(struct job *job, struct node *record)
{
	const char *trouble = latch_facts(job->latch)->trouble;

	record->frozen = true;
	fflush(stdout);
	fprintf(stderr,
	    "drd %s: %s: the latch is not seen as it should be, so the record "
	    "%s does not follow it yet: %s\n",
	    job->verb, job->stack->name, record->name,
	    trouble != NULL ? trouble : "try again in some minutes");
}

bool
job_keep_latch(struct job *job)
{
	struct node *record = graph_find(job->graph, "record-primary");
	struct node *check = graph_find(job->graph, "health-calculated");
	struct latch_wait wait = { job, clock_mono_ms(), false };
	struct latch_options options = {
		.stack = job->stack->name,
		.place = &job->place,
		.beat_ms = LATCH_BEAT_MS,
		.call_ms = LATCH_CALL_MS,
	};
	char *path;

	if (job->stack->latch == CARRIER_NONE || record == NULL ||
	    (record->state == NODE_CLEAN &&
		(check == NULL || check->state == NODE_CLEAN)))
		return true;
	path = keeper_journal_path(job->config, job->stack);
	options.silent = journal_in_use(path); /* a daemon does it */
	free(path);
	job->place = topology_latch(job->stack);
	job->latch = latch_new(job->session.loop, job->session.aws, &options);
	latch_want(job->latch,
	    strcmp(job->active.region, job->stack->standby.name) == 0
		? LATCH_SET
		: LATCH_CLEAR);
	look_at_latch(&wait);
	if (!latch_is_ready(job->latch) && loop_run(job->session.loop) == -1)
		return false;
	if (!latch_is_ready(job->latch)) {
		leave_record(job, record);
		if (check != NULL)
			check->kept = true;
	}
	return latch_is_ready(job->latch);
}

void
job_init(struct job *job, const char *verb, const struct config *config,
    const struct config_stack *stack)
{
	*job = (struct job){ .verb = verb, .config = config, .stack = stack };
}

int
job_open_session(struct job *job, const char *verb, const struct config *config,
    const struct config_stack *stack)
{
	job_init(job, verb, config, stack);
	if (session_open(&job->session, config, &job->error) == -1)
		return -1;
	aws_set_read_only(job->session.aws, true);
	return session_wait_creds(&job->session, CREDS_LIMIT_MS, &job->error);
}

int
job_open(struct job *job, const char *verb, const struct config *config,
    const struct config_stack *stack)
{
	struct topology_role role;

	if (job_open_session(job, verb, config, stack) == -1 ||
	    find_active(job) == -1)
		return -1;
	role.active = job->active_known ? job->active.region : NULL;
	role.epoch = job->active.epoch;
	role.since_ms = job->active.since_ms;
	job->graph = topology_build(stack, &role, &job->error);
	return job->graph != NULL ? 0 : -1;
}

void
job_close(struct job *job)
{
	latch_free(job->latch);
	graph_free(job->graph);
	session_close(&job->session);
}
