/* SPDX-License-Identifier: MIT
 *
 * The laws of the end: of a process, and of a simulation that is at rest.
 */
#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "daemon/brake.h"
#include "holds.h"
#include "instant.h"
#include "laws_parts.h"
#include "memo.h"
#include "names.h"
#include "net.h"
#include "oracle.h"
#include "told.h"

enum {
	GROWTH_MAX = 256 * 1024,
	LIVES_TO_WARM_UP = 3,
	WARM_MS = 2 * 3600000, /* a life's, until it has all that it keeps */
	MEMORY_EVERY_MS = 3600000,
	HIGH_EVERY_MS = 60000,
	HIGH_LOOKS = 5,
	REPAIRED_MS = 10 * 60000, /* a pass that ends later finds no work */
	RESTS_MS = 5 * 60000,	  /* after a change, with all well */
};

bool
__real_brake_judge(struct brake *brake, const struct reconcile_result *result);
bool
__wrap_brake_judge(struct brake *brake, const struct reconcile_result *result);

/* Over all simulations of this process. */
static struct {
	unsigned lives;
	size_t memory;
} grown;

/* ---- lives ------------------------------------------------------------- */

static size_t
count_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n;
}

/*
 * Within a long life, too; hour by hour, after the first ones.  A pass of
 * reconcile takes its share while it lasts: what is too much must be so for
 * some minutes on end.
 */
void
laws_look_at_memory(void)
{
	size_t memory;

	if (instant_ms() < laws.memory_ms)
		return;
	laws.memory_ms = instant_ms() + MEMORY_EVERY_MS;
	memo_clear();
	memory = mallinfo2().uordblks;
	if (laws.memory == 0)
		laws.memory = memory;
	if (memory <= laws.memory + GROWTH_MAX)
		laws.memory_high = 0;
	else if (++laws.memory_high < HIGH_LOOKS)
		laws.memory_ms = instant_ms() + HIGH_EVERY_MS;
	else
		laws_broken("memory-is-flat",
		    "%zu bytes, and %zu earlier in this life", memory,
		    laws.memory);
}

void
laws_begin_life(void)
{
	oracle_start();
	laws.memory = 0;
	laws.memory_high = 0;
	laws.memory_ms = instant_ms() + WARM_MS;
	laws.descriptors = count_descriptors();
	laws.failover = NULL;
	laws.pass_ms = 0;
}

void
laws_end_life(void)
{
	size_t memory, descriptors = count_descriptors();

	holds_unanswered();
	if (descriptors != laws.descriptors)
		laws_broken("descriptors-are-given-back", "%zu, and %zu before",
		    descriptors, laws.descriptors);
	if (net_open() != 0)
		laws_broken("calls-are-given-back", "%zu are left", net_open());
	if (instant_timers() != 0)
		laws_broken(
		    "timers-are-given-back", "%zu are left", instant_timers());
	memo_clear();
	memory = mallinfo2().uordblks;
	if (++grown.lives <= LIVES_TO_WARM_UP)
		grown.memory = memory;
	else if (memory > grown.memory + GROWTH_MAX)
		laws_broken("memory-is-given-back",
		    "%zu bytes, and %zu in an earlier life", memory,
		    grown.memory);
}

/* ---- at rest ----------------------------------------------------------- */

static void
regions_agree(void)
{
	enum region active[REGIONS];
	uint64_t epoch[REGIONS];
	const struct parameter *p;
	char want[VALUE_SIZE];
	int r;

	for (r = 0; r < REGIONS; r++)
		if (!world_active((enum region)r, &active[r], &epoch[r])) {
			laws_broken("converges", "%s has no active parameter",
			    region_names[r]);
			return;
		}
	if (active[EAST] != active[WEST] || epoch[EAST] != epoch[WEST])
		laws_broken("regions-agree-at-rest",
		    "%s says %s, epoch %" PRIu64 "; %s says %s, epoch %" PRIu64,
		    region_names[EAST], region_names[active[EAST]], epoch[EAST],
		    region_names[WEST], region_names[active[WEST]],
		    epoch[WEST]);
	snprintf(want, sizeof(want), "http://%s", names_balancer[active[EAST]]);
	for (r = 0; r < REGIONS; r++) {
		p = world_parameter((enum region)r, "/dr/shop-prod/endpoint");
		if (p == NULL || strcmp(p->value, want) != 0)
			laws_broken("regions-agree-at-rest",
			    "%s has endpoint %s, not %s", region_names[r],
			    p != NULL ? p->value : "none", want);
	}
}

static void
dns_agrees(void)
{
	enum region active;
	uint64_t epoch;

	/* Route 53 moves users from what is ill, whatever drd says. */
	if (!world_check_healthy(EAST) || !world_check_healthy(WEST))
		return;
	if (laws_active(&active, &epoch) && world_dns() != active)
		laws_broken("dns-agrees-at-rest",
		    "%s is active, and DNS says %s", region_names[active],
		    region_names[world_dns()]);
}

/* Unless it has lost against a change of somebody else's. */
static void
nothing_is_pending(const struct change *change, uint64_t epoch)
{
	const struct effect *effect;
	size_t i;

	if (change == NULL || change->epoch < epoch)
		return;
	for (i = 0; i < change->count; i++) {
		effect = &change->effects[i];
		if (!effect_is_over(effect))
			laws_broken("converges",
			    "%s of epoch %" PRIu64 " is pending: %s",
			    effect->key, change->epoch, effect->note);
	}
}

void
laws_acted(void)
{
	laws.acted_ms = instant_ms();
}

bool
__wrap_brake_judge(struct brake *brake, const struct reconcile_result *result)
{
	laws.pass_ms = instant_ms();
	laws.pass = *result;
	return __real_brake_judge(brake, result);
}

/* What the passes before it have left, this one would leave for ever. */
static void
nothing_is_left(void)
{
	const struct reconcile_result *pass = &laws.pass;

	if (laws.pass_ms < laws.acted_ms + REPAIRED_MS)
		return;
	if (pass->braked || pass->failed != 0 || pass->writes != 0)
		laws_broken("nothing-is-left-to-repair",
		    "the last pass found %u nodes to write, and %u failed%s",
		    pass->writes, pass->failed, pass->braked ? "; braked" : "");
}

void
laws_converged(void)
{
	struct failover_status s;

	if (laws_are_broken())
		return;
	if (laws.failover == NULL) {
		laws_broken("converges", "drd does not run");
		return;
	}
	failover_status(laws.failover, &s);
	/* By itself it may fail back at any time. */
	if (instant_ms() < laws.epoch_ms + RESTS_MS)
		return;
	if (s.role != ROLE_STEADY && s.role != ROLE_FAILED_OVER)
		laws_broken("converges", "drd is %s: %s", role_name(s.role),
		    s.role_why);
	nothing_is_pending(s.change, s.epoch);
	if (s.trouble[0] != '\0')
		laws_broken("converges", "trouble: %s", s.trouble);
	regions_agree();
	dns_agrees();
	nothing_is_left();
	told_all();
}
