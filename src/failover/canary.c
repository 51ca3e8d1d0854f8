/* SPDX-License-Identifier: MIT
 *
 * The canary.
 *
 *	put -> look -> there --------> proved -> publish -> message id > proved
 *	            `-> something else -> unknown: somebody writes there
 *
 * What AWS refuses fails, by name; what gets lost on the way is unknown, like
 * everywhere (law 1).  Calls are of the detect loop's budget: a canary must
 * not eat what a failover needs.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/clock.h"
#include "base/mem.h"
#include "failover/canary.h"
#include "failover/notice.h"
#include "failover/signal.h"

/* After a failure it is tried again before its day is over. */
enum { RETRY_MS = 600000 };

struct bird {
	struct canary *canary;
	unsigned region;
	char parameter[256]; /* "": none */
	char value[512];
	char topic[256]; /* "": none */
	int64_t proved_ms[CANARY_WHATS];
	uint64_t tried_ms; /* mono; 0: never */
	uint64_t epoch;	   /* of the song */
	struct aws_call *call;
};

struct canary {
	struct aws *aws;
	const char *stack;
	struct canary_config config;
	struct canary_ops ops;
	struct bird birds[CANARY_REGIONS];
};

const char *
canary_what_name(enum canary_what what)
{
	return what == CANARY_PARAMETER ? "parameter" : "notice";
}

/* ---- how a song ends --------------------------------------------------- */

static void
end(struct bird *bird, const struct observation *seen)
{
	const struct canary_ops *ops = &bird->canary->ops;

	if (ops->sung != NULL)
		ops->sung(bird->region, seen, ops->arg);
}

/* AWS itself says no, and will say so on the day of the failover. */
static bool
is_refusal(const struct error *e)
{
	return e->request_id[0] != '\0' &&
	    (e->class == ERROR_DENIED || e->class == ERROR_BROKEN ||
		e->class == ERROR_ABSENT);
}

/* `action` is the permission that the call needs. */
static void
end_badly(struct bird *bird, const char *action, const struct error *e)
{
	struct observation seen;

	if (is_refusal(e) && e->class == ERROR_DENIED)
		observation_set(&seen, REASON_UNWRITABLE, "grant %s: %.140s",
		    action, e->text);
	else if (is_refusal(e))
		observation_set(&seen, REASON_UNWRITABLE, "%s", e->text);
	else
		signal_read_error(e, &seen);
	end(bird, &seen);
}

static void
prove(struct bird *bird, enum canary_what what)
{
	const struct canary_ops *ops = &bird->canary->ops;

	bird->proved_ms[what] = clock_wall_ms();
	if (ops->proved != NULL)
		ops->proved(
		    bird->region, what, bird->proved_ms[what], ops->arg);
}

static void
end_well(struct bird *bird)
{
	struct observation seen;

	observation_set(&seen, REASON_NONE, "%s",
	    bird->topic[0] != '\0' ? "the parameter and a notice were written"
				   : "the parameter was written");
	end(bird, &seen);
}

/* ---- its lines --------------------------------------------------------- */

/* Takes `input`. */
static void
send(struct bird *bird, enum service service, const char *operation,
    json_t *input, aws_done *done)
{
	const struct canary *canary = bird->canary;
	struct aws_request request = {
		.service = service,
		.region = canary->config.regions[bird->region],
		.operation = operation,
		.input = mem_must(input),
		.lane = LANE_DETECT,
		.writes = true, /* or looks at what it wrote */
		.deadline_ms = clock_mono_ms() + canary->config.call_ms,
		.attempts = 1,
	};

	bird->call = aws_send(canary->aws, &request, done, bird);
	json_decref(input);
}

static void
on_published(const json_t *reply, const struct error *e, void *arg)
{
	struct bird *bird = arg;

	bird->call = NULL;
	if (e != NULL) {
		end_badly(bird, "sns:Publish", e);
		return;
	}
	prove(bird, CANARY_NOTICE);
	end_well(bird);
}

/* Whoever does not want to hear of it filters by drd_event. */
static void
publish(struct bird *bird)
{
	const struct canary *canary = bird->canary;
	char step[48], *document;
	struct notice notice = {
		.event = NOTICE_CANARY,
		.stack = canary->stack,
		.epoch = bird->epoch,
		.region = canary->config.regions[bird->region],
		.step = step,
		.at_ms = clock_wall_ms(),
	};

	snprintf(step, sizeof(step), "canary-%" PRId64, notice.at_ms);
	document = notice_write(&notice);
	send(bird, SERVICE_SNS, "Publish",
	    notice_input(bird->topic, step, document, bird->epoch),
	    on_published);
	free(document);
}

static void
on_looked(const json_t *reply, const struct error *e, void *arg)
{
	struct bird *bird = arg;
	const char *value = tree_str(reply, "Parameter.Value");
	struct observation seen;

	bird->call = NULL;
	if (e != NULL) {
		end_badly(bird, "ssm:GetParameter", e);
	} else if (value == NULL || strcmp(value, bird->value) != 0) {
		observation_set(&seen, REASON_UNREADABLE,
		    "%s: read back something else than was written",
		    bird->parameter);
		end(bird, &seen);
	} else {
		prove(bird, CANARY_PARAMETER);
		if (bird->topic[0] != '\0')
			publish(bird);
		else
			end_well(bird);
	}
}

static void
on_put(const json_t *reply, const struct error *e, void *arg)
{
	struct bird *bird = arg;

	bird->call = NULL;
	if (e != NULL)
		end_badly(bird, "ssm:PutParameter", e);
	else
		send(bird, SERVICE_SSM, "GetParameter",
		    json_pack("{s:s, s:b}", "Name", bird->parameter,
			"WithDecryption", 1),
		    on_looked);
}

static void
sing(struct bird *bird, uint64_t epoch)
{
	const char *key = bird->canary->config.key;

	bird->epoch = epoch;
	bird->tried_ms = clock_mono_ms();
	send(bird, SERVICE_SSM, "PutParameter",
	    json_pack("{s:s, s:s, s:s, s:s*, s:b}", "Name", bird->parameter,
		"Value", bird->value, "Type", "SecureString", "KeyId",
		*key != '\0' ? key : NULL, "Overwrite", 1),
	    on_put);
}

/* ---- when -------------------------------------------------------------- */

static bool
is_old(const struct bird *bird, enum canary_what what)
{
	int64_t age = clock_wall_ms() - bird->proved_ms[what];

	/* From the future: somebody has set the clock. */
	return bird->proved_ms[what] == 0 || age < 0 ||
	    age >= (int64_t)bird->canary->config.interval;
}

static bool
is_due(const struct bird *bird)
{
	uint64_t interval = bird->canary->config.interval;
	uint64_t retry = interval < RETRY_MS ? interval : RETRY_MS;

	if (interval == 0 || bird->parameter[0] == '\0' || bird->call != NULL)
		return false;
	if (bird->tried_ms != 0 && clock_mono_ms() - bird->tried_ms < retry)
		return false;
	return is_old(bird, CANARY_PARAMETER) ||
	    (bird->topic[0] != '\0' && is_old(bird, CANARY_NOTICE));
}

/* ---- exports ----------------------------------------------------------- */

struct canary *
canary_new(struct aws *aws, const char *stack,
    const struct canary_config *config, const struct canary_ops *ops)
{
	struct canary *canary = mem_alloc(sizeof(*canary));
	unsigned i;

	canary->aws = aws;
	canary->stack = stack;
	canary->config = *config;
	canary->ops = *ops;
	for (i = 0; i < CANARY_REGIONS; i++) {
		canary->birds[i].canary = canary;
		canary->birds[i].region = i;
	}
	return canary;
}

static void
hush(struct canary *canary)
{
	unsigned i;

	for (i = 0; i < CANARY_REGIONS; i++) {
		if (canary->birds[i].call != NULL)
			aws_cancel(canary->birds[i].call);
		canary->birds[i].call = NULL;
	}
}

void
canary_free(struct canary *canary)
{
	if (canary == NULL)
		return;
	hush(canary);
	free(canary);
}

void
canary_reconfigure(struct canary *canary, const char *stack,
    const struct canary_config *config)
{
	hush(canary);
	canary->stack = stack;
	canary->config = *config;
}

/* Cut short it would be something else: then there is none. */
static void
set(char *out, size_t size, const char *s)
{
	if (s == NULL || strlen(s) >= size)
		out[0] = '\0';
	else
		memcpy(out, s, strlen(s) + 1);
}

void
canary_set_region(struct canary *canary, unsigned region, const char *parameter,
    const char *value, const char *topic)
{
	struct bird *bird = &canary->birds[region];

	assert(region < CANARY_REGIONS);
	set(bird->value, sizeof(bird->value), value);
	set(bird->parameter, sizeof(bird->parameter), parameter);
	set(bird->topic, sizeof(bird->topic), topic);
	if (bird->value[0] == '\0')
		bird->parameter[0] = '\0';
}

void
canary_remember(struct canary *canary, unsigned region, enum canary_what what,
    int64_t at_ms)
{
	assert(region < CANARY_REGIONS);
	canary->birds[region].proved_ms[what] = at_ms;
}

int64_t
canary_proved_ms(
    const struct canary *canary, unsigned region, enum canary_what what)
{
	assert(region < CANARY_REGIONS);
	return canary->birds[region].proved_ms[what];
}

void
canary_sing(struct canary *canary, uint64_t epoch)
{
	unsigned i;

	for (i = 0; i < CANARY_REGIONS; i++)
		if (is_due(&canary->birds[i]))
			sing(&canary->birds[i], epoch);
}
