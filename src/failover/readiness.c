/* SPDX-License-Identifier: MIT
 *
 * The readiness of the region that would become active.
 *
 *	beat -> look -> looked -> note each item -> judge -> tell
 *
 * Both regions keep what is known of them: after a failover and back nobody
 * starts from nothing, and what has become old meanwhile is judged as such.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "failover/readiness.h"
#include "net/loop.h"

enum { NO_TARGET = READINESS_REGIONS };

struct readiness {
	struct loop *loop;
	struct aws *aws;
	const char *stack;
	struct readiness_config config;
	struct readiness_ops ops;

	struct readiness_item items[READINESS_REGIONS][READINESS_COUNT];
	struct overload overload;
	unsigned target;   /* or NO_TARGET */
	uint64_t aimed_ms; /* mono, since when it is the target */
	uint64_t looked_ms;
	bool told; /* of an episode that has not ended */

	struct timer *beat;
	struct look *look;
};

static const struct readiness_region *
region_of(const struct readiness *r)
{
	return &r->config.regions[r->target];
}

static struct readiness_ages
ages_of(const struct readiness *r)
{
	return (struct readiness_ages){
		.look = r->config.limits.max_age,
		.canary = r->config.canary_age,
	};
}

/* ---- telling ----------------------------------------------------------- */

/* Who has just begun to look does not page for what is not known yet. */
static bool
is_early(const struct readiness *r, const struct readiness_facts *facts)
{
	return facts->all.verdict == VERDICT_UNKNOWN &&
	    clock_mono_ms() - r->aimed_ms < r->config.limits.max_age;
}

static void
tell(struct readiness *r)
{
	struct log_fields fields = {
		.message_id = EVENT_READINESS,
		.stack = r->stack,
		.region = region_of(r)->name,
	};
	struct readiness_facts facts;

	readiness_facts(r, &facts);
	if (facts.all.blocks == r->told || is_early(r, &facts))
		return;
	r->told = facts.all.blocks;
	if (r->told)
		log_line(LOG_LEVEL_WARNING, &fields,
		    "readiness: %s: %s is not ready to take over: %s", r->stack,
		    facts.region, facts.all.why);
	else
		log_line(LOG_LEVEL_INFO, &fields,
		    "readiness: %s: %s is ready to take over", r->stack,
		    facts.region);
	if (r->ops.told != NULL)
		r->ops.told(!r->told, facts.region, facts.all.why, r->ops.arg);
}

static void
note_overload(struct readiness *r, const struct overload *overload)
{
	struct log_fields fields = {
		.message_id = EVENT_OVERLOAD,
		.stack = r->stack,
		.region = r->config.regions[!r->target].name,
	};

	if (overload->proved && !r->overload.proved)
		log_line(LOG_LEVEL_WARNING, &fields,
		    "readiness: %s: %s has too much to do: %s", r->stack,
		    fields.region, overload->why);
	else if (!overload->proved && r->overload.proved)
		log_line(LOG_LEVEL_INFO, &fields,
		    "readiness: %s: %s has no longer too much to do", r->stack,
		    fields.region);
	r->overload = *overload;
}

/* ---- looking ----------------------------------------------------------- */

static void
on_looked(const struct look_result *result, void *arg)
{
	struct readiness *r = arg;
	uint64_t now = clock_mono_ms();
	int i;

	r->look = NULL;
	r->looked_ms = now;
	for (i = 0; i < READINESS_COUNT; i++)
		if (result->looked[i])
			readiness_note(
			    &r->items[r->target][i], &result->seen[i], now);
	note_overload(r, &result->overload);
	tell(r);
	if (r->ops.looked != NULL)
		r->ops.looked(r->ops.arg);
}

void
readiness_look(struct readiness *r)
{
	struct look_request request = { .limits = r->config.limits };

	if (r->config.interval == 0 || r->target == NO_TARGET ||
	    r->look != NULL)
		return;
	request.target = region_of(r);
	request.source = &r->config.regions[!r->target];
	request.deadline_ms = clock_mono_ms() + r->config.deadline;
	r->look = look_start(r->aws, &request, on_looked, r);
}

static void
beat(void *arg)
{
	struct readiness *r = arg;

	r->beat = loop_after(r->loop, r->config.interval, beat, r);
	readiness_look(r);
}

/* ---- exports ----------------------------------------------------------- */

static void
apply_items(struct readiness *r)
{
	struct readiness_item *item;
	int i, what;

	for (i = 0; i < READINESS_REGIONS; i++)
		for (what = 0; what < READINESS_COUNT; what++) {
			item = &r->items[i][what];
			if (what == READINESS_CANARY)
				item->applies = r->config.canary_age != 0;
			else if (what != READINESS_PROBE)
				item->applies = look_covers(
				    &r->config.regions[i], &r->config.limits,
				    (enum readiness_what)what);
			if (item->seen_ms == 0)
				item->last.reason = REASON_NOT_ASKED;
		}
}

struct readiness *
readiness_new(struct loop *loop, struct aws *aws, const char *stack,
    const struct readiness_config *config, const struct readiness_ops *ops)
{
	struct readiness *r = mem_alloc(sizeof(*r));

	r->loop = loop;
	r->aws = aws;
	r->stack = stack;
	r->config = *config;
	r->ops = *ops;
	r->target = NO_TARGET;
	apply_items(r);
	return r;
}

void
readiness_start(struct readiness *r)
{
	if (r->config.interval != 0)
		r->beat = loop_after(r->loop, r->config.phase, beat, r);
}

void
readiness_free(struct readiness *r)
{
	if (r == NULL)
		return;
	timer_cancel(r->beat);
	look_cancel(r->look);
	free(r);
}

void
readiness_reconfigure(struct readiness *r, const char *stack,
    const struct readiness_config *config)
{
	struct readiness_config old = r->config;
	int i;

	look_cancel(r->look);
	r->look = NULL;
	r->stack = stack;
	r->config = *config;
	for (i = 0; i < READINESS_REGIONS; i++)
		memcpy(r->config.regions[i].target_group,
		    old.regions[i].target_group,
		    sizeof(old.regions[i].target_group));
	apply_items(r);
	timer_cancel(r->beat);
	r->beat = NULL;
	if (r->config.interval != 0)
		r->beat = loop_after(r->loop, 0, beat, r);
}

void
readiness_aim(struct readiness *r, unsigned target)
{
	assert(target < READINESS_REGIONS);
	if (r->target == target)
		return;
	look_cancel(r->look);
	r->look = NULL;
	r->target = target;
	r->aimed_ms = clock_mono_ms();
	r->told = false;
	memset(&r->overload, 0, sizeof(r->overload));
	if (r->beat != NULL)
		readiness_look(r);
}

void
readiness_set_target_group(
    struct readiness *r, unsigned region, const char *arn)
{
	struct readiness_region *of = &r->config.regions[region];
	bool news = strcmp(of->target_group, arn) != 0;

	if (!news)
		return;
	snprintf(of->target_group, sizeof(of->target_group), "%s", arn);
	/* A look under way has asked without it. */
	if (region == r->target) {
		look_cancel(r->look);
		r->look = NULL;
		if (r->beat != NULL)
			readiness_look(r);
	}
}

void
readiness_note_probe(struct readiness *r, unsigned region,
    const struct observation *seen, uint64_t mono_ms)
{
	struct readiness_item *item = &r->items[region][READINESS_PROBE];

	assert(region < READINESS_REGIONS);
	item->applies = true;
	readiness_note(item, seen, mono_ms);
}

void
readiness_note_canary(struct readiness *r, unsigned region,
    const struct observation *seen, uint64_t mono_ms)
{
	assert(region < READINESS_REGIONS);
	readiness_note(&r->items[region][READINESS_CANARY], seen, mono_ms);
}

void
readiness_facts(const struct readiness *r, struct readiness_facts *out)
{
	struct readiness_ages ages = ages_of(r);
	uint64_t now = clock_mono_ms();
	int i;

	memset(out, 0, sizeof(*out));
	out->all.verdict = VERDICT_OK;
	out->target.verdict = out->arrived.verdict = VERDICT_OK;
	out->overload = &r->overload;
	if (r->config.interval == 0 || r->target == NO_TARGET)
		return;
	out->region = region_of(r)->name;
	out->items = r->items[r->target];
	out->looked_ms = r->looked_ms;
	out->paged = r->told;
	for (i = 0; i < READINESS_COUNT; i++)
		readiness_judge_item((enum readiness_what)i, &out->items[i],
		    &ages, now, &out->each[i]);
	readiness_judge(out->items, &ages, now, &out->all);
	readiness_judge_target(out->items, &ages, now, &out->target);
	readiness_judge_arrived(out->items, &ages, now, &out->arrived);
}
