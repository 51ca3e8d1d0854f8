/* SPDX-License-Identifier: MIT
 *
 * plan, apply, drift, destroy, outputs, policy: each stack in the foreground.
 *
 * All but policy begin with a pass that only reads.  What writes shows what
 * it is about to do, and asks.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/job.h"
#include "daemon/keeper.h"
#include "daemon/outputs.h"
#include "daemon/progress.h"
#include "daemon/verb_path.h"
#include "daemon/verb_policy.h"
#include "daemon/verbs.h"
#include "failover/journal.h"
#include "stack/plan.h"

const char *
verb_name(enum verb verb)
{
	switch (verb) {
	case VERB_PLAN:
		return "plan";
	case VERB_DRIFT:
		return "drift";
	case VERB_APPLY:
		return "apply";
	case VERB_DESTROY:
		return "destroy";
	case VERB_OUTPUTS:
		return "outputs";
	case VERB_POLICY:
		return "policy";
	}
	return "?";
}

/* ---- showing ------------------------------------------------------------ */

static void
print_json(const json_t *t, size_t flags)
{
	json_dumpf(t, stdout, JSON_INDENT(2) | flags);
	printf("\n");
}

static void
show_active(const struct job *job)
{
	printf("stack %s: ", job->stack->name);
	if (job->active_known)
		printf("%s is active, epoch %llu", job->active.region,
		    (unsigned long long)job->active.epoch);
	else
		printf("which region is active is not known");
}

static void
show_plan(const struct job *job, bool as_json)
{
	struct text out = TEXT_INIT;
	json_t *json;

	if (as_json) {
		json = plan_json(job->graph);
		print_json(json, JSON_SORT_KEYS);
		json_decref(json);
	} else {
		plan_text(job->graph, &out);
		show_active(job);
		printf("\n\n%s", out.s);
		text_release(&out);
	}
	fflush(stdout);
}

static void
show_notes(const struct job *job)
{
	struct text out = TEXT_INIT;

	plan_notes(job->graph, &out);
	if (out.len > 0)
		printf("\n%s", out.s);
	text_release(&out);
}

static int
show_outputs(const struct job *job, bool as_json)
{
	json_t *outputs = outputs_json(job->graph, job->stack);
	struct text out = TEXT_INIT;
	bool lack = outputs_lack(outputs);

	if (as_json) {
		print_json(outputs, 0);
	} else {
		outputs_text(outputs, &out);
		fputs(out.s, stdout);
		text_release(&out);
	}
	json_decref(outputs);
	return lack ? EXIT_CHANGES : EXIT_CLEAN;
}

/* ---- asking ------------------------------------------------------------- */

/* Only the word itself is a yes; with nobody to ask it is a no. */
static bool
answers(const char *verb, const char *question, const char *word,
    const char *otherwise)
{
	char answer[80];
	size_t len;

	if (!isatty(STDIN_FILENO)) {
		fprintf(
		    stderr, "drd %s: nobody to ask: say %s\n", verb, otherwise);
		return false;
	}
	printf("\n%s Only \"%s\" does: ", question, word);
	fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		return false;
	len = strcspn(answer, "\n");
	answer[len] = '\0';
	return strcmp(answer, word) == 0;
}

/* ---- writing ------------------------------------------------------------ */

/* The pass that does what the survey has found. */
static int
write_pass(struct job *job, struct reconcile_options options)
{
	struct progress progress;
	int rc;

	printf("\n");
	progress_begin(&progress, stdout, job->graph, options.destroy);
	options.on_step = progress_step;
	options.on_step_arg = &progress;
	rc = job_pass(job, options);
	progress_end(&progress);
	return rc;
}

static int
apply(struct job *job, const struct verb_options *verb)
{
	struct reconcile_options options = {
		.write = true,
		.adopt = verb->adopt,
		.max_deletions = UINT_MAX, /* the plan has shown them */
	};
	char span[CLOCK_SPAN_SIZE];
	bool latched;
	int rc;

	if (plan_exit_code(job->graph) == EXIT_CLEAN) {
		printf("\n");
		(void)show_outputs(job, false);
		return EXIT_CLEAN;
	}
	if (job->result.changes != 0 && !verb->yes &&
	    !answers("apply", "Make these changes?", "yes", "--yes"))
		return EXIT_CHANGES;
	job_may_write(job);
	latched = job_keep_latch(job);
	if (write_pass(job, options) == -1)
		return job_fail(job, &job->error);
	printf("\n%u of %u objects written, %u as declared, %u foreign, "
	       "%u failed; %s\n",
	    job->result.written, job->result.nodes, job->result.clean,
	    job->result.foreign, job->result.failed,
	    clock_span(job->result.took_ms, span));
	rc = plan_exit_code(job->graph);
	if (rc != EXIT_CLEAN) {
		show_plan(job, false);
		return rc;
	}
	show_notes(job);
	printf("\n");
	(void)show_outputs(job, false);
	return latched ? EXIT_CLEAN : EXIT_CHANGES;
}

/* A daemon that runs would make again what is taken away. */
static int
refuse_if_kept(const struct job *job)
{
	char *path = keeper_journal_path(job->config, job->stack);
	bool in_use = journal_in_use(path);

	free(path);
	if (!in_use)
		return 0;
	fprintf(stderr,
	    "drd destroy: %s: a daemon keeps this stack and would build it "
	    "again: stop drd, or take the stack out of its configuration and "
	    "reload\n",
	    job->stack->name);
	return -1;
}

static bool
may_destroy(const struct job *job, const struct verb_options *verb)
{
	const char *name = job->stack->name;

	if (verb->yes_destroy == NULL)
		return answers("destroy", "Destroy all this, with its data?",
		    name, "--yes-destroy STACK");
	if (strcmp(verb->yes_destroy, name) == 0)
		return true;
	fprintf(stderr,
	    "drd destroy: --yes-destroy %s is not the name of this stack, "
	    "%s: nothing is destroyed\n",
	    verb->yes_destroy, name);
	return false;
}

static int
destroy(struct job *job, const struct verb_options *verb)
{
	struct reconcile_options options = { .write = true, .destroy = true };
	char span[CLOCK_SPAN_SIZE];

	if (job->result.doomed == 0)
		return job->result.failed == 0 ? EXIT_CLEAN : EXIT_FAULT;
	if (refuse_if_kept(job) == -1)
		return EXIT_FAULT;
	if (!may_destroy(job, verb))
		return EXIT_CHANGES;
	job_may_write(job);
	if (write_pass(job, options) == -1)
		return job_fail(job, &job->error);
	printf("\n%u objects removed, %u left, %u failed; %s\n",
	    job->result.removed, job->result.left, job->result.failed,
	    clock_span(job->result.took_ms, span));
	if (job->result.left + job->result.failed > 0)
		show_plan(job, false);
	return job->result.failed == 0 ? EXIT_CLEAN : EXIT_FAULT;
}

/* ---- the whole ---------------------------------------------------------- */

static int
run_verb(struct job *job, const struct verb_options *verb)
{
	switch (verb->verb) {
	case VERB_PLAN:
	case VERB_DRIFT:
		show_plan(job, verb->json);
		break;
	case VERB_APPLY:
	case VERB_DESTROY:
		show_plan(job, false);
		/* Perhaps somebody fails it over at this moment. */
		if (!job->active_known)
			return job_fail(job, &job->error);
		return verb->verb == VERB_APPLY ? apply(job, verb)
						: destroy(job, verb);
	case VERB_OUTPUTS:
		return show_outputs(job, verb->json);
	case VERB_POLICY:
		break;
	}
	return plan_exit_code(job->graph);
}

static int
run_stack(const struct config *config, const struct config_stack *stack,
    const struct verb_options *verb)
{
	struct reconcile_options options = { .adopt = verb->adopt,
		.destroy = verb->verb == VERB_DESTROY };
	struct job job;
	int rc;

	if (verb->failover || verb->failback)
		return verb_path(config, stack, verb);
	if (verb->verb == VERB_POLICY)
		return verb_policy(config, stack, verb);
	if (job_open(&job, verb_name(verb->verb), config, stack) == -1 ||
	    job_pass(&job, options) == -1)
		rc = job_fail(&job, &job.error);
	else
		rc = run_verb(&job, verb);
	job_close(&job);
	return rc;
}

int
verb_run(const struct config *config, const struct verb_options *options)
{
	const char *name = verb_name(options->verb);
	int rc, worst = EXIT_CLEAN;
	size_t i;

	if (options->stack != NULL &&
	    config_find_stack(config, options->stack) == NULL) {
		fprintf(stderr, "drd %s: there is no stack \"%s\" in %s\n",
		    name, options->stack, config->path);
		return EXIT_FAULT;
	}
	if (options->verb == VERB_DESTROY && options->stack == NULL &&
	    config->stack_count > 1) {
		fprintf(stderr, "drd destroy: which of the %zu stacks?\n",
		    config->stack_count);
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
