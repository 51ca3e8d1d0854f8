/* SPDX-License-Identifier: MIT
 *
 * The laws.  See laws.h.
 *
 * Three places to look from: what reaches AWS (laws_put, laws_publish,
 * __wrap_aws_send), what is on the disk (the journal, as a stranger would
 * read it), and what drd says of itself (failover_status).
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "holds.h"
#include "instant.h"
#include "laws_parts.h"
#include "machine.h"
#include "net.h"
#include "oracle.h"
#include "told.h"
#include "trace.h"

enum {
	SHAKE_MS = 5000,	/* a step of a clock that must be noticed */
	STILL_MS = 60000,	/* a freeze that must be */
	POLL_LATE_MS = 45000,	/* between two polls, at the most */
	READY_MS = 1500000,	/* well for so long, the standby is ready */
	CLOCK_OFF_MS = 20000,	/* so wrong, it may tell nothing of age */
	LATCH_LATE_MS = 150000, /* and of the latch's metric */
	ACT_WITHIN_MS = 5000,	/* from the decision to the standby's SSM */
	CALLS_MAX = 1000,	/* a minute; a cycle of this stack has 40 */
};

struct laws_state laws;

/* ---- telling ----------------------------------------------------------- */

void
laws_reset(void)
{
	memset(&laws, 0, sizeof(laws));
	laws.calls = net_calls();
}

const struct laws_seen *
laws_seen(void)
{
	return &laws.seen;
}

void
laws_add(struct laws_seen *to, const struct laws_seen *seen)
{
	to->polls += seen->polls;
	to->failovers += seen->failovers;
	to->failbacks += seen->failbacks;
	to->writes += seen->writes;
	to->notices += seen->notices;
	to->orders += seen->orders;
	to->refusals += seen->refusals;
}

void
laws_broken(const char *name, const char *fmt, ...)
{
	va_list ap;

	if (laws.name[0] != '\0')
		return;
	snprintf(laws.name, sizeof(laws.name), "%s", name);
	va_start(ap, fmt);
	vsnprintf(laws.text, sizeof(laws.text), fmt, ap);
	va_end(ap);
	trace_line("BROKEN", "%s: %s", laws.name, laws.text);
	machine_crash(false, 1);
}

bool
laws_are_broken(void)
{
	return laws.name[0] != '\0';
}

const char *
laws_broken_name(void)
{
	return laws.name;
}

const char *
laws_broken_text(void)
{
	return laws.text;
}

/* ---- what drd says of itself ------------------------------------------- */

struct failover *__real_failover_new(struct loop *loop, struct aws *aws,
    const char *path, const struct failover_config *config,
    const struct failover_ops *ops, struct error *e);
struct failover *__wrap_failover_new(struct loop *loop, struct aws *aws,
    const char *path, const struct failover_config *config,
    const struct failover_ops *ops, struct error *e);
void __real_failover_free(struct failover *f);
void __wrap_failover_free(struct failover *f);

/* Not looked at from inside its own constructor, but from then on. */
struct failover *
__wrap_failover_new(struct loop *loop, struct aws *aws, const char *path,
    const struct failover_config *config, const struct failover_ops *ops,
    struct error *e)
{
	laws.failover = __real_failover_new(loop, aws, path, config, ops, e);
	laws.polls = laws.weighed = 0;
	laws.polled_ms = instant_ms();
	return laws.failover;
}

void
__wrap_failover_free(struct failover *f)
{
	if (laws.failover == f)
		laws.failover = NULL;
	__real_failover_free(f);
}

bool
laws_is_changing(enum role role)
{
	return role == ROLE_FAILING_OVER || role == ROLE_FAILING_BACK;
}

bool
laws_clock_is_right(void)
{
	int64_t off = clock_wall_ms() - instant_wall_ms();

	return off < CLOCK_OFF_MS && off > -CLOCK_OFF_MS;
}

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
	return !world.alarm_raised && world.region[EAST].bad_minutes == 0;
}

static struct evidence_then
evidence_now(void)
{
	return (struct evidence_then){
		.verdict = oracle_verdict(),
		.streak = oracle_streak(),
		.standby = oracle_standby_heard(),
		.perfect = primary_is_perfect() && !oracle_saw_it_fail(),
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
	    laws.polls == 0 ? laws.before : evidence_now();

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
		holds_failover(false);
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
static void
judge_decision(const struct failover_status *s)
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
		holds_failover(false);
		return;
	}
	hold = holds_surely();
	if (hold != NULL && !laws_is_changing(laws.role))
		laws_broken(hold, "epoch %" PRIu64, c->epoch);
	holds_failover(true);
	laws.acting_ms = instant_ms();
	judge_evidence(s, c->epoch);
}

static void
look_at_epoch(const struct failover_status *s)
{
	if (!s->active_known || s->epoch == laws.epoch)
		return;
	if (s->epoch < laws.epoch)
		laws_broken("epochs-rise", "epoch %" PRIu64 " after %" PRIu64,
		    s->epoch, laws.epoch);
	if (laws.epoch != 0 && s->epoch > laws.epoch + 1 &&
	    s->epoch != laws.others_epoch)
		laws_broken("epochs-rise-by-one",
		    "epoch %" PRIu64 " after %" PRIu64, s->epoch, laws.epoch);
	trace_line(
	    "drd", "epoch %" PRIu64 ": %s is active", s->epoch, s->active);
	judge_decision(s);
	laws.epoch = s->epoch;
	snprintf(laws.active, sizeof(laws.active), "%s", s->active);
}

/* What the oracle finds due in a poll is decided in that poll. */
static void
judge_inaction(const struct failover_status *s)
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

/* CloudWatch forgets: it is told again and again what holds DNS. */
static void
look_at_latch(void)
{
	uint64_t told = world.latch_ms, epoch;
	enum region active;

	if (told < machine_up_since())
		told = machine_up_since();
	if (told < laws.thawed_ms)
		told = laws.thawed_ms;
	if (world_active(WEST, &active, &epoch) &&
	    world_standby_well_ms() > 2 * LATCH_LATE_MS &&
	    instant_ms() > told + LATCH_LATE_MS)
		laws_broken("latch-is-fed", "not for %" PRIu64 " s",
		    (instant_ms() - told) / 1000);
}

/* Has drd moved users, and not quite back yet?  Then it has moved DNS, too. */
static bool
is_moved(const struct failover_status *s)
{
	return strcmp(s->active, region_names[WEST]) == 0 ||
	    (s->change != NULL && change_pending(s->change) > 0);
}

void
laws_polled(void)
{
	uint64_t polls;

	if (laws.failover == NULL)
		return;
	polls = detect_facts(laws.failover->detect)->polls;
	if (polls != laws.weighed)
		oracle_poll_over();
	laws.weighed = polls;
}

static void
look_at_polls(const struct failover_status *s)
{
	if (s->detected->polls == laws.polls)
		return;
	laws_polled();
	laws.polls = s->detected->polls;
	laws.polled_ms = instant_ms();
	laws.seen.polls++;
	if (s->detected->streak > oracle_streak() && laws_clock_is_right())
		laws_broken("streak-is-of-failing-polls",
		    "%u are counted, and %u have failed in a row",
		    s->detected->streak, oracle_streak());
}

/* What fails at once and for ever is not tried at once and for ever. */
static void
look_at_calls(void)
{
	uint64_t minute = instant_ms() / 60000;

	if (net_calls() - laws.calls > CALLS_MAX)
		laws_broken("no-hot-loop", "%lu calls within a minute",
		    net_calls() - laws.calls);
	if (minute != laws.minute)
		laws.calls = net_calls();
	laws.minute = minute;
}

/* Asking costs more than all the rest: only when there is something new. */
static bool
is_news(void)
{
	const struct failover *f = laws.failover;

	return f->role != laws.role || f->memory.active.epoch != laws.epoch ||
	    detect_facts(f->detect)->polls != laws.polls;
}

static void
look_at_news(void)
{
	struct failover_status s;
	bool polled;

	failover_status(laws.failover, &s);
	polled = s.detected->polls != laws.polls;
	look_at_polls(&s);
	if (machine_is_dead()) { /* killed a moment ago, and not gone yet */
		laws.before = evidence_now();
		return;
	}
	look_at_epoch(&s);
	oracle_moved(is_moved(&s));
	if (polled) {
		judge_inaction(&s);
		look_at_latch();
	}
	laws.role = s.role;
}

/* Nothing is in the way of the standby's parameters (laws 4 and 7). */
static void
look_at_acting(void)
{
	enum region active;
	uint64_t epoch;

	if (laws.acting_ms == 0 ||
	    instant_ms() - laws.acting_ms <= ACT_WITHIN_MS)
		return;
	if (world_standby_well_ms() > 2 * ACT_WITHIN_MS &&
	    laws_clock_is_right() && !instant_is_frozen() &&
	    machine_up_since() < laws.acting_ms &&
	    (!world_active(WEST, &active, &epoch) || epoch < laws.epoch))
		laws_broken("standby-is-told-at-once",
		    "epoch %" PRIu64 " has not got there in %d s", laws.epoch,
		    ACT_WITHIN_MS / 1000);
	laws.acting_ms = 0;
}

void
laws_look(void)
{
	if (laws.failover == NULL || laws_are_broken())
		return;
	if (is_news() || machine_is_dead())
		look_at_news();
	if (machine_is_dead())
		return;
	look_at_calls();
	look_at_acting();
	laws_look_at_memory();
	if (instant_ms() > laws.polled_ms + POLL_LATE_MS &&
	    !instant_is_frozen())
		laws_broken("polls-go-on", "no poll for %" PRIu64 " s",
		    (instant_ms() - laws.polled_ms) / 1000);
}

const char *
laws_role(void)
{
	return laws.failover != NULL ? role_name(laws.role) : "";
}

bool
laws_active(enum region *active, uint64_t *epoch)
{
	*active = strcmp(laws.active, region_names[WEST]) == 0 ? WEST : EAST;
	*epoch = laws.epoch;
	return laws.epoch != 0;
}

void
laws_frozen(uint64_t ms)
{
	if (ms >= STILL_MS)
		oracle_shake();
	else if (ms >= SHAKE_MS)
		oracle_doubt();
	if (laws.polled_ms < instant_ms() + ms)
		laws.polled_ms = instant_ms() + ms;
	laws.thawed_ms = instant_ms() + ms;
	laws.acting_ms = 0;
}

void
laws_somebody(uint64_t epoch)
{
	laws.others_epoch = epoch;
}

void
laws_clock_set(int64_t ms)
{
	if (ms >= SHAKE_MS || ms <= -SHAKE_MS)
		oracle_shake();
}

/* ---- operators --------------------------------------------------------- */

void
laws_ordered(const char *line)
{
	laws.seen.orders++;
	holds_ordered(line);
}

void
laws_answered(const char *line, const char *reply)
{
	bool done = strncmp(reply, "OK", 2) == 0 || reply[0] == '{';

	laws.seen.refusals += !done;
	holds_answered(line, done);
}
