/* SPDX-License-Identifier: MIT
 *
 * Whether the options of a configuration make sense together.
 *
 * Each check looks at a few facts and complains where the one stands that
 * should change.  What a single option may say is the table's matter.
 */
#include <string.h>
#include <strings.h>

#include "daemon/config_check.h"
#include "daemon/config_check_latch.h"
#include "daemon/config_check_path.h"
#include "daemon/config_check_stack.h"
#include "daemon/config_form.h"

/* NULL is equal to nothing: it was wrong and told already. */
static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Of two facts that do not go together, one that is in the file. */
static const void *
given(const struct config_source *source, const void *first, const void *second)
{
	return config_line(source, first) != 0 ? first : second;
}

/* 0 was wrong and told already. */
static void
check_times(const struct config *config, struct config_source *source)
{
	if (config->poll_interval != 0 &&
	    config->poll_deadline >= config->poll_interval)
		config_complain(source,
		    given(
			source, &config->poll_deadline, &config->poll_interval),
		    "poll_deadline must be shorter than poll_interval: a poll "
		    "ends before the next one begins");
	if (config->suspect_interval != 0 &&
	    config->suspect_interval > config->poll_interval)
		config_complain(source, &config->suspect_interval,
		    "suspect_interval must not be longer than poll_interval: "
		    "polls come faster once one has failed");
	if (config->suspect_interval != 0 &&
	    config->poll_deadline >= config->suspect_interval)
		config_complain(source, &config->suspect_interval,
		    "suspect_interval must be longer than poll_deadline: a "
		    "poll ends before the next one begins");
	if (config->request_timeout != 0 &&
	    config->connect_timeout > config->request_timeout)
		config_complain(source,
		    given(source, &config->connect_timeout,
			&config->request_timeout),
		    "connect_timeout must not be longer than request_timeout, "
		    "which it is a part of");
}

static void
check_endpoints(const struct config *config, struct config_source *source)
{
	const struct config_endpoint *endpoint;
	size_t i;

	for (i = 0; i < config->endpoint_count; i++) {
		endpoint = &config->endpoints[i];
		if (!form_region.good(endpoint->region))
			config_complain(source, endpoint,
			    "endpoint \"%.64s\" is not %s", endpoint->region,
			    form_region.what);
	}
}

static void
check_regions(const struct config_stack *stack, struct config_source *source)
{
	const struct config_region *primary = &stack->primary;
	const struct config_region *standby = &stack->standby;

	if (primary->name == NULL)
		config_complain(source, stack,
		    "stack \"%s\": no region is the primary", stack->name);
	if (standby->name == NULL)
		config_complain(source, stack,
		    "stack \"%s\": no region is the standby", stack->name);
	if (same(primary->name, standby->name))
		config_complain(source, standby,
		    "the standby must be another region than the primary, %s",
		    primary->name);
}

static bool
has_trigger(const struct config_stack *stack, const char *id, size_t below)
{
	size_t i;

	for (i = 0; i < below; i++) {
		if (strcmp(stack->triggers[i], id) == 0)
			return true;
	}
	return false;
}

static void
check_triggers(const struct config_stack *stack, struct config_source *source)
{
	const char *id;
	size_t i;

	if (stack->triggers == NULL)
		return;
	if (stack->trigger_count == 0)
		config_complain(source, &stack->triggers,
		    "trigger: with no trigger there is never a failover");
	else if (stack->quorum > stack->trigger_count)
		config_complain(source, &stack->quorum,
		    "quorum: %u cannot be reached by %zu trigger%s",
		    stack->quorum, stack->trigger_count,
		    stack->trigger_count == 1 ? "" : "s");
	for (i = 0; i < stack->trigger_count; i++) {
		id = stack->triggers[i];
		if (has_trigger(stack, id, i))
			config_complain(source, &stack->triggers,
			    "trigger: \"%s\" stands there twice", id);
		if (strcmp(id, "route53") == 0 &&
		    stack->manage_health_checks == POLICY_IGNORE)
			config_complain(source, &stack->manage_health_checks,
			    "health_checks: cannot be ignored, \"route53\" is "
			    "a trigger");
		if (strncmp(id, "alarm:", 6) == 0 &&
		    stack->manage_alarms == POLICY_IGNORE)
			config_complain(source, &stack->manage_alarms,
			    "alarms: cannot be ignored, \"%s\" is a trigger",
			    id);
	}
}

/* Route 53 takes these two and nothing between. */
static void
check_interval(const struct config_stack *stack, struct config_source *source)
{
	if (stack->check_interval_s != 0 && stack->check_interval_s != 10 &&
	    stack->check_interval_s != 30)
		config_complain(source, &stack->check_interval_s,
		    "interval: Route 53 checks every 10s or 30s, not every %us",
		    stack->check_interval_s);
}

/* What is looked at less often than it is believed is never known. */
static void
check_readiness(const struct config_stack *stack, struct config_source *source)
{
	if (stack->ready_max_age != 0 &&
	    stack->ready_max_age <= stack->ready_interval)
		config_complain(source, &stack->ready_max_age,
		    "max_age: must be longer than interval");
}

/* 0 was wrong and told already. */
static void
check_probe(const struct config_stack *stack, struct config_source *source)
{
	if (stack->probe_timeout_ms != 0 &&
	    stack->probe_slow_ms >= stack->probe_timeout_ms)
		config_complain(source,
		    given(source, &stack->probe_slow_ms,
			&stack->probe_timeout_ms),
		    "slow must be shorter than timeout, after which there is "
		    "no answer at all");
}

static void
check_data_apart(const struct config_stack *stack,
    const struct config_stack *other, struct config_source *source)
{
	if (same(stack->table_name, other->table_name))
		config_complain(source, &stack->table_name,
		    "stacks \"%s\" and \"%s\" have the same table, %s",
		    other->name, stack->name, stack->table_name);
	if (same(stack->primary.bucket, other->primary.bucket) ||
	    same(stack->primary.bucket, other->standby.bucket) ||
	    same(stack->standby.bucket, other->primary.bucket) ||
	    same(stack->standby.bucket, other->standby.bucket))
		config_complain(source, stack,
		    "stacks \"%s\" and \"%s\" have the same bucket",
		    other->name, stack->name);
}

/* Two stacks that share an object would undo each other's work for ever. */
static void
check_apart(const struct config_stack *stack, const struct config_stack *other,
    struct config_source *source)
{
	if (same(stack->service, other->service) &&
	    same(stack->environment, other->environment))
		config_complain(source, &stack->environment,
		    "stacks \"%s\" and \"%s\" have the same service and "
		    "environment, so their objects have the same names",
		    other->name, stack->name);
	else
		check_data_apart(stack, other, source);
	if (same(stack->suffix, other->suffix))
		config_complain(source, &stack->suffix,
		    "stacks \"%s\" and \"%s\" have the same parameters, "
		    "/dr/%s",
		    other->name, stack->name, stack->suffix);
	config_check_latches(stack, other, source);
	if (stack->record != NULL && other->record != NULL &&
	    strcasecmp(stack->record, other->record) == 0)
		config_complain(source, &stack->record,
		    "stacks \"%s\" and \"%s\" have the same record, %s",
		    other->name, stack->name, stack->record);
}

static void
check_stack(const struct config_stack *stack, struct config_source *source)
{
	if (!form_name.good(stack->name))
		config_complain(source, stack, "stack \"%.64s\" is not %s",
		    stack->name, form_name.what);
	check_regions(stack, source);
	check_triggers(stack, source);
	check_interval(stack, source);
	check_readiness(stack, source);
	check_probe(stack, source);
	config_check_objects(stack, source);
	config_check_latch(stack, source);
}

void
config_check(const struct config *config, struct config_source *source)
{
	size_t i, j;

	check_times(config, source);
	check_endpoints(config, source);
	if (config->stack_count == 0)
		config_complain_at(source, 0, "no stack is declared");
	for (i = 0; i < config->stack_count; i++) {
		check_stack(&config->stacks[i], source);
		for (j = 0; j < i; j++)
			check_apart(
			    &config->stacks[i], &config->stacks[j], source);
	}
	for (i = 0; i < config->stack_count && source->mistake_count == 0; i++)
		config_check_path(config, &config->stacks[i], source);
}
