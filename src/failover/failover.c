/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack: polls, counts, decides, acts.
 *
 *	tick -> start_poll -> on_polled -> advance -> take -> set_role
 *	                                                `-> begin_change
 *	                                                      `-> start_acting
 *
 * Laws kept here: a poll that says nothing changes nothing (1); only polls in
 * a row count (2); without an answer from the standby region nothing is
 * decided (3); the decision is on disk before anything follows from it (5);
 * each change has the next epoch (6); after a freeze or a clock step the
 * count starts again, after a poll that only looks (11).
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/budget.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "failover/active.h"
#include "failover/decide.h"
#include "failover/failover.h"
#include "failover/jump.h"
#include "failover/memory.h"
#include "failover/poll.h"
#include "failover/settings.h"
#include "net/loop.h"

enum {
	EFFECT_RETRY_CAP_MS = 30000,
	EFFECT_CALL_MS = 5000,
};

struct failover {
	struct loop *loop;
	struct aws *aws;
	struct failover_ops ops;
	struct settings set;
	struct memory memory;
	struct signal *signals;
	size_t signal_count;

	enum role role;
	int64_t role_since_ms;
	char role_why[512];
	bool failback_ordered;
	char trouble[512]; /* what keeps it from learning or acting */

	struct act *act;
	const char **dns_servers; /* what `act` was given; strings borrowed */

	struct timer *tick;
	uint64_t due_ms; /* mono: when the tick should come */
	struct jump jump;
	struct poll *poll;
	struct active_learning *learning;
	void (*waiter)(void *arg); /* for the end of the next poll */
	void *waiter_arg;
	bool poll_again; /* the waiter came while a poll was under way */

	uint64_t polls;
	uint64_t poll_ms;
	struct poll_verdict verdict;
	unsigned streak;
	int64_t first_fail_ms; /* wall: of the present streak */
	bool standby_answers;
	char isolation[192];
	bool observing;
	char observing_why[128];
};

static void advance(struct failover *f);

/* The one door through which a role changes. */
static void
set_role(struct failover *f, enum role to, const char *why)
{
	struct log_fields fields = {
		.message_id = EVENT_ROLE_CHANGED,
		.stack = f->set.stack,
		.epoch = f->memory.active.epoch,
	};
	enum role from = f->role;

	f->role = to;
	f->role_since_ms = clock_wall_ms();
	snprintf(f->role_why, sizeof(f->role_why), "%s", why);
	log_line(LOG_LEVEL_INFO, &fields, "role: %s: %s -> %s: %s",
	    f->set.stack, role_name(from), role_name(to), why);
	if (f->ops.role_changed != NULL)
		f->ops.role_changed(from, to, why, f->ops.arg);
}

/* What keeps it from learning or acting: said once, shown until it ends. */
static void
set_trouble(struct failover *f, const char *what, const char *why)
{
	char trouble[sizeof(f->trouble)];

	snprintf(trouble, sizeof(trouble), "%s: %s", what, why);
	if (strcmp(f->trouble, trouble) == 0)
		return;
	memcpy(f->trouble, trouble, sizeof(trouble));
	log_warning("failover: %s: %s", f->set.stack, trouble);
}

/* ---- acting ------------------------------------------------------------ */

static void
on_stepped(const struct effect *effect, void *arg)
{
	struct failover *f = arg;

	if (f->ops.stepped != NULL)
		f->ops.stepped(&f->memory.change, effect, f->ops.arg);
}

static void
on_lead(void *arg)
{
	advance(arg);
}

static void
on_settled(void *arg)
{
	struct failover *f = arg;
	struct log_fields fields = {
		.stack = f->set.stack,
		.epoch = f->memory.change.epoch,
	};
	struct error e;

	log_line(LOG_LEVEL_INFO, &fields,
	    "act: %s: epoch %" PRIu64 ": every effect is done in both regions",
	    f->set.stack, fields.epoch);
	if (memory_settle(&f->memory, &e) == -1)
		log_warning("journal: %s: %s", f->set.stack, e.text);
}

/* The configured name servers, or else the zone's own as last seen. */
static size_t
collect_name_servers(struct failover *f)
{
	const json_t *known = json_object_get(f->memory.facts, "name_servers");
	bool configured = f->set.name_server_count != 0;
	size_t i, count;

	count = configured ? f->set.name_server_count : json_array_size(known);
	free(f->dns_servers);
	f->dns_servers = mem_array(count + 1, sizeof(*f->dns_servers));
	for (i = 0; i < count; i++)
		f->dns_servers[i] = configured
		    ? f->set.name_servers[i]
		    : json_string_value(json_array_get(known, i));
	return count;
}

static void
start_acting(struct failover *f)
{
	struct change *change = &f->memory.change;
	struct act_options options = {
		.retry_cap_ms = EFFECT_RETRY_CAP_MS,
		.call_ms = EFFECT_CALL_MS,
		.on_step = on_stepped,
		.on_lead = on_lead,
		.on_settled = on_settled,
		.arg = f,
	};

	options.dns.record = f->set.record;
	options.dns.server_count = collect_name_servers(f);
	options.dns.servers = f->dns_servers;
	options.dns.resolver = f->set.resolver;
	options.dns.target_balancer =
	    facts_of_region(f->memory.facts, change->to, "balancer");
	f->act =
	    act_start(f->loop, f->aws, f->memory.journal, change, &options);
}

static void
stop_acting(struct failover *f)
{
	act_cancel(f->act);
	f->act = NULL;
}

/*
 * The decision: on disk first (law 5).  -1: it could not be made or not be
 * written; then nothing has changed.
 */
static int
begin_change(struct failover *f, bool failback, const char *cause,
    const char *reason, struct error *e)
{
	const struct memory *m = &f->memory;
	bool dns = f->set.record != NULL && collect_name_servers(f) != 0;
	struct decision decision = {
		.stack = f->set.stack,
		.from = failback ? f->set.standby : f->set.primary,
		.to = failback ? f->set.primary : f->set.standby,
		.epoch = m->active.epoch + 1,
		.failback = failback,
		.cause = cause,
		.reason = reason,
		.decided_ms = clock_wall_ms(),
		.first_fail_ms = failback ? 0 : f->first_fail_ms,
		.endpoint_parameter = f->set.endpoint_parameter,
		.active_parameter = f->set.active_parameter,
		.record = dns ? f->set.record : NULL,
		.facts = m->facts,
		.last = m->change.epoch != 0 ? &m->change : NULL,
	};
	struct change change;

	if (decide(&decision, &change, e) == -1)
		return -1;
	stop_acting(f); /* it borrows the change that is replaced now */
	if (memory_set_change(&f->memory, &change, e) == -1) {
		change_release(&change);
		if (memory_has_pending(m))
			start_acting(f);
		return -1;
	}
	return 0;
}

/* ---- the role machine -------------------------------------------------- */

static struct role_view
view_of(const struct failover *f)
{
	const struct memory *m = &f->memory;

	return (struct role_view){
		.active_known = m->active_known,
		.standby_active = strcmp(m->active.region, f->set.standby) == 0,
		.changing = memory_is_changing(m),
		.standby_answers = f->polls == 0 || f->standby_answers,
		.observing = f->observing,
		.streak = f->streak,
		.fall = f->set.fall,
		.failback_ordered = f->failback_ordered,
	};
}

/*
 * Take one transition.  A failover writes its decision first; if that fails
 * the role stays as it is and the next poll tries again.
 */
static int
take(struct failover *f, const struct role_row *row)
{
	bool decides = f->role == ROLE_SUSPECT && row->to == ROLE_FAILING_OVER;
	char why[sizeof(f->role_why)];
	struct error e;

	if (f->streak != 0)
		snprintf(why, sizeof(why), "%s (%s)", row->why, f->verdict.why);
	else
		snprintf(why, sizeof(why), "%s", row->why);
	if (decides && begin_change(f, false, "automatic", why, &e) == -1) {
		set_trouble(f, "cannot fail over", e.text);
		return -1;
	}
	set_role(f, row->to, why);
	if (decides) {
		f->trouble[0] = '\0';
		start_acting(f);
	}
	return 0;
}

/* Follow the table until it says stay. */
static void
advance(struct failover *f)
{
	const struct role_row *row;
	struct role_view view;
	unsigned i;

	for (i = 0; i < ROLE_COUNT; i++) {
		view = view_of(f);
		row = role_next(f->role, &view);
		if (row == NULL || take(f, row) == -1)
			return;
	}
}

/* ---- who is active, at the start --------------------------------------- */

static void
adopt_active(struct failover *f, const struct active *active, const char *why)
{
	struct error e;

	if (memory_set_active(&f->memory, active, &e) == -1) {
		set_trouble(f, "cannot remember who is active", e.text);
		return;
	}
	stop_acting(f); /* whatever it was doing has a lower epoch */
	f->trouble[0] = '\0';
	if (f->role != ROLE_STARTING)
		set_role(f, ROLE_STARTING,
		    "the parameters have a higher epoch than the journal");
	log_info("failover: %s: %s is active, epoch %" PRIu64 ": %s",
	    f->set.stack, active->region, active->epoch, why);
}

static void
on_learned(const struct active_learned *learned, void *arg)
{
	struct failover *f = arg;
	const struct memory *m = &f->memory;
	const char *region = learned->active.region;
	bool known = learned->answer == ACTIVE_KNOWN;
	struct active first = { .epoch = ACTIVE_FIRST_EPOCH };

	f->learning = NULL;
	if (known && strcmp(region, f->set.primary) != 0 &&
	    strcmp(region, f->set.standby) != 0) {
		set_trouble(f,
		    "the active parameter names no region of this stack; "
		    "repair it or the configuration",
		    region);
	} else if (known &&
	    (!m->active_known || learned->active.epoch > m->active.epoch)) {
		adopt_active(f, &learned->active, "the parameters say so");
	} else if (!m->active_known && learned->answer == ACTIVE_ABSENT) {
		snprintf(
		    first.region, sizeof(first.region), "%s", f->set.primary);
		first.since_ms = clock_wall_ms();
		adopt_active(
		    f, &first, "a new stack: no parameter, no journal");
	} else if (!m->active_known) {
		set_trouble(
		    f, "which region is active is not known", learned->why);
	}
	advance(f);
}

static void
learn(struct failover *f)
{
	if (f->learning != NULL)
		return;
	f->learning = active_learn(f->aws, f->set.primary, f->set.standby,
	    f->set.active_parameter, clock_mono_ms() + f->set.poll_deadline,
	    LANE_DETECT, on_learned, f);
}

/* ---- polls ------------------------------------------------------------- */

/* What was observed before says nothing any more: count anew. */
static void
observe_only(struct failover *f, const char *why)
{
	size_t i;

	f->observing = true;
	f->streak = 0;
	f->first_fail_ms = 0;
	for (i = 0; i < f->signal_count; i++)
		f->signals[i].fails = 0;
	snprintf(f->observing_why, sizeof(f->observing_why), "%s", why);
	log_warning("failover: %s: observing only: %s", f->set.stack, why);
}

/* The first poll after a jump or a start is looked at, not counted. */
static void
count_poll(struct failover *f)
{
	if (!f->observing) {
		f->streak = verdict_streak(f->streak, f->verdict.verdict);
		if (f->streak == 0)
			f->first_fail_ms = 0;
		else if (f->first_fail_ms == 0)
			f->first_fail_ms = clock_wall_ms();
	} else if (f->verdict.verdict != VERDICT_UNKNOWN) {
		f->observing = false;
		f->observing_why[0] = '\0';
		log_info("failover: %s: observations are fresh: %s",
		    f->set.stack, f->verdict.why);
	}
}

static void start_poll(struct failover *f);

static void
on_polled(const struct poll_result *result, void *arg)
{
	struct failover *f = arg;
	enum verdict before = f->verdict.verdict;
	void (*waiter)(void *) = f->waiter;
	size_t i;

	f->poll = NULL;
	f->polls++;
	f->poll_ms = result->answered_ms;
	f->standby_answers = result->standby_answers;
	snprintf(f->isolation, sizeof(f->isolation), "%s", result->isolation);
	for (i = 0; i < f->signal_count; i++)
		signal_note(
		    &f->signals[i], &result->seen[i], result->answered_ms);
	verdict_of(f->signals, f->signal_count, f->set.quorum, &f->verdict);
	if (f->verdict.verdict != before || f->polls == 1)
		log_info("poll: %s: %s: %s", f->set.stack,
		    verdict_name(f->verdict.verdict), f->verdict.why);
	count_poll(f);
	if (!f->memory.active_known)
		learn(f);
	advance(f);
	if (f->poll_again) {
		f->poll_again = false;
		start_poll(f);
	} else if (waiter != NULL) {
		f->waiter = NULL;
		waiter(f->waiter_arg);
	}
	if (f->ops.polled != NULL)
		f->ops.polled(f->ops.arg);
}

static void
start_poll(struct failover *f)
{
	struct poll_request request = {
		.signals = f->signals,
		.count = f->signal_count,
		.primary = f->set.primary,
		.standby = f->set.standby,
		.check_interval_s = f->set.check_interval_s,
		.deadline_ms = clock_mono_ms() + f->set.poll_deadline,
	};

	f->poll = poll_start(f->loop, f->aws, &request, on_polled, f);
}

/* Polls start on a fixed beat; the deadline ends each before the next. */
static void
tick(void *arg)
{
	struct failover *f = arg;
	char why[sizeof(f->observing_why)];
	uint64_t now = clock_mono_ms();

	if (jump_seen(&f->jump, now, clock_wall_ms(), f->due_ms,
		f->set.poll_interval, why, sizeof(why)))
		observe_only(f, why);
	f->due_ms = now + f->set.poll_interval;
	f->tick = loop_after(f->loop, f->set.poll_interval, tick, f);
	if (f->poll == NULL)
		start_poll(f);
}

/* ---- exports ----------------------------------------------------------- */

struct failover *
failover_new(struct loop *loop, struct aws *aws, const char *journal_path,
    const struct failover_config *config, const struct failover_ops *ops,
    struct error *e)
{
	struct failover *f;

	f = mem_alloc(sizeof(*f));
	f->loop = loop;
	f->aws = aws;
	f->ops = *ops;
	settings_copy(&f->set, config);
	if (memory_open(&f->memory, config->stack, journal_path, e) == -1) {
		failover_free(f);
		return NULL;
	}
	f->signals = settings_signals(config,
	    json_string_value(json_object_get(f->memory.facts, "health_check")),
	    NULL, 0);
	f->signal_count = config->signal_count;
	f->role = ROLE_STARTING;
	f->role_since_ms = clock_wall_ms();
	snprintf(f->role_why, sizeof(f->role_why), "just started");
	snprintf(f->verdict.why, sizeof(f->verdict.why), "no poll yet");
	f->observing = true;
	snprintf(f->observing_why, sizeof(f->observing_why),
	    "just started: the first poll only looks");
	return f;
}

void
failover_start(struct failover *f)
{
	if (memory_has_pending(&f->memory)) {
		log_info("failover: %s: going on with epoch %" PRIu64
			 ": %zu effects pending",
		    f->set.stack, f->memory.change.epoch,
		    change_pending(&f->memory.change));
		advance(f);
		start_acting(f);
	}
	learn(f);
	f->due_ms = clock_mono_ms();
	f->tick = loop_after(f->loop, 0, tick, f);
}

void
failover_free(struct failover *f)
{
	if (f == NULL)
		return;
	stop_acting(f);
	active_learn_cancel(f->learning);
	poll_cancel(f->poll);
	timer_cancel(f->tick);
	memory_close(&f->memory);
	free(f->dns_servers);
	free(f->signals);
	settings_release(&f->set);
	free(f);
}

void
failover_reconfigure(struct failover *f, const struct failover_config *config)
{
	struct signal *signals;

	assert(strcmp(config->primary, f->set.primary) == 0);
	assert(strcmp(config->standby, f->set.standby) == 0);
	poll_cancel(f->poll);
	f->poll = NULL;
	stop_acting(f);
	signals = settings_signals(config,
	    json_string_value(json_object_get(f->memory.facts, "health_check")),
	    f->signals, f->signal_count);
	free(f->signals);
	f->signals = signals;
	f->signal_count = config->signal_count;
	settings_release(&f->set);
	settings_copy(&f->set, config);
	if (memory_has_pending(&f->memory))
		start_acting(f);
	timer_cancel(f->tick);
	f->due_ms = clock_mono_ms() + f->set.poll_interval;
	f->tick = loop_after(f->loop, f->set.poll_interval, tick, f);
}

static json_t *
facts_tree(const struct failover *f, const struct failover_facts *facts)
{
	const char *names[FAILOVER_REGIONS] = {
		[FAILOVER_PRIMARY] = f->set.primary,
		[FAILOVER_STANDBY] = f->set.standby,
	};
	json_t *t = json_object(), *servers;
	char path[96];
	size_t i;

	if (facts->health_check != NULL)
		tree_put(t, "health_check", json_string(facts->health_check));
	for (i = 0; i < FAILOVER_REGIONS; i++) {
		json_t *region = json_object();

		if (facts->balancer[i] != NULL)
			json_object_set_new(region, "balancer",
			    json_string(facts->balancer[i]));
		if (facts->endpoint[i] != NULL)
			json_object_set_new(region, "endpoint",
			    json_string(facts->endpoint[i]));
		if (facts->topic[i] != NULL)
			json_object_set_new(
			    region, "topic", json_string(facts->topic[i]));
		snprintf(path, sizeof(path), "regions.%s", names[i]);
		tree_put(t, path, region);
	}
	if (facts->name_server_count == 0)
		return t;
	servers = json_array();
	for (i = 0; i < facts->name_server_count; i++)
		json_array_append_new(
		    servers, json_string(facts->name_servers[i]));
	json_object_set_new(t, "name_servers", servers);
	return t;
}

void
failover_set_facts(struct failover *f, const struct failover_facts *facts)
{
	struct error e;
	const char *check;
	size_t i;

	if (memory_set_facts(&f->memory, facts_tree(f, facts), &e) == -1)
		log_warning("journal: %s: %s", f->set.stack, e.text);
	check =
	    json_string_value(json_object_get(f->memory.facts, "health_check"));
	if (check == NULL)
		return;
	for (i = 0; i < f->signal_count; i++)
		if (f->signals[i].class == SIGNAL_ROUTE53)
			snprintf(f->signals[i].name, sizeof(f->signals[i].name),
			    "%s", check);
}

void
failover_status(const struct failover *f, struct failover_status *out)
{
	const struct memory *m = &f->memory;

	*out = (struct failover_status){
		.stack = f->set.stack,
		.primary = f->set.primary,
		.standby = f->set.standby,
		.role = f->role,
		.role_since_ms = f->role_since_ms,
		.role_why = f->role_why,
		.active_known = m->active_known,
		.active = m->active.region,
		.epoch = m->active.epoch,
		.active_since_ms = m->active.since_ms,
		.streak = f->streak,
		.fall = f->set.fall,
		.quorum = f->set.quorum,
		.verdict = &f->verdict,
		.standby_answers = f->standby_answers,
		.isolation = f->isolation,
		.observing = f->observing,
		.observing_why = f->observing_why,
		.polls = f->polls,
		.poll_ms = f->poll_ms,
		.next_poll_ms = f->poll != NULL ? 0 : f->due_ms,
		.signals = f->signals,
		.signal_count = f->signal_count,
		.change = m->change.epoch != 0 ? &m->change : NULL,
		.trouble = f->trouble,
	};
}

bool
failover_owns(
    const struct failover *f, const char *region, const char *parameter)
{
	const struct change *change = &f->memory.change;
	size_t i;

	if (!memory_has_pending(&f->memory))
		return false;
	for (i = 0; i < change->count; i++) {
		const struct effect *effect = &change->effects[i];

		if (effect->kind == EFFECT_PARAMETER &&
		    effect->state != EFFECT_VERIFIED &&
		    effect->state != EFFECT_GIVEN_UP &&
		    strcmp(effect->region, region) == 0 &&
		    strcmp(effect->target, parameter) == 0)
			return true;
	}
	return false;
}

bool
failover_allows_reconcile(const struct failover *f)
{
	return f->memory.active_known && !memory_is_changing(&f->memory);
}

int
failover_poll_now(struct failover *f, void (*done)(void *arg), void *arg)
{
	if (f->waiter != NULL)
		return -1;
	f->waiter = done;
	f->waiter_arg = arg;
	if (f->poll != NULL)
		f->poll_again = true;
	else
		start_poll(f);
	return 0;
}

void
failover_forget_waiter(struct failover *f)
{
	f->waiter = NULL;
	f->poll_again = false;
}

int
failover_failback(
    struct failover *f, const char *reason, const char *who, struct error *e)
{
	const struct change *change = &f->memory.change;
	struct role_view view;
	size_t i;

	if (f->role != ROLE_FAILED_OVER)
		return error_set(e, ERROR_BROKEN, "not-failed-over",
		    "%s is %s: there is nothing to fail back from",
		    f->set.stack, role_name(f->role));
	if (f->verdict.verdict != VERDICT_OK)
		return error_set(e, ERROR_BROKEN, "primary-not-ok",
		    "%s does not look well: %s; wait until it does",
		    f->set.primary, f->verdict.why);
	for (i = 0; i < change->count; i++)
		if (change->effects[i].kind == EFFECT_PARAMETER &&
		    failover_owns(f, change->effects[i].region,
			change->effects[i].target))
			return error_set(e, ERROR_BROKEN, "effects-pending",
			    "%s of the failover is not written yet (%s); it "
			    "is being retried",
			    change->effects[i].key, change->effects[i].note);
	f->failback_ordered = true;
	view = view_of(f);
	f->failback_ordered = false;
	assert(role_next(f->role, &view) != NULL);
	if (begin_change(f, true, who, reason, e) == -1)
		return -1;
	set_role(f, ROLE_FAILING_BACK, reason);
	f->streak = 0;
	start_acting(f);
	return 0;
}
