/* SPDX-License-Identifier: MIT
 *
 * drd policy.  See verb_policy.h.
 *
 * Whoever asks for the permissions has none yet, so nothing of the stack is
 * read: who we are needs no permission.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/partition.h"
#include "base/mem.h"
#include "daemon/job.h"
#include "daemon/policy.h"
#include "daemon/topology.h"
#include "daemon/verb_policy.h"

/* A graph of one node, in the place of the stack's. */
static int
ask_who(struct job *job, const struct node **who)
{
	struct reconcile_options survey = { .write = false };

	job->graph = graph_new(job->stack->name);
	*who = graph_add(job->graph, &kind_account, job->stack->primary.name,
	    "account", "account", POLICY_OBSERVE, json_object());
	if (graph_seal(job->graph, &job->error) == -1 ||
	    job_pass(job, survey) == -1)
		return -1;
	if ((*who)->have != NULL)
		return 0;
	job->error = (*who)->error;
	return -1;
}

/*
 * Source: IAM, "IAM and AWS STS quotas".  IAM does not count white space.
 */
static void
tell_size(const json_t *document)
{
	enum { MANAGED_MAX = 6144, INLINE_MAX = 10240 };
	char *text = mem_must(json_dumps(document, JSON_COMPACT));
	size_t len = strlen(text);

	fprintf(stderr,
	    "drd: policy: %zu characters as IAM counts them: %s (a managed "
	    "policy may have %d, the inline policies of a role %d)\n",
	    len,
	    len <= MANAGED_MAX	    ? "fits a managed policy"
		: len <= INLINE_MAX ? "fits an inline policy of a role"
				    : "too long for one policy",
	    MANAGED_MAX, INLINE_MAX);
	free(text);
}

static int
print_policy(const struct config_stack *stack,
    const struct policy_options *options, struct error *e)
{
	struct topology_role role = {
		.active = stack->primary.name,
		.epoch = ACTIVE_FIRST_EPOCH,
	};
	struct graph *graph = topology_build(stack, &role, e);
	json_t *document = NULL;

	if (graph != NULL)
		document = policy_document(graph, stack, options, e);
	graph_free(graph);
	if (document == NULL)
		return -1;
	json_dumpf(document, stdout, JSON_INDENT(2));
	printf("\n");
	tell_size(document);
	json_decref(document);
	return 0;
}

int
verb_policy(const struct config *config, const struct config_stack *stack,
    const struct verb_options *verb)
{
	struct policy_options options = {
		.partition = partition_of(stack->primary.name)->id,
		.account = verb->account,
		.read_only = verb->read_only,
	};
	const struct node *who;
	struct job job;
	int rc = 0;

	if (options.account == NULL) {
		rc = job_open_session(&job, "policy", config, stack);
		if (rc == 0)
			rc = ask_who(&job, &who);
		if (rc == 0)
			options.account = tree_str(who->have, "AccountId");
	} else {
		job_init(&job, "policy", config, stack);
	}
	if (rc == 0)
		rc = print_policy(stack, &options, &job.error);
	if (rc == -1)
		rc = job_fail(&job, &job.error);
	job_close(&job);
	return rc;
}
