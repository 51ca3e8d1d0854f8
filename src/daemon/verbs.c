/* SPDX-License-Identifier: MIT
 *
 * plan, apply, drift: one pass over each stack, in the foreground.
 *
 * They need no daemon and no state file.  Which region is active is read
 * where a failover wrote it: in the parameters of both regions and, if it can
 * be read, in this machine's journal; the higher epoch counts, so that
 * applying never undoes a failover.
 */
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/config.h"
#include "daemon/keeper.h"
#include "daemon/session.h"
#include "daemon/topology.h"
#include "daemon/verbs.h"
#include "failover/active.h"
#include "failover/journal.h"
#include "net/loop.h"
#include "stack/plan.h"
#include "stack/reconcile.h"

enum { CREDS_LIMIT_MS = 60000, LEARN_LIMIT_MS = 15000, PASS_LIMIT_MS = 300000 };

struct job {
	const struct verb_options *options;
	const struct config *config;
	const struct config_stack *stack;
	struct session session;
	struct active active;
	bool active_known;
	struct error error;
	struct graph *graph;
	struct reconcile_result result;
};

static const char *
verb_name(enum verb verb)
{
	switch (verb) {
	case VERB_PLAN:
		return "plan";
	case VERB_DRIFT:
		return "drift";
	case VERB_APPLY:
		return "apply";
	}
	return "?";
}

static int
fail(const struct job *job, const struct error *e)
{
	fflush(stdout);
	fprintf(stderr, "drd %s: %s: %s\n", verb_name(job->options->verb),
	    job->stack->name, e->text);
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
		error_set(&job->error, ERROR_AGAIN, "ActiveUnknown",
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
		    verb_name(job->options->verb), job->stack->name,
		    ignored.text);
	free(path);
	active_learn(job->session.aws, job->stack->primary.name,
	    job->stack->standby.name,
	    topology_active_name(job->stack, parameter),
	    clock_mono_ms() + LEARN_LIMIT_MS, LANE_RECONCILE, on_learned, job);
	if (loop_run(job->session.loop) == -1)
		return error_set(
		    &job->error, ERROR_BUG, "Loop", "the event loop failed");
	return job->active_known ? 0 : -1;
}

/* ---- passes ------------------------------------------------------------ */

static void
on_step(const struct node *node, const char *what, void *arg)
{
	printf("  %-10s %-16s %s: %s\n", node->region, node->kind->name,
	    node->name, what);
	fflush(stdout);
}

static void
on_passed(const struct reconcile_result *result, void *arg)
{
	struct job *job = arg;

	job->result = *result;
	loop_stop(job->session.loop);
}

static int
pass(struct job *job, bool write)
{
	struct reconcile_options options = {
		.write = write,
		.max_deletions = UINT_MAX, /* the plan has shown them */
		.deadline_ms = clock_mono_ms() + PASS_LIMIT_MS,
		.on_step = on_step,
	};

	reconcile_start(job->session.loop, job->session.aws, job->graph,
	    &options, on_passed, job);
	if (loop_run(job->session.loop) == -1)
		return error_set(
		    &job->error, ERROR_BUG, "Loop", "the event loop failed");
	return 0;
}

static void
show_plan(const struct job *job)
{
	struct text out = TEXT_INIT;
	json_t *json;

	if (job->options->json) {
		json = plan_json(job->graph);
		json_dumpf(json, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
		printf("\n");
		json_decref(json);
	} else {
		plan_text(job->graph, &out);
		printf("stack %s: %s is active, epoch %llu\n\n%s",
		    job->stack->name, job->active.region,
		    (unsigned long long)job->active.epoch, out.s);
		text_release(&out);
	}
	fflush(stdout);
}

static bool
confirmed(const struct job *job)
{
	char answer[8];

	if (job->options->yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		fprintf(stderr, "drd apply: nobody to ask: say --yes\n");
		return false;
	}
	printf("\nApply these changes? Only \"yes\" does: ");
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	    strcmp(answer, "yes\n") == 0;
}

static int
apply(struct job *job)
{
	char span[CLOCK_SPAN_SIZE];

	if (plan_exit_code(job->graph) == EXIT_CLEAN)
		return EXIT_CLEAN;
	if (job->result.changes != 0 && !confirmed(job))
		return EXIT_CHANGES;
	printf("\n");
	if (pass(job, true) == -1)
		return fail(job, &job->error);
	printf("\n%u of %u objects written, %u as declared, %u foreign, "
	       "%u failed; %s\n",
	    job->result.written, job->result.nodes, job->result.clean,
	    job->result.foreign, job->result.failed,
	    clock_span(job->result.took_ms, span));
	if (job->result.failed == 0 && job->result.foreign == 0)
		return EXIT_CLEAN;
	show_plan(job);
	return EXIT_FAULT;
}

static int
run_stack(const struct config *config, const struct config_stack *stack,
    const struct verb_options *options)
{
	struct topology_role role;
	struct job job = {
		.options = options,
		.config = config,
		.stack = stack,
	};
	int rc;

	if (session_open(&job.session, config, &job.error) == -1 ||
	    session_wait_creds(&job.session, CREDS_LIMIT_MS, &job.error) ==
		-1 ||
	    find_active(&job) == -1) {
		rc = fail(&job, &job.error);
		session_close(&job.session);
		return rc;
	}
	role.active = job.active.region;
	role.epoch = job.active.epoch;
	role.since_ms = job.active.since_ms;
	job.graph = topology_build(stack, &role, &job.error);
	if (job.graph == NULL || pass(&job, false) == -1) {
		rc = fail(&job, &job.error);
	} else {
		show_plan(&job);
		rc = options->verb == VERB_APPLY ? apply(&job)
						 : plan_exit_code(job.graph);
	}
	graph_free(job.graph);
	session_close(&job.session);
	return rc;
}

int
verb_run(const struct config *config, const struct verb_options *options)
{
	int rc, worst = EXIT_CLEAN;
	size_t i;

	if (options->stack != NULL &&
	    config_find_stack(config, options->stack) == NULL) {
		fprintf(stderr, "drd %s: there is no stack \"%s\" in %s\n",
		    verb_name(options->verb), options->stack, config->path);
		return EXIT_FAULT;
	}
	for (i = 0; i < config->stack_count; i++) {
		if (options->stack != NULL &&
		    strcmp(config->stacks[i].name, options->stack) != 0)
			continue;
		rc = run_stack(config, &config->stacks[i], options);
		if (rc == EXIT_FAULT || worst == EXIT_CLEAN)
			worst = rc;
	}
	return worst;
}
