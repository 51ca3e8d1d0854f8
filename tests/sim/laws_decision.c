/* SPDX-License-Identifier: MIT
 *
 * The laws of decisions: was drd right to act, and right not to?
 *
 * A decision is judged at the instant in which drd tells of it, by what the
 * oracle has heard, by what holds drd back, and by the truth.
 */
#include <inttypes.h>
#include <string.h>

#include "holds.h"
#include "instant.h"
#include "laws_parts.h"
#include "machine.h"
#include "oracle.h"
#include "told.h"

enum { READY_MS = 1500000 }; /* well for so long, the standby is ready */

/* Whatever drd makes of it: has anybody seen anything wrong? */
static bool
primary_is_perfect(void)
{
	const struct checker *checker;
	unsigned i;

	for (i = 0; i < world.checkers; i++) {
		checker = &world.region[EAST].checkers[i];
		if (!checker->ok || !checker->healthy)
			return false;
	}
	return !world.alarm_raised && !world.point_ill &&
	    world.region[EAST].bad_minutes == 0;
}

void
laws_poll_begins(void)
{
	laws.perfect_then = primary_is_perfect();
}

struct evidence_then
laws_evidence_now(void)
{
	return (struct evidence_then){
		.at_ms = instant_ms(),
		.verdict = oracle_verdict(),
		.streak = oracle_streak(),
		.standby = oracle_standby_heard(),
		.perfect = laws.perfect_then && primary_is_perfect() &&
		    !oracle_saw_it_fail(),
		.clock = laws_clock_is_right(),
	};
}

/*
 * A decision that is found by a process that has not polled yet was made by
 * the one before it.
 */
static void
judge_evidence(const struct failover_status *s, uint64_t epoch)
{
	struct evidence_then then =
	    laws.polls == 0 ? laws.before : laws_evidence_now();

	if (then.perfect)
		laws_broken("no-failover-of-what-is-well",
		    "epoch %" PRIu64 ": no checker and no alarm has "
		    "complained",
		    epoch);
	if (!then.standby)
		laws_broken("no-failover-while-isolated",
		    "epoch %" PRIu64 ": the standby region has not answered",
		    epoch);
	if (!then.clock)
		return; /* which observations are too old is open to doubt */
	if (then.verdict != SAYS_FAIL)
		laws_broken("no-failover-on-unknown",
		    "epoch %" PRIu64 ": the last poll did not fail", epoch);
	if (then.streak < s->fall)
		laws_broken("three-failing-polls",
		    "epoch %" PRIu64 " after %u failing polls in a row", epoch,
		    then.streak);
}

static void
judge_order(const char *verb, uint64_t epoch)
{
	if (!holds_order_open(verb))
		laws_broken("no-failback-by-itself",
		    "epoch %" PRIu64 ": nobody has ordered a %s", epoch, verb);
	holds_order_done(verb);
}

static void
judge_failback(const struct change *c)
{
	uint64_t well_ms = instant_ms() - oracle_well_since();

	if (strcmp(c->cause, "automatic") != 0) {
		judge_order("failback", c->epoch);
		holds_failover(false, 0);
		return;
	}
	if (!holds_failback_automatic() || laws.ordered)
		laws_broken("no-failback-by-itself",
		    "epoch %" PRIu64 ": nobody has ordered it", c->epoch);
	if (laws_clock_is_right() && well_ms < holds_soak_ms())
		laws_broken("soak-holds",
		    "epoch %" PRIu64 ": a poll failed %" PRIu64 " s ago",
		    c->epoch, well_ms / 1000);
}

/* A change that drd has made by itself: was it right to? */
void
laws_judge_decision(const struct failover_status *s)
{
	const struct change *c = s->change;
	const char *hold;

	if (c == NULL || c->epoch != s->epoch)
		return; /* learnt from the parameters */
	if (strcmp(laws.active, c->to) == 0)
		laws_broken("one-epoch-for-one-change",
		    "epoch %" PRIu64 " makes %s active, which it is", c->epoch,
		    c->to);
	if (c->failback) {
		laws.seen.failbacks++;
		told_owes(c->epoch);
		judge_failback(c);
		return;
	}
	laws.seen.failovers++;
	told_owes(c->epoch);
	laws.ordered = strcmp(c->cause, "automatic") != 0;
	if (laws.ordered) {
		judge_order("failover", c->epoch);
		holds_failover(false, 0);
		return;
	}
	hold = holds_surely();
	if (hold != NULL && !laws_is_changing(laws.role))
		laws_broken(hold, "epoch %" PRIu64, c->epoch);
	/* One that is found was made before the death of who made it. */
	holds_failover(
	    true, laws.polls == 0 ? instant_ms() - laws.before.at_ms : 0);
	laws.acting_ms = instant_ms();
	judge_evidence(s, c->epoch);
}

/* What the oracle finds due in a poll is decided in that poll. */
void
laws_judge_inaction(const struct failover_status *s)
{
	if (oracle_is_due() && s->role == ROLE_SUSPECT &&
	    laws_clock_is_right() && !holds_perhaps() &&
	    world_standby_well_ms() > READY_MS && machine_disk_works() &&
	    s->trouble[0] == '\0')
		laws_broken("due-failover-happens",
		    "%u failing polls in a row, the standby region answers, "
		    "and drd is %s: %s",
		    oracle_streak(), role_name(s->role), s->role_why);
}
