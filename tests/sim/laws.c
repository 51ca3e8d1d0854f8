/* SPDX-License-Identifier: MIT
 *
 * The laws.  See laws.h.
 *
 * Three places to look from: what drd does (laws_put, laws_publish,
 * __wrap_aws_send, __wrap_poll_start), what is on the disk (the journal, as a
 * stranger would read it), and what drd says of itself (failover_status).
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "failover/poll.h"
#include "holds.h"
#include "instant.h"
#include "laws_parts.h"
#include "machine.h"
#include "net.h"
#include "oracle.h"
#include "told.h"
#include "trace.h"

enum {
	SHAKE_MS = 5000,	   /* a step of a clock that must be noticed */
	STILL_MS = 60000,	   /* a freeze that must be */
	POLL_LATE_MS = 45000,	   /* between two polls, at the most */
	POLL_TAKES_MS = 15000,	   /* one that a reload has begun again */
	CLOCK_OFF_MS = 20000,	   /* so wrong, it may tell nothing of age */
	LATCH_LATE_MS = 150000,	   /* and of the latch's metric */
	ACT_WITHIN_MS = 5000,	   /* from the decision to the standby's SSM */
	DNS_TAKES_MS = 15 * 60000, /* to follow; longer, and it is no excuse */
	CALLS_MAX = 1000,	   /* a minute; a cycle of this stack has 40 */
};

struct poll *__real_poll_start(struct loop *loop, struct aws *aws,
    const struct poll_request *request,
    void (*done)(const struct poll_result *result, void *arg), void *arg);
struct poll *__wrap_poll_start(struct loop *loop, struct aws *aws,
    const struct poll_request *request,
    void (*done)(const struct poll_result *result, void *arg), void *arg);

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
	laws_judge_decision(s);
	laws.epoch = s->epoch;
	laws.epoch_ms = instant_ms();
	snprintf(laws.active, sizeof(laws.active), "%s", s->active);
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

/* DNS moves when these are done. */
static bool
is_in_its_way(const struct effect *effect)
{
	return effect->kind == EFFECT_LATCH ||
	    (effect->kind == EFFECT_PARAMETER && effect->leads);
}

/* A way back that DNS is to follow, and cannot yet, or has not for long. */
static bool
dns_is_under_way(const struct change *change)
{
	const struct effect *effect, *dns = NULL;
	int64_t from_ms = change->decided_ms;
	size_t i;

	for (i = 0; i < change->count; i++) {
		effect = &change->effects[i];
		if (effect->kind == EFFECT_DNS)
			dns = effect;
		if (!is_in_its_way(effect))
			continue;
		if (!effect_is_over(effect))
			from_ms = INT64_MAX;
		else if (from_ms < effect->verified_ms)
			from_ms = effect->verified_ms;
	}
	if (dns == NULL || effect_is_over(dns))
		return false;
	return from_ms == INT64_MAX ||
	    (clock_wall_ms() >= from_ms &&
		clock_wall_ms() <= from_ms + DNS_TAKES_MS);
}

/* Has drd moved users, and not quite back yet?  Then it has moved DNS, too. */
static bool
is_moved(const struct failover_status *s)
{
	return strcmp(s->active, region_names[WEST]) == 0 ||
	    (s->change != NULL && dns_is_under_way(s->change));
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

struct poll *
__wrap_poll_start(struct loop *loop, struct aws *aws,
    const struct poll_request *request,
    void (*done)(const struct poll_result *result, void *arg), void *arg)
{
	laws_polled();
	laws_poll_begins();
	oracle_poll_begins();
	return __real_poll_start(loop, aws, request, done, arg);
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
		    "%u are counted, and %u have failed in a row: %s",
		    s->detected->streak, oracle_streak(),
		    s->detected->verdict.why);
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
	if (machine_is_dead()) {     /* killed a moment ago, and not gone yet */
		if (laws.polls != 0) /* else it knew what the one before did */
			laws.before = laws_evidence_now();
		return;
	}
	look_at_epoch(&s);
	oracle_moved(is_moved(&s));
	if (polled) {
		laws_judge_inaction(&s);
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
	    instant_ms() > oracle_polling_since() + POLL_TAKES_MS &&
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
	if (laws.thawed_ms < instant_ms() + ms)
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
