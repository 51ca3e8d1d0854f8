/* SPDX-License-Identifier: MIT
 *
 * One number of tokens per region, service and lane.
 *
 * Regions come from the configuration, a handful at the most, so a list in
 * the order of first use is all the index that is needed.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "aws/budget.h"
#include "base/mem.h"

struct region_quota {
	char *region;
	int tokens[SERVICE_COUNT][LANE_COUNT];
};

struct budget {
	struct region_quota *regions;
	size_t count;
};

static struct region_quota *
new_region(struct budget *budget, const char *region)
{
	struct region_quota *quota;

	budget->regions = mem_grow(
	    budget->regions, budget->count + 1, sizeof(*budget->regions));
	quota = &budget->regions[budget->count++];
	quota->region = mem_strdup(region);
	for (int service = 0; service < SERVICE_COUNT; service++)
		for (int lane = 0; lane < LANE_COUNT; lane++)
			quota->tokens[service][lane] = BUDGET_FULL;
	return quota;
}

static int *
tokens_of(struct budget *budget, enum service service, const char *region,
    enum lane lane)
{
	assert((unsigned)service < SERVICE_COUNT);
	assert((unsigned)lane < LANE_COUNT);
	for (size_t i = 0; i < budget->count; i++) {
		if (strcmp(budget->regions[i].region, region) == 0)
			return &budget->regions[i].tokens[service][lane];
	}
	return &new_region(budget, region)->tokens[service][lane];
}

struct budget *
budget_new(void)
{
	return mem_alloc(sizeof(struct budget));
}

void
budget_free(struct budget *budget)
{
	if (budget == NULL)
		return;
	for (size_t i = 0; i < budget->count; i++)
		free(budget->regions[i].region);
	free(budget->regions);
	free(budget);
}

bool
budget_take(struct budget *budget, enum service service, const char *region,
    enum lane lane, int cost)
{
	int *tokens = tokens_of(budget, service, region, lane);

	if (*tokens < cost)
		return false;
	*tokens -= cost;
	return true;
}

void
budget_give(struct budget *budget, enum service service, const char *region,
    enum lane lane, int cost)
{
	int *tokens = tokens_of(budget, service, region, lane);

	/* A call that succeeds at its first try still earns one token: this
	   is how a quota that was used up fills again. */
	*tokens += cost > 0 ? cost : 1;
	if (*tokens > BUDGET_FULL)
		*tokens = BUDGET_FULL;
}
