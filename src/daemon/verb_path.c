/* SPDX-License-Identifier: MIT
 *
 * drd plan --failover.  See verb_path.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "base/mem.h"
#include "daemon/keeper.h"
#include "daemon/policy_table.h"
#include "daemon/value.h"
#include "daemon/verb_path.h"
#include "daemon/verbs.h"
#include "daemon/way.h"
#include "failover/journal.h"

/* ---- what the journal knows -------------------------------------------- */

struct known {
	json_t *facts; /* or NULL */
	uint64_t epoch;
};

static void
on_record(const json_t *record, void *arg)
{
	const char *type = tree_str(record, "type");
	struct known *known = arg;
	int64_t epoch;

	if (strcmp(type, "facts") == 0) {
		json_decref(known->facts);
		known->facts = json_deep_copy(record);
	} else if ((strcmp(type, "change") == 0 ||
		       strcmp(type, "active") == 0) &&
	    tree_int(record, "epoch", &epoch) == 0 && epoch > 0) {
		known->epoch = (uint64_t)epoch;
	}
}

static void
read_journal(const struct config *config, const struct config_stack *stack,
    struct known *known)
{
	char *path = keeper_journal_path(config, stack);
	struct error e;

	if (journal_read(path, on_record, known, &e) == -1)
		fprintf(stderr, "drd plan: %s: the journal is not used: %s\n",
		    stack->name, e.text);
	free(path);
}

/* ---- where a call goes ------------------------------------------------- */

static const char *
configured(const struct config *config, const char *region)
{
	size_t i;

	for (i = 0; i < config->endpoint_count; i++)
		if (strcmp(config->endpoints[i].region, region) == 0)
			return config->endpoints[i].url;
	return NULL;
}

static void
host_of(const struct config *config, const struct config_stack *stack,
    const struct path_call *call, struct text *out)
{
	const char *region = call->effect->region;
	struct endpoint endpoint;
	struct error e;
	size_t i;

	if (call->service == SERVICE_ARC) {
		text_addf(out, "any of the %zu endpoints of its cluster",
		    stack->latch_endpoint_count);
		return;
	}
	if (call->plane != PATH_DNS) {
		text_add(out,
		    endpoint_resolve(call->service, region,
			configured(config, region), &endpoint, &e) == 0
			? endpoint.host
			: e.text);
		return;
	}
	for (i = 0; i < stack->name_server_count; i++)
		text_addf(
		    out, "%s%s", i > 0 ? ", " : "", stack->name_servers[i]);
	if (stack->name_server_count == 0)
		text_addf(out, "the name servers of %s", stack->zone);
}

static const char *
service_of(const struct path_call *call)
{
	return call->plane == PATH_DNS ? "dns" : policy_prefix(call->service);
}

/* ---- printing ---------------------------------------------------------- */

static void
print_text(const struct config *config, const struct config_stack *stack,
    const struct way *way)
{
	const struct path_call *call, *last = NULL;
	size_t i;

	printf("stack %s: %s from %s to %s, epoch %" PRIu64 "\n", stack->name,
	    way->change.failback ? "failback" : "failover", way->change.from,
	    way->change.to, way->change.epoch);
	for (i = 0; i < way->path.count; i++) {
		struct text host = TEXT_INIT;

		call = &way->path.calls[i];
		if (last == NULL || call->effect != last->effect)
			printf("\n%s%s\n  %s\n  %s\n", call->effect->key,
			    call->users_wait ? ": users wait for it"
					     : ": nothing waits for it",
			    call->effect->target, call->begins);
		host_of(config, stack, call, &host);
		printf("  %-7s  %s:%s  %s\n", path_plane_name(call->plane),
		    service_of(call), call->operation, host.s);
		text_release(&host);
		last = call;
	}
	if (way->guessed)
		printf("\nNot all of the stack has been seen: what stands in "
		       "parentheses is filled in.\n");
}

static json_t *
way_value(const struct config *config, const struct config_stack *stack,
    const struct way *way)
{
	json_t *out = value_object(), *calls = value_list(), *of;
	const struct path_call *call;
	size_t i;

	for (i = 0; i < way->path.count; i++) {
		struct text host = TEXT_INIT;

		call = &way->path.calls[i];
		host_of(config, stack, call, &host);
		of = value_object();
		value_put_text(of, "effect", call->effect->key);
		value_put_text(of, "region", call->effect->region);
		value_put_text(of, "plane", path_plane_name(call->plane));
		value_put_text(of, "service", service_of(call));
		value_put_text(of, "operation", call->operation);
		value_put_text(of, "host", host.s);
		value_put_text(of, "target", call->effect->target);
		value_put_flag(of, "users_wait", call->users_wait);
		value_put_text(of, "begins", call->begins);
		value_append(calls, of);
		text_release(&host);
	}
	value_put_text(out, "schema", "drd.path/1");
	value_put_text(out, "stack", stack->name);
	value_put_text(
	    out, "change", way->change.failback ? "failback" : "failover");
	value_put_text(out, "from", way->change.from);
	value_put_text(out, "to", way->change.to);
	value_put_number(out, "epoch", way->change.epoch);
	value_put_flag(out, "guessed", way->guessed);
	value_put(out, "calls", calls);
	return out;
}

static void
print_json(const struct config *config, const struct config_stack *stack,
    const struct way *way)
{
	json_t *t = way_value(config, stack, way);

	json_dumpf(t, stdout, JSON_INDENT(2));
	printf("\n");
	json_decref(t);
}

int
verb_path(const struct config *config, const struct config_stack *stack,
    const struct verb_options *verb)
{
	struct known known = { .epoch = 1 };
	struct error e;
	struct way way;
	int rc;

	read_journal(config, stack, &known);
	rc = way_init(
	    &way, config, stack, verb->failback, known.facts, known.epoch, &e);
	if (rc == -1)
		fprintf(stderr, "drd plan: %s: %s\n", stack->name, e.text);
	else if (verb->json)
		print_json(config, stack, &way);
	else
		print_text(config, stack, &way);
	way_release(&way);
	json_decref(known.facts);
	return rc == 0 ? EXIT_CLEAN : EXIT_FAULT;
}
