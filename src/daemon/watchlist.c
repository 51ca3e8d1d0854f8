/* SPDX-License-Identifier: MIT
 *
 * From a stack's configuration to what its watch is told to look at.
 *
 * Every signal is polled and shown; only those the configuration names as
 * triggers can move traffic.  The alarms are those of the watching set of the
 * primary region, and the health check's, which lives in us-east-1 because
 * Route 53 publishes its metrics nowhere else.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "daemon/readylist.h"
#include "daemon/topology.h"
#include "daemon/watchlist.h"
#include "stack/names.h"

enum { ALARM_NAME_MAX = 255 };

#define STANDBY "standby" /* in place of a region */

static const struct {
	const char *id;
	enum signal_class class;
	const char *purpose; /* of the alarm's name */
	const char *region;  /* NULL: the primary */
} known[] = {
	{ "route53", SIGNAL_ROUTE53, NULL, "us-east-1" },
	{ "probe", SIGNAL_PROBE, NULL, NULL },
	{ "probe:standby", SIGNAL_PROBE, NULL, STANDBY },
	{ "dns", SIGNAL_DNS, NULL, "global" },
	{ "alarm:health-check", SIGNAL_ALARM, "health-check", "us-east-1" },
	{ "alarm:elb-5xx", SIGNAL_ALARM, "elb-5xx", NULL },
	{ "alarm:elb-unhealthy", SIGNAL_ALARM, "elb-unhealthy", NULL },
	{ "alarm:lambda-errors", SIGNAL_ALARM, "lambda-errors", NULL },
	{ "alarm:lambda-duration", SIGNAL_ALARM, "lambda-duration", NULL },
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static bool
is_of_standby(size_t i)
{
	return known[i].region != NULL && strcmp(known[i].region, STANDBY) == 0;
}

bool
watchlist_knows(const char *id)
{
	size_t i;

	for (i = 0; i < KNOWN; i++)
		if (strcmp(known[i].id, id) == 0)
			return !is_of_standby(i);
	return false;
}

static bool
is_trigger(const struct config_stack *stack, const char *id)
{
	size_t i;

	for (i = 0; i < stack->trigger_count; i++)
		if (strcmp(stack->triggers[i], id) == 0)
			return true;
	return false;
}

static const char *
region_of(const struct config_stack *stack, size_t i)
{
	if (is_of_standby(i))
		return stack->standby.name;
	return known[i].region != NULL ? known[i].region : stack->primary.name;
}

static enum signal_class
class_of(const struct config_stack *stack, enum signal_class class)
{
	return class == SIGNAL_ROUTE53 && stack->route53_metric ? SIGNAL_METRIC
								: class;
}

static void
add_signals(struct watchlist *list, const struct config_stack *stack)
{
	char name[NAME_MAX_LEN + 1];
	size_t i;

	list->signals = mem_array(KNOWN, sizeof(*list->signals));
	list->strings = mem_array(KNOWN, sizeof(*list->strings));
	for (i = 0; i < KNOWN; i++) {
		struct failover_signal *s = &list->signals[i];

		s->id = known[i].id;
		s->class = class_of(stack, known[i].class);
		s->of_standby = is_of_standby(i);
		s->region = region_of(stack, i);
		s->trigger = is_trigger(stack, s->id);
		if (known[i].purpose == NULL)
			continue;
		list->strings[i] =
		    mem_strdup(name_of(name, ALARM_NAME_MAX, stack->service,
			s->region, stack->environment, known[i].purpose));
		s->name = list->strings[i];
	}
	list->string_count = KNOWN;
}

uint64_t
watchlist_phase(const struct config *config, const struct config_stack *stack,
    uint64_t interval)
{
	return interval * (uint64_t)(stack - config->stacks) /
	    config->stack_count;
}

void
watchlist_init(struct watchlist *list, const struct config *config,
    const struct config_stack *stack)
{
	char name[TOPOLOGY_PARAMETER_MAX], function[NAME_MAX_LEN + 1];

	memset(list, 0, sizeof(*list));
	add_signals(list, stack);
	list->endpoint_parameter =
	    mem_strdup(topology_endpoint_name(stack, name));
	list->active_parameter = mem_strdup(topology_active_name(stack, name));
	if (stack->fence)
		list->function = mem_strdup(topology_function_name(
		    stack, function, stack->primary.name));
	list->failover = (struct failover_config){
		.stack = stack->name,
		.primary = stack->primary.name,
		.standby = stack->standby.name,
		.advisory = stack->advisory,
		.min_between = stack->min_between,
		.max_per_day = stack->max_per_day,
		.windows = (const char *const *)stack->windows,
		.window_count = stack->window_count,
		.fall = stack->fall,
		.rise = stack->rise,
		.quorum = stack->quorum,
		.startup_grace = stack->startup_grace,
		.when_blind = stack->when_blind,
		.check_interval_s = stack->check_interval_s,
		.poll_interval = config->poll_interval,
		.suspect_interval = config->suspect_interval,
		.poll_phase =
		    watchlist_phase(config, stack, config->poll_interval),
		.poll_deadline = config->poll_deadline,
		.signals = list->signals,
		.signal_count = KNOWN,
		.endpoint_parameter = list->endpoint_parameter,
		.active_parameter = list->active_parameter,
		.parameter_key =
		    *stack->parameter_key != '\0' ? stack->parameter_key : NULL,
		.record = stack->record,
		.name_servers = (const char *const *)stack->name_servers,
		.name_server_count = stack->name_server_count,
		.resolver = stack->resolver,
		.rto_target = stack->rto_target,
		.latch = topology_latch(stack),
		.fence = list->function,
		.concurrency = stack->function_concurrency,
		.probe = {
			.https = stack->check_https,
			.port = stack->probe_port,
			.path = stack->check_path,
			.body = stack->probe_body,
			.timeout_ms = stack->probe_timeout_ms,
			.slow_ms = stack->probe_slow_ms,
		},
		.failback_automatic = stack->failback_automatic,
		.failback_soak = stack->failback_soak,
	};
	readylist_fill(&list->failover.readiness, config, stack);
	if (stack->manage_parameters == POLICY_MANAGE)
		list->failover.canary_interval = stack->ready_canary;
}

void
watchlist_release(struct watchlist *list)
{
	size_t i;

	for (i = 0; i < list->string_count; i++)
		free(list->strings[i]);
	free(list->strings);
	free(list->signals);
	free(list->endpoint_parameter);
	free(list->active_parameter);
	free(list->function);
	memset(list, 0, sizeof(*list));
}
