/* SPDX-License-Identifier: MIT
 *
 * One try of one effect.
 *
 *	look -> there ---------------------------> confirmed
 *	     -> of a higher epoch ---------------> superseded
 *	     -> not there -> put -> look -> there > confirmed
 *	publish -> message id -------------------> confirmed
 *
 * The latch and a fence go the first way, and carry no epoch.
 *
 * Looking is the only way to be sure: what PutParameter answers may get lost,
 * and what it wrote may have been overwritten since.
 *
 * A put makes a SecureString.  Where somebody has made a plain String, SSM
 * refuses to change the type; then the value goes in as the type that is
 * there: reconcile complains, but users do not wait for it.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/clock.h"
#include "base/mem.h"
#include "failover/latch_call.h"
#include "failover/notice.h"
#include "failover/try_parts.h"

/* ---- how it ends ------------------------------------------------------- */

static void
finish(struct try *try, const struct try_result *result)
{
	try->done(result, try->arg);
	free(try);
}

void
try_confirmed(struct try *try, const char *note)
{
	finish(try,
	    &(struct try_result){ .outcome = TRY_CONFIRMED, .note = note });
}

void
try_failed(struct try *try, const struct error *e)
{
	finish(try, &(struct try_result){ .outcome = TRY_FAILED, .error = e });
}

static void
superseded(struct try *try, int64_t epoch)
{
	finish(try,
	    &(struct try_result){ .outcome = TRY_SUPERSEDED, .epoch = epoch });
}

/* ---- calls ------------------------------------------------------------- */

/* Takes `input`. */
void
try_send(struct try *try, enum service service, const char *operation,
    const char *template, json_t *input, aws_done *done)
{
	struct aws_request request = {
		.service = service,
		.region = try->request.effect->region,
		.operation = operation,
		.template = template,
		.input = mem_must(input),
		.lane = LANE_FAILOVER,
		.writes = true, /* or looks at what it wrote */
		.deadline_ms = clock_mono_ms() + try->request.call_ms,
		.attempts = 1, /* tries are counted by the caller */
	};

	try->call = aws_send(try->aws, &request, done, try);
	json_decref(input);
}

static void
send(struct try *try, enum service service, const char *operation,
    json_t *input, aws_done *done)
{
	try_send(try, service, operation, NULL, input, done);
}

static void put(struct try *try);
static void on_looked(const json_t *reply, const struct error *e, void *arg);

static void
look(struct try *try)
{
	send(try, SERVICE_SSM, "GetParameter",
	    json_pack("{s:s, s:b}", "Name", try->request.effect->target,
		"WithDecryption", 1),
	    on_looked);
}

static void
on_put(const json_t *reply, const struct error *e, void *arg)
{
	struct try *try = arg;

	if (e == NULL) {
		try->put = true;
		look(try);
	} else if (strcmp(e->code, "HierarchyTypeMismatchException") == 0 &&
	    !try->untyped) {
		try->untyped = true;
		put(try);
	} else {
		try_failed(try, e);
	}
}

static void
put(struct try *try)
{
	const struct effect *effect = try->request.effect;

	send(try, SERVICE_SSM, "PutParameter",
	    json_pack("{s:s, s:s, s:s*, s:s*, s:b}", "Name", effect->target,
		"Value", effect->value, "Type",
		try->untyped ? NULL : "SecureString", "KeyId",
		try->untyped ? NULL : try->request.key, "Overwrite", 1),
	    on_put);
}

/* The epoch that a parameter's value carries, or 0: some carry none. */
static int64_t
epoch_of(const char *value)
{
	json_t *t = tree_parse(value, strlen(value));
	int64_t epoch = 0;

	if (json_is_object(t))
		tree_int(t, "epoch", &epoch);
	json_decref(t);
	return epoch;
}

static void
is_there(struct try *try, const json_t *reply)
{
	char note[96];
	int64_t version = 0;

	tree_int(reply, "Parameter.Version", &version);
	snprintf(note, sizeof(note), "version %" PRId64 "%s", version,
	    try->put ? "" : ", was there already");
	try_confirmed(try, note);
}

static void
is_something_else(struct try *try, const char *value)
{
	const struct effect *effect = try->request.effect;
	int64_t epoch = epoch_of(value);
	struct error e;

	if (epoch > 0 && (uint64_t)epoch > try->request.change->epoch) {
		superseded(try, epoch);
	} else if (try->put) {
		error_set(&e, ERROR_AGAIN, "ReadBackDiffers",
		    "ssm %s: %s: read back something else than was written",
		    effect->region, effect->target);
		try_failed(try, &e);
	} else {
		put(try);
	}
}

static void
judge_value(struct try *try, const json_t *reply)
{
	const struct effect *effect = try->request.effect;
	const char *value = tree_str(reply, "Parameter.Value");
	struct error e;

	if (value == NULL) {
		error_set(&e, ERROR_AGAIN, "UnreadableReply",
		    "ssm %s: GetParameter: no value in the answer",
		    effect->region);
		try_failed(try, &e);
	} else if (strcmp(value, effect->value) == 0) {
		is_there(try, reply);
	} else {
		is_something_else(try, value);
	}
}

static void
on_looked(const json_t *reply, const struct error *e, void *arg)
{
	struct try *try = arg;

	if (e == NULL)
		judge_value(try, reply);
	else if (e->class == ERROR_ABSENT && !try->put)
		put(try);
	else
		try_failed(try, e);
}

static void
on_published(const json_t *reply, const struct error *e, void *arg)
{
	struct try *try = arg;
	const char *id = tree_str(reply, "MessageId");
	struct error unreadable;
	char note[128];

	if (e != NULL) {
		try_failed(try, e);
	} else if (id == NULL || *id == '\0') {
		error_set(&unreadable, ERROR_AGAIN, "UnreadableReply",
		    "sns %s: Publish: no message id in the answer",
		    try->request.effect->region);
		try_failed(try, &unreadable);
	} else {
		snprintf(note, sizeof(note), "message %.100s", id);
		try_confirmed(try, note);
	}
}

/* ---- exports ----------------------------------------------------------- */

struct try *
try_start(struct aws *aws, const struct try_request *request,
    void (*done)(const struct try_result *result, void *arg), void *arg)
{
	struct try *try = mem_alloc(sizeof(*try));

	assert(request->effect->kind != EFFECT_DNS);
	try->aws = aws;
	try->request = *request;
	try->done = done;
	try->arg = arg;
	switch (request->effect->kind) {
	case EFFECT_NOTICE:
		send(try, SERVICE_SNS, "Publish",
		    notice_input(request->effect->target, request->effect->key,
			request->effect->value, request->change->epoch),
		    on_published);
		break;
	case EFFECT_LATCH:
		try_latch(try);
		break;
	case EFFECT_FENCE:
		try_fence(try);
		break;
	case EFFECT_PARAMETER:
		if (request->look)
			look(try);
		else
			put(try);
		break;
	case EFFECT_DNS: /* it is followed, not tried */
		break;
	}
	return try;
}

void
try_cancel(struct try *try)
{
	if (try == NULL)
		return;
	aws_cancel(try->call);
	latch_call_cancel(try->latch);
	free(try);
}
