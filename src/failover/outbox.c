/* SPDX-License-Identifier: MIT
 *
 * Notices that are still to be told.  See outbox.h.
 *
 *	tell -> queue of each region -> publish -> told
 *	                  ^                |
 *	                  `---- backoff ---'
 *
 * Outgoing is the first of a queue only: subscribers see the story in order.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "failover/outbox_parts.h"
#include "net/loop.h"

enum {
	RETRY_BASE_MS = 1000,
	RETRY_CAP_MS = 60 * 1000,
	CALL_MS = 10 * 1000,
};

/* ---- queues ------------------------------------------------------------ */

void
outbox_remove(struct outbox_queue *q, size_t i)
{
	free(q->items[i].value);
	memmove(&q->items[i], &q->items[i + 1],
	    (q->count - i - 1) * sizeof(q->items[0]));
	q->count--;
}

/*
 * The oldest of the lowest rank gives way; never the first, which may be on
 * its way.  Changes are few: their own number is bounded by what is done.
 */
static void
make_room(struct outbox_queue *q)
{
	size_t i, victim = 1;

	if (q->count < OUTBOX_WAITING_MAX)
		return;
	for (i = 2; i < q->count; i++)
		if (notice_rank(q->items[i].event) <
		    notice_rank(q->items[victim].event))
			victim = i;
	log_warning("notice: %s: %s: too many wait to be told; %s is dropped",
	    q->outbox->stack, q->region, q->items[victim].step);
	q->dropped++;
	outbox_note_told(q, &q->items[victim]);
	outbox_remove(q, victim);
}

struct outbox_waiting *
outbox_push(struct outbox_queue *q, enum notice_event event, const char *step,
    const char *value, uint64_t epoch)
{
	struct outbox_waiting *w;

	make_room(q);
	w = &q->items[q->count++];
	memset(w, 0, sizeof(*w));
	w->event = event;
	w->value = mem_strdup(value);
	w->epoch = epoch;
	w->since_ms = clock_mono_ms();
	snprintf(w->step, sizeof(w->step), "%s", step);
	return w;
}

struct outbox_queue *
outbox_queue_of(struct outbox *o, const char *region)
{
	size_t i;

	for (i = 0; region != NULL && i < OUTBOX_REGIONS; i++)
		if (strcmp(o->queues[i].region, region) == 0)
			return &o->queues[i];
	return NULL;
}

/* ---- telling ----------------------------------------------------------- */

static void send_first(struct outbox_queue *q);

static void
on_retry(void *arg)
{
	struct outbox_queue *q = arg;

	q->retry = NULL;
	send_first(q);
}

static void
failed(struct outbox_queue *q, const struct error *e)
{
	bool news = strcmp(q->complaint, e->code) != 0;

	snprintf(q->trouble, sizeof(q->trouble), "%.190s", e->text);
	memcpy(q->complaint, e->code, sizeof(q->complaint));
	if (news)
		log_warning("notice: %s: %s is not told in %s yet: %s",
		    q->outbox->stack, q->items[0].step, q->region, e->text);
	q->retry = loop_after(q->outbox->loop,
	    backoff_ms(RETRY_BASE_MS, RETRY_CAP_MS, q->tries), on_retry, q);
}

static void
on_published(const json_t *reply, const struct error *e, void *arg)
{
	struct outbox_queue *q = arg;
	const char *id = tree_str(reply, "MessageId");
	struct error unreadable;

	q->call = NULL;
	if (e == NULL && (id == NULL || *id == '\0')) {
		error_set(&unreadable, ERROR_AGAIN, "UnreadableReply",
		    "sns %s: Publish: no message id in the answer", q->region);
		e = &unreadable;
	}
	if (e != NULL) {
		failed(q, e);
		return;
	}
	log_info("notice: %s: %s: told in %s: message %s", q->outbox->stack,
	    q->items[0].step, q->region, id);
	outbox_note_told(q, &q->items[0]);
	outbox_remove(q, 0);
	q->told++;
	q->tries = 0;
	q->trouble[0] = q->complaint[0] = '\0';
}

static void
send_first(struct outbox_queue *q)
{
	struct aws_request request = {
		.service = SERVICE_SNS,
		.region = q->region,
		.operation = "Publish",
		.lane = LANE_DETECT,
		.deadline_ms = clock_mono_ms() + CALL_MS,
		.attempts = 1, /* tries are counted here */
		.writes = true,
	};
	const struct outbox_waiting *w = &q->items[0];
	json_t *input;

	if (q->count == 0 || q->call != NULL || q->retry != NULL)
		return;
	if (q->topic == NULL) {
		snprintf(q->trouble, sizeof(q->trouble),
		    "the topic of %s is not known", q->region);
		return;
	}
	input = notice_input(q->topic, w->step, w->value, w->epoch);
	request.input = input;
	q->tries++;
	q->call = aws_send(q->outbox->aws, &request, on_published, q);
	json_decref(input);
}

static void
on_turn(void *arg)
{
	struct outbox *o = arg;
	size_t i;

	o->turn = NULL;
	outbox_file_write(o);
	for (i = 0; i < OUTBOX_REGIONS; i++)
		send_first(&o->queues[i]);
}

void
outbox_turn_soon(struct outbox *o)
{
	if (o->turn == NULL && o->started)
		o->turn = loop_after(o->loop, 0, on_turn, o);
}

/* ---- exports ----------------------------------------------------------- */

struct outbox *
outbox_new(struct loop *loop, struct aws *aws, const char *stack,
    const char *const regions[OUTBOX_REGIONS], const char *path)
{
	struct outbox *o = mem_alloc(sizeof(*o));
	size_t i;

	o->loop = loop;
	o->aws = aws;
	o->stack = mem_strdup(stack);
	for (i = 0; i < OUTBOX_REGIONS; i++) {
		o->queues[i].outbox = o;
		o->queues[i].region = mem_strdup(regions[i]);
	}
	outbox_file_open(o, path);
	return o;
}

void
outbox_start(struct outbox *o)
{
	o->started = true;
	outbox_turn_soon(o);
}

void
outbox_free(struct outbox *o)
{
	struct outbox_queue *q;

	if (o == NULL)
		return;
	timer_cancel(o->turn);
	outbox_file_close(o);
	for (q = o->queues; q < o->queues + OUTBOX_REGIONS; q++) {
		if (q->call != NULL)
			aws_cancel(q->call);
		timer_cancel(q->retry);
		while (q->count > 0)
			outbox_remove(q, 0);
		free(q->topic);
		free(q->region);
	}
	free(o->stack);
	free(o);
}

void
outbox_set_topic(struct outbox *o, const char *region, const char *arn)
{
	struct outbox_queue *q = outbox_queue_of(o, region);

	if (q == NULL || arn == NULL ||
	    (q->topic != NULL && strcmp(q->topic, arn) == 0))
		return;
	free(q->topic);
	q->topic = mem_strdup(arn);
	outbox_turn_soon(o);
}

void
outbox_tell(struct outbox *o, const char *step, const struct notice *notice)
{
	struct outbox_mark *mark = &o->marks[notice->event];
	struct notice n = *notice;
	char key[OUTBOX_STEP_SIZE];
	struct outbox_queue *q;
	char *value;

	assert(strlen(step) < OUTBOX_STEP_SIZE / 2);
	if (outbox_mark_has(mark, step))
		return;
	for (q = o->queues; q < o->queues + OUTBOX_REGIONS; q++) {
		snprintf(key, sizeof(key), "%.40s/%.48s", q->region, step);
		n.region = q->region;
		n.step = key;
		value = notice_write(&n);
		outbox_note_waiting(
		    q, outbox_push(q, n.event, key, value, n.epoch));
		free(value);
	}
	outbox_mark_add(mark, step);
	mark->lasts = true;
	outbox_note_mark(o, n.event);
}

bool
outbox_lasts(const struct outbox *o, enum notice_event event)
{
	return o->marks[event].lasts;
}

void
outbox_is_over(struct outbox *o, enum notice_event event)
{
	struct outbox_mark *mark = &o->marks[event];

	if (!mark->lasts)
		return;
	mark->lasts = false;
	outbox_note_mark(o, event);
}

void
outbox_status(const struct outbox *o, size_t region, struct outbox_status *out)
{
	const struct outbox_queue *q = &o->queues[region];

	*out = (struct outbox_status){
		.region = q->region,
		.waiting = q->count,
		.oldest_ms = q->count > 0 ? q->items[0].since_ms : 0,
		.tries = q->tries,
		.told = q->told,
		.dropped = q->dropped,
		.trouble = q->count > 0 ? q->trouble : "",
	};
}

const char *
outbox_trouble(const struct outbox *o)
{
	return o->trouble;
}
