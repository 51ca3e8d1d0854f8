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
#include "failover/detect.h"
#include "failover/failover.h"
#include "failover/memory.h"
#include "failover/plane.h"
#include "failover/settings.h"

enum {
	EFFECT_RETRY_CAP_MS = 30000,
	EFFECT_CALL_MS = 5000, /* or what a poll may take */
};

/* What an operator wants: the way back to the primary. */
struct order {
	const char *who;
	const char *reason;
	struct error *error;
};

/* What keeps it from learning or acting: told once, shown until it ends. */
struct trouble {
	char text[512]; /* "": none */
	char code[64];
};

struct failover {
	struct loop *loop;
	struct aws *aws;
	struct failover_ops ops;
	struct settings set;
	struct memory memory;
	struct detect *detect;
	struct active_learning *learning;

	enum role role;
	int64_t role_since_ms;
	char role_why[512];
	const struct order *order; /* while it is being carried out */
	struct trouble learning_trouble;
	struct trouble acting_trouble;
	bool doubt; /* who is active must be asked, perhaps again */

	struct act *act;
	const char **act_servers; /* what it was given; strings borrowed */
	struct plane *plane;
	struct act_dns plane_dns;
	const char **plane_servers;
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

/* News if it is of another kind; the text may name another request. */
static void
set_trouble(struct failover *f, struct trouble *trouble, const char *what,
    const struct error *e)
{
	bool news =
	    trouble->text[0] == '\0' || strcmp(trouble->code, e->code) != 0;

	snprintf(
	    trouble->text, sizeof(trouble->text), "%s: %.450s", what, e->text);
	memcpy(trouble->code, e->code, sizeof(trouble->code));
	if (news)
		log_warning("failover: %s: %s", f->set.stack, trouble->text);
}

static void
end_trouble(struct trouble *trouble)
{
	memset(trouble, 0, sizeof(*trouble));
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
	const struct change *change = &f->memory.change;
	struct log_fields fields = {
		.stack = f->set.stack,
		.epoch = change->epoch,
	};
	struct error e;

	if (change_is_lost(change)) {
		/* It met a higher epoch: find out whose. */
		failover_doubt(f);
		return;
	}
	log_line(LOG_LEVEL_INFO, &fields,
	    "act: %s: epoch %" PRIu64 ": every effect is done in both regions",
	    f->set.stack, change->epoch);
	if (memory_settle(&f->memory, &e) == -1)
		log_warning("journal: %s: %s", f->set.stack, e.text);
}

/* The configured name servers, or else the zone's own as last seen. */
static size_t
count_name_servers(const struct failover *f)
{
	if (f->set.name_server_count != 0)
		return f->set.name_server_count;
	return json_array_size(
	    json_object_get(f->memory.facts, "name_servers"));
}

static const char *
name_server(const struct failover *f, size_t i)
{
	if (f->set.name_server_count != 0)
		return f->set.name_servers[i];
	return json_string_value(json_array_get(
	    json_object_get(f->memory.facts, "name_servers"), i));
}

/*
 * How to see DNS lead to `region`.  Everything is borrowed from the settings
 * and the facts but the array, which is the caller's: *servers.
 */
static struct act_dns
dns_of(const struct failover *f, const char *region, const char ***servers)
{
	size_t i, count = count_name_servers(f);

	*servers = mem_array(count + 1, sizeof(**servers));
	for (i = 0; i < count; i++)
		(*servers)[i] = name_server(f, i);
	return (struct act_dns){
		.record = f->set.record,
		.servers = *servers,
		.server_count = count,
		.resolver = f->set.resolver,
		.target_balancer =
		    facts_of_region(f->memory.facts, region, "balancer"),
	};
}

/* Whoever changes the settings, the facts or the change stops it before. */
static void
start_acting(struct failover *f)
{
	struct change *change = &f->memory.change;
	struct act_options options = {
		.stack = f->set.stack,
		.retry_cap_ms = EFFECT_RETRY_CAP_MS,
		.call_ms = EFFECT_CALL_MS,
		.on_step = on_stepped,
		.on_lead = on_lead,
		.on_settled = on_settled,
		.arg = f,
	};

	/* A region that is slow, and quick enough for a poll, is here too. */
	if (options.call_ms < f->set.poll_deadline)
		options.call_ms = f->set.poll_deadline;
	options.dns = dns_of(f, change->to, &f->act_servers);
	f->act =
	    act_start(f->loop, f->aws, f->memory.journal, change, &options);
}

static void
stop_acting(struct failover *f)
{
	act_cancel(f->act);
	free(f->act_servers);
	f->act = NULL;
	f->act_servers = NULL;
}

static void
stop_comparing(struct failover *f)
{
	plane_stop(f->plane);
	free(f->plane_servers);
	f->plane_servers = NULL;
}

/* With each poll: does DNS lead where the parameters do not? */
static void
compare_planes(struct failover *f)
{
	const struct memory *m = &f->memory;
	const char *inactive = strcmp(m->active.region, f->set.primary) == 0
	    ? f->set.standby
	    : f->set.primary;

	if (!m->active_known || memory_is_changing(m) ||
	    f->set.record == NULL || count_name_servers(f) == 0 ||
	    facts_of_region(m->facts, inactive, "balancer") == NULL) {
		plane_forget(f->plane);
		return;
	}
	stop_comparing(f);
	f->plane_dns = dns_of(f, inactive, &f->plane_servers);
	plane_look(f->plane, &f->plane_dns, m->active.region, inactive,
	    f->set.poll_deadline);
}

static void
log_decision(const struct failover *f)
{
	const struct change *c = &f->memory.change;
	struct log_fields fields = {
		.message_id = EVENT_DECIDED,
		.stack = f->set.stack,
		.region = c->to,
		.epoch = c->epoch,
	};

	log_line(LOG_LEVEL_INFO, &fields,
	    "decide: %s: %s -> %s, %s, epoch %" PRIu64 ": %s", f->set.stack,
	    c->from, c->to, c->cause, c->epoch, c->reason);
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
	bool dns = f->set.record != NULL && count_name_servers(f) != 0;
	struct decision decision = {
		.stack = f->set.stack,
		.from = failback ? f->set.standby : f->set.primary,
		.to = failback ? f->set.primary : f->set.standby,
		.epoch = m->active.epoch + 1,
		.failback = failback,
		.cause = cause,
		.reason = reason,
		.decided_ms = clock_wall_ms(),
		.first_fail_ms =
		    failback ? 0 : detect_facts(f->detect)->first_fail_ms,
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
	plane_forget(f->plane);
	log_decision(f);
	return 0;
}

/* ---- the role machine -------------------------------------------------- */

static struct role_view
view_of(const struct failover *f)
{
	const struct detected *seen = detect_facts(f->detect);
	const struct memory *m = &f->memory;

	return (struct role_view){
		.active_known = m->active_known,
		.standby_active = strcmp(m->active.region, f->set.standby) == 0,
		.changing = memory_is_changing(m),
		.standby_answers = seen->polls == 0 || seen->standby_answers,
		.observing = seen->observing,
		.streak = seen->streak,
		.fall = f->set.fall,
		.failback_ordered = f->order != NULL,
	};
}

/* The decision that a transition stands for, if it stands for one. */
static int
decide_for(struct failover *f, enum role to, const char *why)
{
	struct error e;

	if (f->role == ROLE_STARTING) /* it was made before the restart */
		return 0;
	if (to == ROLE_FAILING_BACK)
		return begin_change(
		    f, true, f->order->who, f->order->reason, f->order->error);
	if (to == ROLE_FAILING_OVER &&
	    begin_change(f, false, "automatic", why, &e) == -1) {
		set_trouble(f, &f->acting_trouble, "cannot fail over", &e);
		return -1;
	}
	return 0;
}

/*
 * Take one transition.  If it changes the active region and the decision
 * cannot be written, the role stays; the next poll or order tries again.
 */
static int
take(struct failover *f, const struct role_row *row)
{
	const struct detected *seen = detect_facts(f->detect);
	bool begins = f->role != ROLE_STARTING &&
	    (row->to == ROLE_FAILING_OVER || row->to == ROLE_FAILING_BACK);
	char why[sizeof(f->role_why)];

	if (f->order != NULL)
		snprintf(
		    why, sizeof(why), "%s: %s", row->why, f->order->reason);
	else if (row->to == ROLE_SUSPECT || row->to == ROLE_FAILING_OVER)
		snprintf(
		    why, sizeof(why), "%s (%s)", row->why, seen->verdict.why);
	else
		snprintf(why, sizeof(why), "%s", row->why);
	if (decide_for(f, row->to, why) == -1)
		return -1;
	end_trouble(&f->acting_trouble);
	set_role(f, row->to, why);
	if (begins) {
		if (row->to == ROLE_FAILING_BACK)
			detect_clear_streak(f->detect);
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

/* ---- who is active ----------------------------------------------------- */

static bool
has_region(const struct failover *f, const char *region)
{
	return strcmp(region, f->set.primary) == 0 ||
	    strcmp(region, f->set.standby) == 0;
}

static int
adopt(struct failover *f, const struct active *active, const char *why,
    struct error *e)
{
	if (!has_region(f, active->region))
		return error_set(e, ERROR_BROKEN, "NoSuchRegion",
		    "%s of epoch %" PRIu64 " is no region of this stack; "
		    "repair the active parameter or the configuration",
		    active->region, active->epoch);
	if (memory_set_active(&f->memory, active, e) == -1)
		return -1;
	stop_acting(f); /* whatever it was doing has a lower epoch */
	if (f->role != ROLE_STARTING) {
		/* Whoever changed it knew what we have counted so far. */
		detect_clear_streak(f->detect);
		set_role(f, ROLE_STARTING,
		    "the parameters have a higher epoch than the journal");
	}
	log_info("failover: %s: %s is active, epoch %" PRIu64 ": %s",
	    f->set.stack, active->region, active->epoch, why);
	return 0;
}

/* -1: the answer leaves it in doubt. */
static int
take_answer(
    struct failover *f, const struct active_learned *learned, struct error *e)
{
	const struct memory *m = &f->memory;
	struct active first = { .epoch = ACTIVE_FIRST_EPOCH };

	if (learned->answer == ACTIVE_UNKNOWN) {
		*e = *learned->error;
		return -1;
	}
	if (learned->answer == ACTIVE_KNOWN &&
	    (!m->active_known || learned->active.epoch > m->active.epoch))
		return adopt(f, &learned->active, "the parameters say so", e);
	if (!m->active_known) {
		snprintf(
		    first.region, sizeof(first.region), "%s", f->set.primary);
		first.since_ms = clock_wall_ms();
		return adopt(
		    f, &first, "a new stack: no parameter, no journal", e);
	}
	if (memory_has_lost(m))
		return error_set(e, ERROR_BROKEN, "EpochGone",
		    "the change was given up for a higher epoch that neither "
		    "region shows any more; repair the active parameter");
	return 0;
}

static void
on_learned(const struct active_learned *learned, void *arg)
{
	struct failover *f = arg;
	struct error e;

	f->learning = NULL;
	f->doubt = take_answer(f, learned, &e) == -1;
	if (!f->doubt)
		end_trouble(&f->learning_trouble);
	else
		set_trouble(f, &f->learning_trouble,
		    "which region is active is not certain", &e);
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

static void
on_polled(void *arg)
{
	struct failover *f = arg;

	if (f->doubt)
		learn(f);
	advance(f);
	compare_planes(f);
	if (f->ops.polled != NULL)
		f->ops.polled(f->ops.arg);
}

/* ---- exports ----------------------------------------------------------- */

static const char *
known_health_check(const struct failover *f)
{
	return json_string_value(
	    json_object_get(f->memory.facts, "health_check"));
}

/* A journal of other regions says nothing about these. */
static int
check_journal(const struct failover *f, struct error *e)
{
	const struct active *active = &f->memory.active;

	if (!f->memory.active_known || has_region(f, active->region))
		return 0;
	return error_set(e, ERROR_BROKEN, "NoSuchRegion",
	    "the journal of %s says that %s is active (epoch %" PRIu64 "), "
	    "which is no region of the stack; give the stack its region back, "
	    "or move the journal away to forget what it says",
	    f->set.stack, active->region, active->epoch);
}

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
	if (memory_open(&f->memory, config->stack, journal_path, e) == -1 ||
	    check_journal(f, e) == -1) {
		failover_free(f);
		return NULL;
	}
	f->plane = plane_new(loop, f->set.stack);
	f->detect = detect_new(loop, aws, &f->set, config, on_polled, f);
	if (known_health_check(f) != NULL)
		detect_set_health_check(f->detect, known_health_check(f));
	f->doubt = true;
	f->role = ROLE_STARTING;
	f->role_since_ms = clock_wall_ms();
	snprintf(f->role_why, sizeof(f->role_why), "just started");
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
	detect_start(f->detect);
}

void
failover_free(struct failover *f)
{
	if (f == NULL)
		return;
	stop_acting(f);
	if (f->plane != NULL)
		stop_comparing(f);
	plane_free(f->plane);
	active_learn_cancel(f->learning);
	detect_free(f->detect);
	memory_close(&f->memory);
	settings_release(&f->set);
	free(f);
}

void
failover_reconfigure(struct failover *f, const struct failover_config *config)
{
	assert(strcmp(config->primary, f->set.primary) == 0);
	assert(strcmp(config->standby, f->set.standby) == 0);
	stop_acting(f); /* these borrow the settings */
	stop_comparing(f);
	plane_free(f->plane);
	settings_release(&f->set);
	settings_copy(&f->set, config);
	f->plane = plane_new(f->loop, f->set.stack);
	detect_reconfigure(f->detect, config);
	if (memory_has_pending(&f->memory))
		start_acting(f);
}

void
failover_set_facts(struct failover *f, const struct failover_facts *facts)
{
	struct error e;
	json_t *tree;
	bool news;

	tree = facts_tree(facts, f->set.primary, f->set.standby);
	news = !memory_has_facts(&f->memory, tree);
	if (news) {
		stop_acting(f);
		stop_comparing(f);
	}
	if (memory_set_facts(&f->memory, tree, &e) == -1)
		log_warning("journal: %s: %s", f->set.stack, e.text);
	if (news && memory_has_pending(&f->memory))
		start_acting(f);
	if (known_health_check(f) != NULL)
		detect_set_health_check(f->detect, known_health_check(f));
}

void
failover_doubt(struct failover *f)
{
	f->doubt = true;
	learn(f);
}

void
failover_status(const struct failover *f, struct failover_status *out)
{
	const struct memory *m = &f->memory;

	*out = (struct failover_status){
		.stack = f->set.stack,
		.primary = f->set.primary,
		.standby = f->set.standby,
		.fall = f->set.fall,
		.role = f->role,
		.role_since_ms = f->role_since_ms,
		.role_why = f->role_why,
		.active_known = m->active_known,
		.active = m->active.region,
		.epoch = m->active.epoch,
		.active_since_ms = m->active.since_ms,
		.detected = detect_facts(f->detect),
		.change = m->change.epoch != 0 ? &m->change : NULL,
		.apart = plane_apart(f->plane),
		.trouble = f->learning_trouble.text[0] != '\0'
		    ? f->learning_trouble.text
		    : f->acting_trouble.text,
	};
}

bool
failover_owns(
    const struct failover *f, const char *region, const char *parameter)
{
	const struct change *change = &f->memory.change;
	const struct effect *effect;
	size_t i;

	if (!memory_has_pending(&f->memory))
		return false;
	for (i = 0; i < change->count; i++) {
		effect = &change->effects[i];
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
	return detect_poll_now(f->detect, done, arg);
}

void
failover_forget_waiter(struct failover *f)
{
	detect_forget_waiter(f->detect);
}

/*
 * The parameter that the last change has not written yet, or NULL.  A region
 * that has left the stack is still written to, and nobody waits for it.
 */
static const struct effect *
parameter_pending(const struct failover *f)
{
	const struct change *change = &f->memory.change;
	const struct effect *effect;
	size_t i;

	for (i = 0; i < change->count; i++) {
		effect = &change->effects[i];
		if (has_region(f, effect->region) &&
		    failover_owns(f, effect->region, effect->target))
			return effect;
	}
	return NULL;
}

int
failover_failback(
    struct failover *f, const char *reason, const char *who, struct error *e)
{
	const struct poll_verdict *verdict = &detect_facts(f->detect)->verdict;
	const struct effect *pending = parameter_pending(f);
	const struct order order = { who, reason, e };

	if (f->role != ROLE_FAILED_OVER)
		return error_set(e, ERROR_BROKEN, "not-failed-over",
		    "%s is %s: there is nothing to fail back from",
		    f->set.stack, role_name(f->role));
	if (verdict->verdict != VERDICT_OK)
		return error_set(e, ERROR_BROKEN, "primary-not-ok",
		    "%s does not look well: %s; wait until it does",
		    f->set.primary, verdict->why);
	if (pending != NULL)
		return error_set(e, ERROR_BROKEN, "effects-pending",
		    "%s of the failover is not written yet (%s); it is being "
		    "retried",
		    pending->key, pending->note);
	f->order = &order;
	advance(f);
	f->order = NULL;
	return f->role == ROLE_FAILING_BACK ? 0 : -1;
}
