/* SPDX-License-Identifier: MIT
 *
 * Who is active, as the parameters say it.  See active.h.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/tree.h"
#include "failover/active.h"

enum { PRIMARY, STANDBY, REGIONS };

struct answer {
	struct active_learning *learning;
	struct aws_call *call;
	bool failed;  /* no answer that says anything */
	bool present; /* a value that could be read */
	struct active active;
	struct error error;
};

struct active_learning {
	struct answer answers[REGIONS];
	unsigned pending;
	void (*done)(const struct active_learned *, void *);
	void *arg;
};

char *
active_write(const struct active *active, const char *endpoint)
{
	char since[CLOCK_RFC3339_SIZE];
	json_t *value;
	char *s;

	value = json_pack("{s:s, s:s, s:I, s:s}", "active", active->region,
	    "endpoint", endpoint, "epoch", (json_int_t)active->epoch, "since",
	    clock_rfc3339(active->since_ms, since));
	assert(value != NULL);
	s = tree_dump(value);
	json_decref(value);
	return s;
}

int
active_read(const char *value, struct active *out, struct error *e)
{
	const char *region, *since;
	int64_t epoch = 0;
	json_t *t;

	memset(out, 0, sizeof(*out));
	t = tree_parse(value, strlen(value));
	region = tree_str(t, "active");
	since = tree_str(t, "since");
	if (region == NULL || strlen(region) >= sizeof(out->region) ||
	    tree_int(t, "epoch", &epoch) == -1 || epoch < ACTIVE_FIRST_EPOCH ||
	    epoch > ACTIVE_LAST_EPOCH || since == NULL ||
	    clock_parse(since, &out->since_ms) == -1) {
		json_decref(t);
		return error_set(e, ERROR_BROKEN, "UnreadableActive",
		    "the value is not a JSON object with active, epoch and "
		    "since as drd writes it");
	}
	snprintf(out->region, sizeof(out->region), "%s", region);
	out->epoch = (uint64_t)epoch;
	json_decref(t);
	return 0;
}

static void
finish(struct active_learning *l)
{
	const struct answer *p = &l->answers[PRIMARY];
	const struct answer *s = &l->answers[STANDBY];
	struct active_learned learned = { .answer = ACTIVE_UNKNOWN };
	int i;

	if (s->failed) {
		learned.error = &s->error;
	} else if (s->present) {
		learned.answer = ACTIVE_KNOWN;
		learned.active = s->active;
	} else if (p->failed) {
		learned.error = &p->error;
	} else if (!p->present) {
		learned.answer = ACTIVE_ABSENT;
	}
	if (p->present && !s->failed &&
	    (!s->present || p->active.epoch > s->active.epoch)) {
		learned.answer = ACTIVE_KNOWN;
		learned.active = p->active;
	}
	for (i = 0; i < REGIONS; i++) {
		learned.each[i].answered = !l->answers[i].failed;
		learned.each[i].active = l->answers[i].active;
	}
	if (!p->failed && !s->failed)
		learned.disagree = p->present != s->present ||
		    p->active.epoch != s->active.epoch ||
		    strcmp(p->active.region, s->active.region) != 0;
	l->done(&learned, l->arg);
	free(l);
}

static void
on_answer(const json_t *reply, const struct error *e, void *arg)
{
	struct answer *a = arg;
	struct active_learning *l = a->learning;
	const char *value;

	a->call = NULL;
	if (e != NULL) {
		a->failed = e->class != ERROR_ABSENT;
		a->error = *e;
	} else if ((value = tree_str(reply, "Parameter.Value")) == NULL) {
		a->failed = true;
		error_set(&a->error, ERROR_AGAIN, "UnreadableReply",
		    "ssm: GetParameter: the answer has no Parameter.Value");
	} else if (active_read(value, &a->active, &a->error) == -1) {
		a->failed = true;
	} else {
		a->present = true;
	}
	if (--l->pending == 0)
		finish(l);
}

struct active_learning *
active_learn(struct aws *aws, const char *primary, const char *standby,
    const char *parameter, uint64_t deadline_ms, enum lane lane,
    void (*done)(const struct active_learned *, void *), void *arg)
{
	const char *regions[REGIONS] = { primary, standby };
	struct active_learning *l;
	json_t *input;
	int i;

	l = mem_alloc(sizeof(*l));
	l->done = done;
	l->arg = arg;
	l->pending = REGIONS;
	input = json_pack("{s:s, s:b}", "Name", parameter, "WithDecryption", 1);
	assert(input != NULL);
	for (i = 0; i < REGIONS; i++) {
		struct aws_request request = {
			.service = SERVICE_SSM,
			.region = regions[i],
			.operation = "GetParameter",
			.input = input,
			.lane = lane,
			.deadline_ms = deadline_ms,
		};

		l->answers[i].learning = l;
		l->answers[i].call =
		    aws_send(aws, &request, on_answer, &l->answers[i]);
	}
	json_decref(input);
	return l;
}

void
active_learn_cancel(struct active_learning *l)
{
	int i;

	if (l == NULL)
		return;
	for (i = 0; i < REGIONS; i++)
		if (l->answers[i].call != NULL)
			aws_cancel(l->answers[i].call);
	free(l);
}
