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
#include "failover/journal.h"
#include "failover/outbox.h"
#include "net/loop.h"

enum {
	WAITING_MAX = 64, /* in a region */
	RETRY_BASE_MS = 1000,
	RETRY_CAP_MS = 60 * 1000,
	CALL_MS = 10 * 1000,
	COMPACT_SIZE = 64 * 1024,
	STEP_SIZE = 96,
	STEPS_KEPT = 4, /* of each event, so that none is told twice */
};

struct waiting {
	enum notice_event event;
	char step[STEP_SIZE];
	char *value; /* the document */
	uint64_t epoch;
	uint64_t since_ms; /* mono; of this process */
};

struct queue {
	struct outbox *outbox;
	char *region;
	char *topic; /* NULL: not known */
	struct waiting items[WAITING_MAX];
	size_t count;
	struct aws_call *call; /* of the first one */
	struct timer *retry;
	unsigned tries;
	char trouble[192];
	char complaint[64]; /* code of the last failure: logged once */
	uint64_t told;
	uint64_t dropped;
};

struct mark {
	char steps[STEPS_KEPT][STEP_SIZE]; /* the last notices, in a ring */
	unsigned next;
	bool lasts;
};

struct outbox {
	struct loop *loop;
	struct aws *aws;
	char *stack;
	struct journal *file; /* NULL: in memory only */
	char trouble[512];
	json_t *unwritten; /* records of this turn */
	struct timer *turn;
	bool started;
	struct mark marks[NOTICE_COUNT];
	struct queue queues[OUTBOX_REGIONS];
};

static void send_first(struct queue *q);

/* ---- the file ---------------------------------------------------------- */

static json_t *
mark_record(const struct outbox *o, enum notice_event event, const char *step)
{
	return mem_must(json_pack("{s:s, s:s, s:s, s:b}", "type", "mark",
	    "event", notice_event_name(event), "step", step, "lasts",
	    o->marks[event].lasts));
}

/* The i-th of the ring, the oldest first; "" where there is none. */
static char *
kept_step(struct mark *mark, unsigned i)
{
	return mark->steps[(mark->next + i) % STEPS_KEPT];
}

static bool
keeps(const struct mark *mark, const char *step)
{
	unsigned i;

	for (i = 0; i < STEPS_KEPT; i++)
		if (strcmp(mark->steps[i], step) == 0)
			return true;
	return false;
}

static void
keep(struct mark *mark, const char *step)
{
	snprintf(mark->steps[mark->next], STEP_SIZE, "%s", step);
	mark->next = (mark->next + 1) % STEPS_KEPT;
}

static json_t *
notice_record(const struct queue *q, const struct waiting *w)
{
	return mem_must(json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "type",
	    "notice", "region", q->region, "event", notice_event_name(w->event),
	    "step", w->step, "epoch", (json_int_t)w->epoch, "value", w->value));
}

static json_t *
told_record(const struct queue *q, const struct waiting *w)
{
	return mem_must(json_pack("{s:s, s:s, s:s}", "type", "told", "region",
	    q->region, "step", w->step));
}

static void
note_file(struct outbox *o, int rc, const struct error *e)
{
	if (rc == 0) {
		o->trouble[0] = '\0';
	} else {
		if (o->trouble[0] == '\0')
			log_warning("notice: %s: %s; notices are kept in "
				    "memory only",
			    o->stack, e->text);
		snprintf(o->trouble, sizeof(o->trouble), "%s", e->text);
	}
}

/* What is still to be told, and what was told last. */
static void
compact(struct outbox *o)
{
	json_t *records = mem_must(json_array());
	struct error e;
	size_t i, j;
	int rc;

	for (i = 0; i < OUTBOX_REGIONS; i++)
		for (j = 0; j < o->queues[i].count; j++)
			json_array_append_new(records,
			    notice_record(
				&o->queues[i], &o->queues[i].items[j]));
	for (i = 0; i < NOTICE_COUNT; i++)
		for (j = 0; j < STEPS_KEPT; j++)
			if (*kept_step(&o->marks[i], (unsigned)j) != '\0')
				json_array_append_new(records,
				    mark_record(o, (enum notice_event)i,
					kept_step(&o->marks[i], (unsigned)j)));
	rc = journal_compact(o->file, records, &e);
	note_file(o, rc, &e);
	json_decref(records);
}

/*
 * One sync for all of a turn.  What the disk did not take is written by the
 * compaction that the next turn begins with.
 */
static void
write_turn(struct outbox *o)
{
	bool behind = o->trouble[0] != '\0';
	json_t *record;
	struct error e;
	int rc;

	if (o->file == NULL || json_array_size(o->unwritten) == 0) {
		json_array_clear(o->unwritten);
		return;
	}
	if (behind || journal_size(o->file) > COMPACT_SIZE) {
		compact(o);
	} else {
		record = mem_must(json_pack(
		    "{s:s, s:O}", "type", "turn", "records", o->unwritten));
		rc = journal_add(o->file, record, &e);
		note_file(o, rc, &e);
		json_decref(record);
	}
	json_array_clear(o->unwritten);
}

static void
on_turn(void *arg)
{
	struct outbox *o = arg;
	size_t i;

	o->turn = NULL;
	write_turn(o);
	for (i = 0; i < OUTBOX_REGIONS; i++)
		send_first(&o->queues[i]);
}

/* Takes the record. */
static void
remember(struct outbox *o, json_t *record)
{
	json_array_append_new(o->unwritten, record);
	if (o->turn == NULL && o->started)
		o->turn = loop_after(o->loop, 0, on_turn, o);
}

/* ---- queues ------------------------------------------------------------ */

static void
remove_at(struct queue *q, size_t i)
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
make_room(struct queue *q)
{
	size_t i, victim = 1;

	if (q->count < WAITING_MAX)
		return;
	for (i = 2; i < q->count; i++)
		if (notice_rank(q->items[i].event) <
		    notice_rank(q->items[victim].event))
			victim = i;
	log_warning("notice: %s: %s: too many wait to be told; %s is dropped",
	    q->outbox->stack, q->region, q->items[victim].step);
	q->dropped++;
	remember(q->outbox, told_record(q, &q->items[victim]));
	remove_at(q, victim);
}

static struct waiting *
push(struct queue *q, enum notice_event event, const char *step,
    const char *value, uint64_t epoch)
{
	struct waiting *w;

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

static struct queue *
queue_of(struct outbox *o, const char *region)
{
	size_t i;

	for (i = 0; region != NULL && i < OUTBOX_REGIONS; i++)
		if (strcmp(o->queues[i].region, region) == 0)
			return &o->queues[i];
	return NULL;
}

/* ---- replay ------------------------------------------------------------ */

static void
replay_told(struct queue *q, const char *step)
{
	size_t i;

	for (i = 0; i < q->count; i++)
		if (strcmp(q->items[i].step, step) == 0) {
			remove_at(q, i);
			return;
		}
}

static void
replay_mark(struct outbox *o, const json_t *record, const char *step)
{
	enum notice_event event = notice_event_of(tree_str(record, "event"));

	if (event == NOTICE_COUNT || strlen(step) >= STEP_SIZE)
		return;
	if (!keeps(&o->marks[event], step))
		keep(&o->marks[event], step);
	o->marks[event].lasts = tree_true(record, "lasts");
}

static void
replay_notice(struct queue *q, const json_t *record, const char *step)
{
	enum notice_event event = notice_event_of(tree_str(record, "event"));
	const char *value = tree_str(record, "value");
	int64_t epoch = 0;

	tree_int(record, "epoch", &epoch);
	if (event != NOTICE_COUNT && value != NULL && epoch >= 0 &&
	    strlen(step) < STEP_SIZE && q->count < WAITING_MAX)
		push(q, event, step, value, (uint64_t)epoch);
}

static void
replay(const json_t *record, void *arg)
{
	const char *type = tree_str(record, "type");
	const char *step = tree_str(record, "step");
	struct outbox *o = arg;
	struct queue *q = queue_of(o, tree_str(record, "region"));
	size_t i;

	if (type == NULL)
		return;
	if (strcmp(type, "turn") == 0) {
		for (i = 0; i < tree_count(record, "records"); i++)
			replay(tree_item(record, "records", i), o);
	} else if (step == NULL) {
		return;
	} else if (strcmp(type, "mark") == 0) {
		replay_mark(o, record, step);
	} else if (q != NULL && strcmp(type, "notice") == 0) {
		replay_notice(q, record, step);
	} else if (q != NULL && strcmp(type, "told") == 0) {
		replay_told(q, step);
	}
}

/* ---- telling ----------------------------------------------------------- */

static void
on_retry(void *arg)
{
	struct queue *q = arg;

	q->retry = NULL;
	send_first(q);
}

static void
failed(struct queue *q, const struct error *e)
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
	struct queue *q = arg;
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
	remember(q->outbox, told_record(q, &q->items[0]));
	remove_at(q, 0);
	q->told++;
	q->tries = 0;
	q->trouble[0] = q->complaint[0] = '\0';
}

static void
send_first(struct queue *q)
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
	const struct waiting *w = &q->items[0];
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

/* ---- exports ----------------------------------------------------------- */

/* A damaged file is no reason not to speak. */
static struct journal *
open_file(struct outbox *o, const char *path)
{
	struct journal *file;
	struct error e;
	char *aside;

	file = journal_open(path, replay, o, &e);
	if (file == NULL && strcmp(e.code, "JournalDamaged") == 0) {
		aside = mem_printf("%s.damaged", path);
		log_warning("notice: %s: %s is damaged: moved to %s; what was "
			    "not told yet may be lost",
		    o->stack, path, aside);
		if (rename(path, aside) == 0)
			file = journal_open(path, replay, o, &e);
		free(aside);
	}
	if (file == NULL)
		note_file(o, -1, &e);
	return file;
}

struct outbox *
outbox_new(struct loop *loop, struct aws *aws, const char *stack,
    const char *const regions[OUTBOX_REGIONS], const char *path)
{
	struct outbox *o = mem_alloc(sizeof(*o));
	size_t i;

	o->loop = loop;
	o->aws = aws;
	o->stack = mem_strdup(stack);
	o->unwritten = mem_must(json_array());
	for (i = 0; i < OUTBOX_REGIONS; i++) {
		o->queues[i].outbox = o;
		o->queues[i].region = mem_strdup(regions[i]);
	}
	o->file = open_file(o, path);
	json_array_clear(o->unwritten);
	return o;
}

void
outbox_start(struct outbox *o)
{
	o->started = true;
	if (o->turn == NULL)
		o->turn = loop_after(o->loop, 0, on_turn, o);
}

void
outbox_free(struct outbox *o)
{
	struct queue *q;

	if (o == NULL)
		return;
	timer_cancel(o->turn);
	write_turn(o);
	for (q = o->queues; q < o->queues + OUTBOX_REGIONS; q++) {
		if (q->call != NULL)
			aws_cancel(q->call);
		timer_cancel(q->retry);
		while (q->count > 0)
			remove_at(q, 0);
		free(q->topic);
		free(q->region);
	}
	journal_close(o->file);
	json_decref(o->unwritten);
	free(o->stack);
	free(o);
}

void
outbox_set_topic(struct outbox *o, const char *region, const char *arn)
{
	struct queue *q = queue_of(o, region);

	if (q == NULL || arn == NULL ||
	    (q->topic != NULL && strcmp(q->topic, arn) == 0))
		return;
	free(q->topic);
	q->topic = mem_strdup(arn);
	if (o->started && o->turn == NULL)
		o->turn = loop_after(o->loop, 0, on_turn, o);
}

void
outbox_tell(struct outbox *o, const char *step, const struct notice *notice)
{
	struct mark *mark = &o->marks[notice->event];
	struct notice n = *notice;
	char key[STEP_SIZE];
	struct queue *q;
	char *value;

	assert(strlen(step) < STEP_SIZE / 2);
	if (keeps(mark, step))
		return;
	for (q = o->queues; q < o->queues + OUTBOX_REGIONS; q++) {
		snprintf(key, sizeof(key), "%.40s/%.48s", q->region, step);
		n.region = q->region;
		n.step = key;
		value = notice_write(&n);
		remember(
		    o, notice_record(q, push(q, n.event, key, value, n.epoch)));
		free(value);
	}
	keep(mark, step);
	mark->lasts = true;
	remember(o, mark_record(o, n.event, step));
}

bool
outbox_lasts(const struct outbox *o, enum notice_event event)
{
	return o->marks[event].lasts;
}

void
outbox_is_over(struct outbox *o, enum notice_event event)
{
	struct mark *mark = &o->marks[event];

	if (!mark->lasts)
		return;
	mark->lasts = false;
	remember(o, mark_record(o, event, kept_step(mark, STEPS_KEPT - 1)));
}

void
outbox_status(const struct outbox *o, size_t region, struct outbox_status *out)
{
	const struct queue *q = &o->queues[region];

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
