/* SPDX-License-Identifier: MIT
 *
 * The detect loop of one stack: the beat, and what one poll asks.
 *
 *	tick -> start_poll -> on_polled -> detect_count
 *	                          `------> discard, if the world has jumped
 *
 * Polls start on a fixed beat, a faster one while a streak is being counted,
 * and the deadline ends each before the next.
 *
 * Probes have connections of their own, so that they share neither limits nor
 * trouble with the calls to AWS.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "failover/detect_parts.h"
#include "failover/poll.h"
#include "failover/settings.h"
#include "net/http.h"
#include "net/loop.h"

enum { PER_HOST = 16 }; /* connections of probes to one name */

static void start_poll(struct detect *d);

static void
tell_waiter(struct detect *d)
{
	void (*waiter)(void *) = d->waiter;

	if (d->poll_again) {
		d->poll_again = false;
		if (d->poll == NULL)
			start_poll(d);
	} else if (waiter != NULL) {
		d->waiter = NULL;
		waiter(d->waiter_arg);
	}
}

static void schedule(struct detect *d, uint64_t ms);

/* Faster while it is open whether there will be a failover, and no longer:
   a primary that stays down for a day is not asked more often for it. */
static uint64_t
beat(const struct detect *d)
{
	unsigned streak = d->facts.streak;

	return streak > 0 && streak < d->set->fall ? d->set->suspect_interval
						   : d->set->poll_interval;
}

/* A failing poll may have made the next one due earlier. */
static void
hurry(struct detect *d)
{
	uint64_t now = clock_mono_ms(), started = d->due_ms - d->beat_ms;
	uint64_t due = started + beat(d);

	if (d->tick == NULL || beat(d) >= d->beat_ms)
		return;
	schedule(d, due > now ? due - now : 0);
}

/*
 * A poll that was out when the clock jumped or the process stood still: its
 * answers are of two times, and which are of now nobody can say.
 */
static bool
is_of_before(struct detect *d)
{
	char why[sizeof(d->facts.observing_why)];
	uint64_t due_ms = d->asked.mono_ms + d->set->poll_deadline;

	if (d->outdated)
		return true;
	if (!jump_seen(&d->asked, clock_mono_ms(), clock_wall_ms(), due_ms, 0,
		why, sizeof(why)))
		return false;
	d->jump = d->asked; /* the tick need not notice it again */
	detect_observe_only(d, why);
	return true;
}

/* It is asked again, at once. */
static void
discard(struct detect *d)
{
	struct detected *f = &d->facts;

	f->verdict.verdict = VERDICT_UNKNOWN;
	snprintf(f->verdict.why, sizeof(f->verdict.why),
	    "asked before this, and not counted: %s", f->observing_why);
	f->counted = false;
	schedule(d, 0);
}

static void
read_answers(struct detect *d, const struct poll_result *result)
{
	struct detected *f = &d->facts;
	const struct verdict_rule rule = { d->set->quorum, d->set->when_blind };
	size_t i;

	f->poll_ms = result->answered_ms;
	f->name = result->name;
	f->standby_answers = result->standby_answers;
	snprintf(f->isolation, sizeof(f->isolation), "%s", result->isolation);
	for (i = 0; i < f->signal_count; i++)
		signal_note(
		    &d->signals[i], &result->seen[i], result->answered_ms);
	verdict_of(f->signals, f->signal_count, &rule, &f->verdict);
	if (d->overload[0] != '\0')
		verdict_excuse(&f->verdict, d->overload);
	detect_count(d);
	hurry(d);
}

static void
on_polled(const struct poll_result *result, void *arg)
{
	struct detect *d = arg;
	struct detected *f = &d->facts;
	enum verdict before = f->verdict.verdict;
	bool answered_before = f->standby_answers;

	d->poll = NULL;
	f->polls++;
	if (is_of_before(d))
		discard(d);
	else
		read_answers(d, result);
	f->next_poll_ms = d->due_ms;
	detect_log(d, before, answered_before);
	d->polled(d->arg);
	tell_waiter(d);
}

/* ---- asking ------------------------------------------------------------ */

static const char *
fact(const struct detect *d, const char *region, const char *what)
{
	return json_string_value(json_object_get(
	    json_object_get(json_object_get(d->known, "regions"), region),
	    what));
}

/* The configured name servers, or else the zone's own as last seen. */
static const char **
list_servers(const struct detect *d, size_t *count)
{
	const json_t *zone = json_object_get(d->known, "name_servers");
	const char **servers;
	size_t i;

	*count = d->set->name_server_count != 0 ? d->set->name_server_count
						: json_array_size(zone);
	servers = mem_array(*count + 1, sizeof(*servers));
	for (i = 0; i < *count; i++)
		servers[i] = d->set->name_server_count != 0
		    ? d->set->name_servers[i]
		    : json_string_value(json_array_get(zone, i));
	return servers;
}

static void
start_poll(struct detect *d)
{
	const struct settings *set = d->set;
	struct outside_request outside = {
		.probe = &set->probe,
		.record = set->record,
		.balancer = { fact(d, set->primary, "balancer"),
		    fact(d, set->standby, "balancer") },
		.resolver = set->resolver,
	};
	const char **servers = list_servers(d, &outside.server_count);
	struct poll_request request = {
		.signals = d->signals,
		.count = d->facts.signal_count,
		.primary = d->set->primary,
		.standby = d->set->standby,
		.check_interval_s = d->set->check_interval_s,
		.outside = set->record != NULL ? &outside : NULL,
		.http = d->http,
		.moved = d->moved,
		.deadline_ms = clock_mono_ms() + d->set->poll_deadline,
	};

	outside.servers = servers;
	d->facts.next_poll_ms = 0;
	d->asked = (struct jump){ clock_mono_ms(), clock_wall_ms() };
	d->outdated = false;
	d->poll = poll_start(d->loop, d->aws, &request, on_polled, d);
	free(servers);
}

static void tick(void *arg);

static void
schedule(struct detect *d, uint64_t ms)
{
	timer_cancel(d->tick);
	d->due_ms = clock_mono_ms() + ms;
	d->beat_ms = ms;
	d->tick = loop_after(d->loop, ms, tick, d);
}

/*
 * Before whatever sets the beat anew or asks between two: after a freeze an
 * order or a reload that has waited may well come before the tick.
 */
static void
look_for_jump(struct detect *d)
{
	char why[sizeof(d->facts.observing_why)];

	if (jump_seen(&d->jump, clock_mono_ms(), clock_wall_ms(), d->due_ms,
		d->set->poll_interval, why, sizeof(why))) {
		detect_observe_only(d, why);
		d->outdated = d->poll != NULL;
	}
}

static void
tick(void *arg)
{
	struct detect *d = arg;

	d->tick = NULL;
	look_for_jump(d);
	schedule(d, beat(d));
	if (d->poll == NULL)
		start_poll(d);
}

/* ---- exports ----------------------------------------------------------- */

static void
take_signals(struct detect *d, const struct failover_config *config)
{
	struct signal *signals;

	signals = settings_signals(config,
	    json_string_value(json_object_get(d->known, "health_check")),
	    d->signals, d->facts.signal_count);
	free(d->signals);
	d->signals = signals;
	d->facts.signals = signals;
	d->facts.signal_count = config->signal_count;
}

struct detect *
detect_new(struct loop *loop, struct aws *aws, const struct settings *settings,
    const struct failover_config *config, void (*polled)(void *), void *arg)
{
	struct detect *d;

	d = mem_alloc(sizeof(*d));
	d->loop = loop;
	d->aws = aws;
	d->set = settings;
	d->polled = polled;
	d->arg = arg;
	d->http = http_new(loop, PER_HOST);
	take_signals(d, config);
	snprintf(
	    d->facts.verdict.why, sizeof(d->facts.verdict.why), "no poll yet");
	d->facts.observing = true;
	d->facts.observing_polls = settings->startup_grace;
	snprintf(d->facts.observing_why, sizeof(d->facts.observing_why),
	    "just started: the first %u poll%s not counted",
	    settings->startup_grace,
	    settings->startup_grace == 1 ? " is" : "s are");
	return d;
}

void
detect_start(struct detect *d)
{
	schedule(d, d->set->poll_phase);
	d->facts.next_poll_ms = d->due_ms;
}

void
detect_free(struct detect *d)
{
	if (d == NULL)
		return;
	poll_cancel(d->poll);
	timer_cancel(d->tick);
	http_free(d->http);
	json_decref(d->known);
	free(d->signals);
	free(d);
}

const struct detected *
detect_facts(const struct detect *d)
{
	return &d->facts;
}

void
detect_set_facts(struct detect *d, json_t *facts)
{
	const char *id =
	    json_string_value(json_object_get(facts, "health_check"));
	struct signal *signal;
	size_t i;

	json_incref(facts);
	json_decref(d->known);
	d->known = facts;
	for (i = 0; id != NULL && i < d->facts.signal_count; i++) {
		signal = &d->signals[i];
		if (signal->class == SIGNAL_ROUTE53 ||
		    signal->class == SIGNAL_METRIC)
			snprintf(signal->name, sizeof(signal->name), "%s", id);
	}
}

void
detect_set_moved(struct detect *d, bool moved)
{
	d->moved = moved;
}

/* The beat goes on: reloads must not put off polls for ever. */
void
detect_reconfigure(struct detect *d, const struct failover_config *config)
{
	uint64_t now = clock_mono_ms();
	bool polling = d->poll != NULL;
	uint64_t left_ms = d->due_ms > now ? d->due_ms - now : 0;

	look_for_jump(d);
	poll_cancel(d->poll);
	d->poll = NULL;
	take_signals(d, config);
	if (left_ms > d->set->poll_interval)
		left_ms = d->set->poll_interval;
	schedule(d, left_ms);
	d->facts.next_poll_ms = d->due_ms;
	if (polling)
		start_poll(d);
}

void
detect_set_overload(struct detect *d, const char *why)
{
	snprintf(
	    d->overload, sizeof(d->overload), "%s", why != NULL ? why : "");
}

int
detect_poll_now(struct detect *d, void (*done)(void *), void *arg)
{
	if (d->waiter != NULL)
		return -1;
	look_for_jump(d);
	d->waiter = done;
	d->waiter_arg = arg;
	if (d->poll != NULL)
		d->poll_again = true;
	else
		start_poll(d);
	return 0;
}

void
detect_forget_waiter(struct detect *d)
{
	d->waiter = NULL;
	d->poll_again = false;
}
