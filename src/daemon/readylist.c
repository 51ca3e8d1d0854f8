/* SPDX-License-Identifier: MIT
 *
 * From a stack's configuration to what its readiness is looked at for.
 *
 * Objects are known by the names that the topology gives them.  A part that
 * is ignored is not looked at; of one that is only observed nothing is
 * demanded that the configuration did not say.
 *
 * The alarms are those that tell about the region itself.  Those on
 * replication are left out: how late it is, is an item of its own.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/maker.h"
#include "daemon/readylist.h"
#include "daemon/watchlist.h"
#include "stack/names.h"

enum { ALARM_NAME_MAX = 255, FUNCTION_NAME_MAX = 64 };

static const char *const alarms[] = { "elb-5xx", "elb-unhealthy",
	"lambda-errors", "lambda-duration" };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void
set_name(char *out, size_t size, const char *name)
{
	snprintf(out, size, "%s", name);
}

static const char *
stack_name(char out[NAME_MAX_LEN + 1], size_t limit,
    const struct config_stack *stack, const char *region, const char *purpose)
{
	return name_of(
	    out, limit, stack->service, region, stack->environment, purpose);
}

static void
add_function(struct readiness_region *out, const struct config_stack *stack)
{
	char name[NAME_MAX_LEN + 1];

	if (stack->manage_function == POLICY_IGNORE)
		return;
	set_name(out->function, sizeof(out->function),
	    stack_name(name, FUNCTION_NAME_MAX, stack, out->name, "function"));
	if (stack->manage_function == POLICY_MANAGE)
		out->reserved = stack->function_concurrency;
}

static void
add_alarms(struct readiness_region *out, const struct config_stack *stack)
{
	char name[NAME_MAX_LEN + 1];
	size_t i;

	if (stack->manage_alarms == POLICY_IGNORE)
		return;
	for (i = 0; i < COUNT(alarms); i++)
		set_name(out->alarms[i], sizeof(out->alarms[i]),
		    stack_name(
			name, ALARM_NAME_MAX, stack, out->name, alarms[i]));
	out->alarm_count = COUNT(alarms);
}

static void
fill_region(struct readiness_region *out, const struct config_stack *stack,
    const struct config_region *region)
{
	bool receives =
	    region == &stack->standby || stack->bucket_replicates_back;

	set_name(out->name, sizeof(out->name), region->name);
	out->has_targets = stack->manage_entry != POLICY_IGNORE;
	add_function(out, stack);
	add_alarms(out, stack);
	if (stack->manage_table != POLICY_IGNORE)
		set_name(out->table, sizeof(out->table), stack->table_name);
	if (stack->manage_bucket == POLICY_IGNORE)
		return;
	set_name(out->bucket, sizeof(out->bucket), region->bucket);
	if (receives)
		set_name(out->replica_rule, sizeof(out->replica_rule),
		    MAKER_REPLICATION_RULE);
}

void
readylist_fill(struct readiness_config *out, const struct config *config,
    const struct config_stack *stack)
{
	memset(out, 0, sizeof(*out));
	out->interval = stack->ready_interval;
	out->phase = watchlist_phase(config, stack, config->poll_interval);
	out->deadline = config->request_timeout < stack->ready_interval
	    ? config->request_timeout
	    : stack->ready_interval;
	out->limits = (struct readiness_limits){
		.table_lag = stack->ready_table_lag,
		.bucket_lag = stack->ready_bucket_lag,
		.max_age = stack->ready_max_age,
	};
	if (stack->manage_parameters == POLICY_MANAGE)
		out->canary_age = stack->ready_canary * 3 / 2;
	fill_region(&out->regions[FAILOVER_PRIMARY], stack, &stack->primary);
	fill_region(&out->regions[FAILOVER_STANDBY], stack, &stack->standby);
}
