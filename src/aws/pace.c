/* SPDX-License-Identifier: MIT
 *
 * The API budgets.  See pace.h.
 *
 * One queue for each service and region, with a meter for each bucket in it.
 * Whatever changes a queue (a call comes, goes, gives up, or is throttled)
 * ends in look_again(), which works out for all who wait how long that will
 * be, and sets the one timer to the first event.  The timer serves one call
 * and looks again before it tells it: what the call does then, be it the end
 * of everything, meets nothing half done.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "aws/bucket.h"
#include "aws/limits.h"
#include "aws/pace.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/loop.h"

enum { SHARE = 50 };

struct meter {
	SLIST_ENTRY(meter) link;
	const struct limit *limit;
	char *name;
	struct bucket bucket;
	unsigned ahead; /* who go first, while the queue is measured */
};

struct pace_queue {
	SLIST_ENTRY(pace_queue) link;
	struct pace *pace;
	enum service service;
	char *region;
	SLIST_HEAD(, meter) meters;
	TAILQ_HEAD(tickets, ticket) waiting; /* by lane, then by age */
	struct timer *timer;
};

struct pace {
	struct loop *loop;
	unsigned share;
	SLIST_HEAD(, pace_queue) queues;
};

static void
fill_up(struct pace_queue *queue, struct meter *meter)
{
	double share = queue->pace->share / 100.0;

	bucket_init(&meter->bucket, meter->limit->burst * share,
	    meter->limit->rate * share, clock_mono_ms());
}

static struct meter *
meter_of(
    struct pace_queue *queue, const struct limit *limit, const char *operation)
{
	const char *name = limit->name != NULL ? limit->name : operation;
	struct meter *meter;

	SLIST_FOREACH(meter, &queue->meters, link)
	{
		if (meter->limit == limit && strcmp(meter->name, name) == 0)
			return meter;
	}
	meter = mem_alloc(sizeof(*meter));
	meter->limit = limit;
	meter->name = mem_strdup(name);
	fill_up(queue, meter);
	SLIST_INSERT_HEAD(&queue->meters, meter, link);
	return meter;
}

static struct pace_queue *
queue_of(struct pace *pace, const struct ticket *ticket)
{
	struct pace_queue *queue;

	SLIST_FOREACH(queue, &pace->queues, link)
	{
		if (queue->service == ticket->service &&
		    strcmp(queue->region, ticket->region) == 0)
			return queue;
	}
	queue = mem_alloc(sizeof(*queue));
	queue->pace = pace;
	queue->service = ticket->service;
	queue->region = mem_strdup(ticket->region);
	SLIST_INIT(&queue->meters);
	TAILQ_INIT(&queue->waiting);
	SLIST_INSERT_HEAD(&pace->queues, queue, link);
	return queue;
}

static void
find_meters(struct pace_queue *queue, struct ticket *ticket)
{
	const struct limit *narrow =
	    limit_of(ticket->service, ticket->operation);
	const struct limit *wide = limit_of_all(ticket->service);

	ticket->meters[0] = meter_of(queue, narrow, ticket->operation);
	ticket->meters[1] = wide == NULL || wide == narrow
	    ? NULL
	    : meter_of(queue, wide, ticket->operation);
}

static void
count(struct ticket *ticket)
{
	for (int i = 0; i < 2 && ticket->meters[i] != NULL; i++)
		bucket_take(&ticket->meters[i]->bucket, clock_mono_ms());
}

/*
 * How long must this one wait behind those that were measured before?  It
 * takes a place in front of the others only where it is held up: who waits
 * for a narrow bucket does not keep the wide one from the rest.
 */
static void
measure(struct ticket *ticket)
{
	struct meter *meter;
	uint64_t wait;

	ticket->wait_ms = 0;
	ticket->slowest = ticket->meters[0];
	if (ticket->queue->pace->share == 0)
		return;
	for (int i = 0; i < 2 && (meter = ticket->meters[i]) != NULL; i++) {
		wait = bucket_wait(&meter->bucket, ticket->lane, meter->ahead,
		    clock_mono_ms());
		if (wait > ticket->wait_ms) {
			ticket->wait_ms = wait;
			ticket->slowest = meter;
		}
	}
	for (int i = 0; i < 2 && (meter = ticket->meters[i]) != NULL; i++)
		if (ticket->wait_ms == 0 || meter == ticket->slowest)
			meter->ahead++;
}

static bool
is_too_late(const struct ticket *ticket)
{
	return ticket->wait_ms > 0 &&
	    clock_mono_ms() + ticket->wait_ms >= ticket->deadline_ms;
}

static void on_time(void *arg);

static void
measure_all(struct pace_queue *queue)
{
	struct ticket *ticket;
	struct meter *meter;

	SLIST_FOREACH(meter, &queue->meters, link)
	meter->ahead = 0;
	TAILQ_FOREACH(ticket, &queue->waiting, link)
	measure(ticket);
}

static void
look_again(struct pace_queue *queue)
{
	struct ticket *ticket;
	uint64_t next = UINT64_MAX;

	measure_all(queue);
	TAILQ_FOREACH(ticket, &queue->waiting, link)
	{
		if (is_too_late(ticket))
			next = 0;
		else if (ticket->wait_ms < next)
			next = ticket->wait_ms;
	}
	timer_cancel(queue->timer);
	queue->timer = NULL;
	if (next != UINT64_MAX)
		queue->timer =
		    loop_after(queue->pace->loop, next, on_time, queue);
}

static void
too_late(const struct ticket *ticket, struct error *e)
{
	const struct bucket *bucket = &ticket->slowest->bucket;
	char span[CLOCK_SPAN_SIZE];

	error_set(e, ERROR_THROTTLED, "Budget",
	    "%s: not sent: its turn would come in %s, after its deadline "
	    "(API budget \"%s\": %g calls a second, with api_share = %u)",
	    ticket->operation, clock_span(ticket->wait_ms, span),
	    ticket->slowest->name, bucket_rate(bucket, clock_mono_ms()),
	    ticket->queue->pace->share);
}

static void
take_out(struct ticket *ticket)
{
	TAILQ_REMOVE(&ticket->queue->waiting, ticket, link);
	ticket->queue = NULL;
}

/* Serve the first whose turn has come, or will not. */
static void
on_time(void *arg)
{
	struct pace_queue *queue = arg;
	struct ticket *ticket;
	struct error e = { 0 };
	bool late;

	queue->timer = NULL;
	measure_all(queue);
	TAILQ_FOREACH(ticket, &queue->waiting, link)
	{
		if (ticket->wait_ms == 0 || is_too_late(ticket))
			break;
	}
	if (ticket == NULL) { /* the timer was early */
		look_again(queue);
		return;
	}
	late = is_too_late(ticket);
	if (late)
		too_late(ticket, &e);
	else
		count(ticket);
	take_out(ticket);
	look_again(queue);
	ticket->turn(late ? &e : NULL, ticket->arg);
}

static void
put_in(struct pace_queue *queue, struct ticket *ticket)
{
	struct ticket *after;

	TAILQ_FOREACH_REVERSE(after, &queue->waiting, tickets, link)
	{
		if (after->lane <= ticket->lane)
			break;
	}
	if (after == NULL)
		TAILQ_INSERT_HEAD(&queue->waiting, ticket, link);
	else
		TAILQ_INSERT_AFTER(&queue->waiting, after, ticket, link);
	ticket->queue = queue;
}

enum pace_answer
pace_ask(struct pace *pace, struct ticket *ticket, struct error *e)
{
	struct pace_queue *queue = queue_of(pace, ticket);
	enum pace_answer answer = PACE_WAIT;

	assert(ticket->queue == NULL);
	find_meters(queue, ticket);
	put_in(queue, ticket);
	measure_all(queue);
	if (ticket->wait_ms == 0) {
		count(ticket);
		answer = PACE_GO;
	} else if (is_too_late(ticket)) {
		too_late(ticket, e);
		answer = PACE_NEVER;
	}
	if (answer != PACE_WAIT)
		take_out(ticket);
	if (!TAILQ_EMPTY(&queue->waiting))
		look_again(queue);
	return answer;
}

void
pace_leave(struct ticket *ticket)
{
	struct pace_queue *queue = ticket->queue;

	if (queue == NULL)
		return;
	take_out(ticket);
	look_again(queue);
}

/*
 * AWS does not say which bucket was empty.  The narrower one is blamed: the
 * wide ones of the same service hold many times as much.
 */
void
pace_throttled(struct pace *pace, const struct ticket *ticket, uint64_t sent_ms)
{
	uint64_t now_ms = clock_mono_ms();
	struct pace_queue *queue;
	struct meter *meter;

	if (pace->share == 0)
		return;
	queue = queue_of(pace, ticket);
	meter = meter_of(queue, limit_of(ticket->service, ticket->operation),
	    ticket->operation);
	if (!bucket_throttled(&meter->bucket, sent_ms, now_ms))
		return;
	log_info("aws: %s %s: throttled: %s: %g calls a second for now",
	    service_facts(queue->service)->name, queue->region, meter->name,
	    bucket_rate(&meter->bucket, now_ms));
	look_again(queue);
}

static unsigned
count_waiting(const struct pace_queue *queue, const struct meter *meter)
{
	const struct ticket *ticket;
	unsigned count = 0;

	TAILQ_FOREACH(ticket, &queue->waiting, link)
	count += ticket->slowest == meter;
	return count;
}

static json_t *
usage_of(const struct pace_queue *queue, const struct meter *meter)
{
	uint64_t now_ms = clock_mono_ms();

	return mem_must(json_pack("{s:s, s:s, s:s, s:f, s:f, s:i}", "service",
	    service_facts(queue->service)->name, "region", queue->region,
	    "bucket", meter->name, "left", bucket_left(&meter->bucket, now_ms),
	    "rate", bucket_rate(&meter->bucket, now_ms), "waiting",
	    (int)count_waiting(queue, meter)));
}

json_t *
pace_usage(const struct pace *pace)
{
	json_t *usage = mem_must(json_array());
	struct pace_queue *queue;
	struct meter *meter;

	if (pace->share == 0)
		return usage;
	SLIST_FOREACH(queue, &pace->queues, link)
	{
		SLIST_FOREACH(meter, &queue->meters, link)
		{
			if (!bucket_is_fresh(&meter->bucket, clock_mono_ms()))
				json_array_append_new(
				    usage, usage_of(queue, meter));
		}
	}
	return usage;
}

struct pace *
pace_new(struct loop *loop)
{
	struct pace *pace = mem_alloc(sizeof(*pace));

	pace->loop = loop;
	pace->share = SHARE;
	SLIST_INIT(&pace->queues);
	return pace;
}

void
pace_set_share(struct pace *pace, unsigned percent)
{
	struct pace_queue *queue;
	struct meter *meter;

	if (pace->share == percent)
		return;
	pace->share = percent;
	SLIST_FOREACH(queue, &pace->queues, link)
	{
		SLIST_FOREACH(meter, &queue->meters, link)
		fill_up(queue, meter);
		look_again(queue);
	}
}

static void
queue_free(struct pace_queue *queue)
{
	struct meter *meter;

	assert(TAILQ_EMPTY(&queue->waiting));
	while ((meter = SLIST_FIRST(&queue->meters)) != NULL) {
		SLIST_REMOVE_HEAD(&queue->meters, link);
		free(meter->name);
		free(meter);
	}
	timer_cancel(queue->timer);
	free(queue->region);
	free(queue);
}

void
pace_free(struct pace *pace)
{
	struct pace_queue *queue;

	if (pace == NULL)
		return;
	while ((queue = SLIST_FIRST(&pace->queues)) != NULL) {
		SLIST_REMOVE_HEAD(&pace->queues, link);
		queue_free(queue);
	}
	free(pace);
}
