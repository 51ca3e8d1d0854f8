/* SPDX-License-Identifier: MIT
 *
 * The way of a stack from one region to the other.  See way.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/partition.h"
#include "base/clock.h"
#include "base/mem.h"
#include "daemon/topology.h"
#include "daemon/watchlist.h"
#include "daemon/way.h"
#include "failover/decide.h"
#include "failover/memory.h"
#include "stack/names.h"

/* Puts `value`, which it takes, where nothing is known. */
static void
guess(struct way *way, json_t *facts, const char *region, const char *what,
    char *value)
{
	json_t *regions, *of;

	if (facts_of_region(facts, region, what) != NULL) {
		free(value);
		return;
	}
	regions = json_object_get(facts, "regions");
	if (regions == NULL) {
		regions = mem_must(json_object());
		json_object_set_new(facts, "regions", regions);
	}
	of = json_object_get(regions, region);
	if (of == NULL) {
		of = mem_must(json_object());
		json_object_set_new(regions, region, of);
	}
	json_object_set_new(of, what, mem_must(json_string(value)));
	way->guessed = true;
	free(value);
}

static void
guess_region(struct way *way, json_t *facts, const struct config_stack *stack,
    const char *region)
{
	char name[NAME_MAX_LEN + 1], balancer[64];

	snprintf(balancer, sizeof(balancer), "(load balancer in %s)", region);
	guess(way, facts, region, "balancer", mem_strdup(balancer));
	guess(way, facts, region, "endpoint",
	    topology_endpoint_value(stack, balancer));
	name_of(name, NAME_MAX_LEN, stack->service, region, stack->environment,
	    "notice");
	guess(way, facts, region, "topic",
	    mem_printf("arn:%s:sns:%s:(account):%s", partition_of(region)->id,
		region, name));
}

static int
decide_now(struct way *way, const struct failover_config *set, bool failback,
    const json_t *facts, uint64_t epoch, struct error *e)
{
	struct decision decision = {
		.stack = set->stack,
		.from = failback ? set->standby : set->primary,
		.to = failback ? set->primary : set->standby,
		.epoch = epoch + 1,
		.failback = failback,
		.audit = "",
		.cause = "plan",
		.reason = "plan",
		.decided_ms = clock_wall_ms(),
		.endpoint_parameter = set->endpoint_parameter,
		.active_parameter = set->active_parameter,
		.record = set->record,
		.latch = &set->latch,
		.fence = set->fence,
		.concurrency = set->concurrency,
		.facts = facts,
	};

	return decide(&decision, &way->change, e);
}

int
way_init(struct way *way, const struct config *config,
    const struct config_stack *stack, bool failback, const json_t *facts,
    uint64_t epoch, struct error *e)
{
	struct watchlist list;
	json_t *filled;
	int rc;

	memset(way, 0, sizeof(*way));
	filled =
	    mem_must(facts != NULL ? json_deep_copy(facts) : json_object());
	guess_region(way, filled, stack, stack->primary.name);
	guess_region(way, filled, stack, stack->standby.name);
	watchlist_init(&list, config, stack);
	rc = decide_now(way, &list.failover, failback, filled, epoch, e);
	watchlist_release(&list);
	json_decref(filled);
	if (rc == 0)
		path_of(&way->change, &way->path);
	return rc;
}

void
way_release(struct way *way)
{
	path_release(&way->path);
	change_release(&way->change);
}

int
way_judge(const struct config *config, const struct config_stack *stack,
    struct error *e)
{
	struct way way;
	int rc;

	rc = way_init(&way, config, stack, false, NULL, 1, e);
	if (rc == 0)
		rc = path_judge(&way.path, way.change.from, e);
	way_release(&way);
	return rc;
}
