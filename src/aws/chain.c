/* SPDX-License-Identifier: MIT
 *
 * The chain: the source of the origin, then one role after the other.
 *
 * At any time either a fetch is under way or a timer runs that will start the
 * next, but for credentials that never expire.  The clock that counts is the
 * wall clock, because expiries are; it is looked at every few minutes, so that
 * neither a machine that slept nor a clock that was set makes us late.
 *
 * Source of the two windows: botocore/credentials.py, RefreshableCredentials.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "aws/chain.h"
#include "aws/client.h"
#include "aws/creds.h"
#include "aws/origin.h"
#include "aws/source.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/loop.h"

enum {				    /* milliseconds */
	ADVISORY = 15 * 60 * 1000,  /* before the expiry: renew */
	MANDATORY = 10 * 60 * 1000, /* before the expiry: it gets serious */
	JITTER = 5 * 60 * 1000,	    /* on top of ADVISORY */
	LOOK = 5 * 60 * 1000,	    /* at the clock, at the least */
	PAUSE = 1000,		    /* after a failure, at the least */
	BACKOFF = 2000,
	BACKOFF_CAP = 60 * 1000,
	YOUNG = 30 * 1000, /* too young to be renewed early */
};

/* How loudly a renewal has failed so far. */
enum alarm { QUIET, WARNED, SERIOUS, EXPIRED };

struct chain {
	struct source_world world;
	struct aws *aws;
	char *regions[CHAIN_REGIONS_MAX];
	size_t region_count;
	struct origin origin;
	struct origin *next; /* to go to when the fetch under way has ended */
	chain_told *told;
	void *arg;

	void *fetch; /* of the source, or NULL */
	void *role;  /* of a role, or NULL */
	size_t roles_left;
	struct creds step; /* what was fetched so far */
	struct timer *timer;

	bool in_force;	     /* the client has some */
	uint64_t since_ms;   /* mono */
	int64_t expires_ms;  /* of those; 0: never */
	int64_t due_wall_ms; /* when to renew, by either clock */
	uint64_t due_mono_ms;
	unsigned failures; /* in a row */
	enum alarm alarm;
};

static void start_fetch(struct chain *chain);

/* ---- when --------------------------------------------------------------- */

static void
on_look(void *arg)
{
	struct chain *chain = arg;
	int64_t wall_left = chain->due_wall_ms - clock_wall_ms();
	uint64_t now = clock_mono_ms();
	uint64_t left;

	chain->timer = NULL;
	if (wall_left <= 0 || now >= chain->due_mono_ms) {
		start_fetch(chain);
		return;
	}
	left = chain->due_mono_ms - now;
	if ((uint64_t)wall_left < left)
		left = (uint64_t)wall_left;
	chain->timer = loop_after(
	    chain->world.loop, left < LOOK ? left : LOOK, on_look, chain);
}

static void
fetch_in(struct chain *chain, uint64_t ms)
{
	chain->due_wall_ms = clock_wall_ms() + (int64_t)ms;
	chain->due_mono_ms = clock_mono_ms() + ms;
	chain->timer = loop_after(
	    chain->world.loop, ms < LOOK ? ms : LOOK, on_look, chain);
}

/*
 * Before the advisory window by up to JITTER; what lives too short for that
 * is renewed between a third and a half of its time.
 */
static uint64_t
renew_in(uint64_t left_ms)
{
	uint64_t third = left_ms / 3;

	if (left_ms > ADVISORY + JITTER)
		return left_ms - ADVISORY - backoff_random() % JITTER;
	return third + backoff_random() % (left_ms / 2 - third + 1);
}

static void
schedule(struct chain *chain)
{
	int64_t left = chain->expires_ms - clock_wall_ms();

	if (chain->expires_ms != 0)
		fetch_in(
		    chain, renew_in(left < PAUSE ? PAUSE : (uint64_t)left));
}

/* ---- what came of it ---------------------------------------------------- */

static void
complain(struct chain *chain, const struct error *e)
{
	int64_t left = chain->expires_ms - clock_wall_ms();
	enum alarm alarm = WARNED;
	char span[CLOCK_SPAN_SIZE];

	if (chain->in_force && chain->expires_ms != 0 && left <= 0)
		alarm = EXPIRED;
	else if (chain->in_force && chain->expires_ms != 0 && left < MANDATORY)
		alarm = SERIOUS;
	if (alarm <= chain->alarm)
		return;
	chain->alarm = alarm;
	if (!chain->in_force)
		log_warning("credentials: none yet: %s", e->text);
	else if (alarm == EXPIRED)
		log_error("credentials: expired, and not renewed: %s", e->text);
	else if (chain->expires_ms == 0)
		log_warning(
		    "credentials: those in force are kept: %s", e->text);
	else
		log_line(alarm == SERIOUS ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
		    NULL,
		    "credentials: not renewed, those in force expire in %s: %s",
		    clock_span((uint64_t)left, span), e->text);
}

/* Something to go to at once?  Then the end of this fetch does not matter. */
static bool
turn_to_next(struct chain *chain)
{
	if (chain->next == NULL)
		return false;
	origin_release(&chain->origin);
	chain->origin = *chain->next;
	free(chain->next);
	chain->next = NULL;
	chain->failures = 0;
	chain->alarm = QUIET;
	start_fetch(chain);
	return true;
}

static void
put_off(struct chain *chain, const struct error *why)
{
	struct error e = *why;

	creds_release(&chain->step);
	if (turn_to_next(chain))
		return;
	if (!chain->in_force && origin_is_guess(&chain->origin))
		error_prefix(&e,
		    "no credentials in the environment or in a profile, and");
	chain->failures++;
	complain(chain, &e);
	fetch_in(chain,
	    PAUSE + backoff_ms(BACKOFF, BACKOFF_CAP, chain->failures - 1));
	chain->told(&e, chain->arg);
}

static void
put_in_force(struct chain *chain)
{
	char at[CLOCK_RFC3339_SIZE];

	if (turn_to_next(chain)) {
		creds_release(&chain->step);
		return;
	}
	chain->expires_ms = chain->step.expires_ms;
	log_line(chain->alarm == QUIET ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, NULL,
	    "credentials: in force, from %s, until %s", chain->origin.text,
	    chain->expires_ms == 0 ? "they are replaced"
				   : clock_rfc3339(chain->expires_ms, at));
	free(chain->step.source);
	chain->step.source = mem_strdup(chain->origin.text);
	aws_set_creds(chain->aws, &chain->step);
	chain->in_force = true;
	chain->since_ms = clock_mono_ms();
	chain->failures = 0;
	chain->alarm = QUIET;
	schedule(chain);
	chain->told(NULL, chain->arg);
}

/* ---- the steps ---------------------------------------------------------- */

static void on_role(struct creds *creds, const struct error *e, void *arg);

static void
take_step(struct chain *chain, struct creds *creds)
{
	creds_release(&chain->step);
	chain->step = *creds;
	*creds = (struct creds){ 0 };
	if (chain->roles_left == 0) {
		put_in_force(chain);
		return;
	}
	chain->roles_left--;
	chain->role =
	    role_fetch(&chain->world, &chain->origin.roles[chain->roles_left],
		&chain->step, on_role, chain);
}

static void
on_role(struct creds *creds, const struct error *e, void *arg)
{
	struct chain *chain = arg;

	chain->role = NULL;
	if (creds == NULL)
		put_off(chain, e);
	else
		take_step(chain, creds);
}

static void
on_source(struct creds *creds, const struct error *e, void *arg)
{
	struct chain *chain = arg;

	chain->fetch = NULL;
	if (creds == NULL)
		put_off(chain, e);
	else
		take_step(chain, creds);
}

static void
start_fetch(struct chain *chain)
{
	assert(chain->fetch == NULL && chain->role == NULL);
	chain->world.region =
	    chain->regions[chain->failures % chain->region_count];
	chain->roles_left = chain->origin.role_count;
	chain->fetch = chain->origin.source->fetch(
	    &chain->world, &chain->origin, on_source, chain);
}

/*
 * AWS refuses what is in force as expired: the clock is wrong, or somebody
 * ended the session.  What is as old as our asking, or is not fetched at all,
 * would come back the same.
 */
static bool
on_expired(void *arg)
{
	struct chain *chain = arg;
	bool fetched =
	    chain->origin.creds.key == NULL || chain->origin.role_count > 0;

	if (chain->fetch != NULL || chain->role != NULL)
		return true;
	if (!fetched || chain->failures > 0 ||
	    clock_mono_ms() - chain->since_ms < YOUNG)
		return false;
	log_info("credentials: AWS says that they have expired: renewing them "
		 "early");
	timer_cancel(chain->timer);
	chain->timer = NULL;
	start_fetch(chain);
	return true;
}

struct chain *
chain_start(const struct chain_options *options, chain_told *told, void *arg,
    struct error *e)
{
	struct chain *chain = mem_alloc(sizeof(*chain));

	assert(options->region_count > 0);
	if (origin_find(&chain->origin, e) != 0) {
		origin_release(&chain->origin);
		free(chain);
		return NULL;
	}
	chain->world.loop = options->loop;
	chain->world.http = options->http;
	chain->world.aws = options->aws;
	chain->aws = options->aws;
	for (size_t i = 0; i < options->region_count; i++)
		chain->regions[i] = mem_strdup(options->regions[i]);
	chain->region_count = options->region_count;
	chain->told = told;
	chain->arg = arg;
	aws_on_expired(chain->aws, on_expired, chain);
	start_fetch(chain);
	return chain;
}

static void
next_free(struct chain *chain)
{
	if (chain->next != NULL)
		origin_release(chain->next);
	free(chain->next);
	chain->next = NULL;
}

void
chain_free(struct chain *chain)
{
	if (chain == NULL)
		return;
	if (chain->fetch != NULL)
		chain->origin.source->cancel(chain->fetch);
	if (chain->role != NULL)
		role_cancel(chain->role);
	timer_cancel(chain->timer);
	aws_on_expired(chain->aws, NULL, NULL);
	creds_release(&chain->step);
	next_free(chain);
	origin_release(&chain->origin);
	for (size_t i = 0; i < chain->region_count; i++)
		free(chain->regions[i]);
	free(chain);
}

int
chain_reload(struct chain *chain, struct error *e)
{
	struct origin *origin = mem_alloc(sizeof(*origin));

	if (origin_find(origin, e) != 0) {
		origin_release(origin);
		free(origin);
		return -1;
	}
	next_free(chain);
	chain->next = origin;
	if (chain->fetch == NULL && chain->role == NULL) {
		timer_cancel(chain->timer);
		chain->timer = NULL;
		turn_to_next(chain);
	}
	return 0;
}

const char *
chain_source(const struct chain *chain)
{
	return chain->origin.text;
}
