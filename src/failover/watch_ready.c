/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, where it keeps an eye on the other region.
 *
 * Which one that is follows from who is active, so it is aimed anew with
 * each change of role; what it needs to know of AWS's own names comes from
 * the facts.
 */
#include <string.h>

#include "failover/canary.h"
#include "failover/failover.h"
#include "failover/watch.h"

/* The region that is not active. */
void
watch_aim_readiness(struct failover *f)
{
	const struct memory *m = &f->memory;

	if (!m->active_known)
		return;
	readiness_aim(f->readiness,
	    strcmp(m->active.region, f->set.primary) == 0 ? FAILOVER_STANDBY
							  : FAILOVER_PRIMARY);
}

void
watch_tell_readiness(struct failover *f)
{
	const char *const names[FAILOVER_REGIONS] = {
		[FAILOVER_PRIMARY] = f->set.primary,
		[FAILOVER_STANDBY] = f->set.standby,
	};
	const char *group;
	unsigned i;

	for (i = 0; i < FAILOVER_REGIONS; i++) {
		group =
		    facts_of_region(f->memory.facts, names[i], "target_group");
		if (group != NULL)
			readiness_set_target_group(f->readiness, i, group);
	}
}

/* Signals are about the primary: overload of the standby excuses nothing. */
static void
on_looked(void *arg)
{
	struct failover *f = arg;
	struct readiness_facts facts;
	bool primary_leads;

	readiness_facts(f->readiness, &facts);
	primary_leads =
	    facts.region != NULL && strcmp(facts.region, f->set.standby) == 0;
	detect_set_overload(f->detect,
	    primary_leads && facts.overload->proved ? facts.overload->why
						    : NULL);
	watch_let_canary_sing(f);
}

void
watch_open_readiness(struct failover *f, const struct failover_config *config)
{
	const struct readiness_ops ops = { .looked = on_looked, .arg = f };

	f->readiness = readiness_new(
	    f->loop, f->aws, f->set.stack, &config->readiness, &ops);
	watch_tell_readiness(f);
	watch_open_canary(f, config);
}

void
watch_reconfigure_readiness(
    struct failover *f, const struct failover_config *config)
{
	readiness_reconfigure(f->readiness, f->set.stack, &config->readiness);
	watch_reconfigure_canary(f, config);
}

void
watch_close_readiness(struct failover *f)
{
	canary_free(f->canary);
	readiness_free(f->readiness);
}

/*
 * Its own beat is slow.  When the primary fails, what is known of the other
 * region should be of now; one that is not ready should be seen to be as soon
 * as it is; and what excuses a failing primary has to be proved anew.
 */
void
watch_look_closer(struct failover *f)
{
	struct readiness_facts facts;

	readiness_facts(f->readiness, &facts);
	if (facts.all.blocks || facts.overload->proved ||
	    detect_facts(f->detect)->verdict.verdict == VERDICT_FAIL)
		readiness_look(f->readiness);
}

void
failover_readiness(const struct failover *f, struct readiness_facts *out)
{
	readiness_facts(f->readiness, out);
}
