/* SPDX-License-Identifier: MIT
 *
 * AWS for tests of the engine: trees in, trees out, on the script's clock.
 *
 * This file takes the place of aws/client.c.  A test gives one function that
 * answers a call at the moment it arrives; the reply comes back LATENCY
 * milliseconds after the call, with whatever trouble was asked for.
 */
#ifndef DRD_TESTS_STACK_AWS_H
#define DRD_TESTS_STACK_AWS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/clock.h"
#include "base/mem.h"
#include "lib/script.h"

enum { LATENCY_MS = 40, FAKE_CALLS_MAX = 4096, TROUBLES_MAX = 16 };

struct aws_call {
	struct aws_call *next;
	char region[32];
	char operation[64];
	json_t *input;
	json_t *reply;
	struct error error;
	uint64_t at_ms;
	bool once;	     /* the client may not send it twice */
	struct timer *timer; /* NULL: answered or cancelled */
	bool cancelled;
	aws_done *done;
	void *arg;
};

/* 0 and a new tree, or -1 and an error. */
typedef int fake_service(
    const struct aws_request *request, json_t **reply, struct error *e);

struct trouble {
	char words[96]; /* "us-east-1 CreateThing": all must match */
	enum error_class class;
	const char *code;
	unsigned times;
	bool lands; /* the call is carried out, only its answer is lost */
};

static struct {
	fake_service *service;
	struct loop *loop;
	struct aws_call *calls[FAKE_CALLS_MAX];
	size_t count;
	struct trouble troubles[TROUBLES_MAX];
	size_t trouble_count;
	/* Chance: may fill in a trouble for a call that leaves. */
	bool (*meddle)(const struct aws_request *r, struct trouble *trouble);
	struct trouble chance;
	unsigned in_flight;
	unsigned most_in_flight; /* of writes: Create, Change, ... */
	unsigned writes_in_flight;
} fake;

static inline bool
fake_is_read(const char *operation)
{
	return strncmp(operation, "List", 4) == 0 ||
	    strncmp(operation, "Get", 3) == 0 ||
	    strncmp(operation, "Describe", 8) == 0;
}

/* "us-east-1 CreateThing" in "us-east-1 CreateThing {...}": all words. */
static inline bool
fake_matches(const char *words, const char *region, const char *operation)
{
	char text[128], *copy = mem_strdup(words), *word, *rest = NULL;
	bool all = true;

	snprintf(text, sizeof(text), " %s %s ", region, operation);
	for (word = strtok_r(copy, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		char *whole = mem_printf(" %s ", word);

		all = all && strstr(text, whole) != NULL;
		free(whole);
	}
	free(copy);
	return all;
}

static inline void
fake_trouble(const char *words, enum error_class class, const char *code,
    unsigned times, bool lands)
{
	struct trouble *t = &fake.troubles[fake.trouble_count++];

	snprintf(t->words, sizeof(t->words), "%s", words);
	t->class = class;
	t->code = code;
	t->times = times;
	t->lands = lands;
}

static inline struct trouble *
fake_find_trouble(const struct aws_request *r)
{
	size_t i;

	if (fake.meddle != NULL && fake.meddle(r, &fake.chance))
		return &fake.chance;
	for (i = 0; i < fake.trouble_count; i++)
		if (fake.troubles[i].times > 0 &&
		    fake_matches(
			fake.troubles[i].words, r->region, r->operation))
			return &fake.troubles[i];
	return NULL;
}

static inline size_t
fake_count(const char *words)
{
	size_t i, n = 0;

	for (i = 0; i < fake.count; i++)
		n += fake_matches(
		    words, fake.calls[i]->region, fake.calls[i]->operation);
	return n;
}

static inline size_t
fake_writes(void)
{
	size_t i, n = 0;

	for (i = 0; i < fake.count; i++)
		n += !fake_is_read(fake.calls[i]->operation);
	return n;
}

/* The i-th call that matches, or NULL. */
static inline const struct aws_call *
fake_call(const char *words, size_t i)
{
	size_t k;

	for (k = 0; k < fake.count; k++)
		if (fake_matches(words, fake.calls[k]->region,
			fake.calls[k]->operation) &&
		    i-- == 0)
			return fake.calls[k];
	return NULL;
}

static inline void
fake_answer(void *arg)
{
	struct aws_call *call = arg;

	call->timer = NULL;
	fake.in_flight--;
	if (!fake_is_read(call->operation))
		fake.writes_in_flight--;
	call->done(call->error.class == ERROR_NONE ? call->reply : NULL,
	    call->error.class == ERROR_NONE ? NULL : &call->error, call->arg);
}

struct aws_call *
aws_send(struct aws *aws, const struct aws_request *request, aws_done *done,
    void *arg)
{
	struct aws_call *call = mem_alloc(sizeof(*call));
	struct trouble *trouble = fake_find_trouble(request);

	if (fake.count == FAKE_CALLS_MAX)
		abort();
	/* Or a read-only client would let it through, or read nothing. */
	ck_assert_msg(request->writes != fake_is_read(request->operation),
	    "%s: .writes is %d", request->operation, request->writes);
	fake.calls[fake.count++] = call;
	snprintf(call->region, sizeof(call->region), "%s", request->region);
	snprintf(
	    call->operation, sizeof(call->operation), "%s", request->operation);
	call->input =
	    mem_must(request->input != NULL ? json_deep_copy(request->input)
					    : json_object());
	call->at_ms = clock_mono_ms();
	call->once = request->once;
	call->done = done;
	call->arg = arg;
	if (trouble == NULL || trouble->lands)
		(void)fake.service(request, &call->reply, &call->error);
	if (trouble != NULL) {
		trouble->times--;
		error_set(&call->error, trouble->class, trouble->code, "%s: %s",
		    request->operation, trouble->code);
	}
	call->timer = loop_after(fake.loop, LATENCY_MS, fake_answer, call);
	fake.in_flight++;
	if (!fake_is_read(call->operation) &&
	    ++fake.writes_in_flight > fake.most_in_flight)
		fake.most_in_flight = fake.writes_in_flight;
	return call;
}

void
aws_cancel(struct aws_call *call)
{
	timer_cancel(call->timer);
	call->timer = NULL;
	call->cancelled = true;
	fake.in_flight--;
}

static inline void
fake_start(fake_service *service)
{
	script_reset();
	memset(&fake, 0, sizeof(fake));
	fake.loop = loop_new();
	fake.service = service;
}

/* Forget the calls made so far, and the troubles. */
static inline void
fake_forget(void)
{
	size_t i;

	for (i = 0; i < fake.count; i++) {
		json_decref(fake.calls[i]->input);
		json_decref(fake.calls[i]->reply);
		free(fake.calls[i]);
	}
	fake.count = fake.trouble_count = 0;
	fake.most_in_flight = fake.writes_in_flight = 0;
}

static inline void
fake_stop(void)
{
	fake_forget();
	loop_free(fake.loop);
}

#endif
