/* SPDX-License-Identifier: MIT
 *
 * The script's time: a list of events in the order in which they are due.
 *
 * clock_mono_ms and clock_wall_ms are replaced by the linker (--wrap), so that
 * the rest of base/clock, which is pure, is the real one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/mem.h"
#include "lib/script.h"
#include "lib/script_parts.h"

enum { EVENTS_MAX = 1000000, SETTLE_MS = 3600 * 1000 };

struct loop {
	bool stopped;
};

struct timer {
	struct timer *next;
	uint64_t due_ms;
	void (*fn)(void *arg);
	void *arg;
};

struct signal_watch {
	struct signal_watch *next;
	int signo;
	void (*fn)(void *arg);
	void *arg;
};

struct watch {
	int events;
};

static uint64_t mono_ms;
static int64_t wall_ms;
static struct timer *events;
static struct signal_watch *signal_watches;

uint64_t __wrap_clock_mono_ms(void);
int64_t __wrap_clock_wall_ms(void);

uint64_t
__wrap_clock_mono_ms(void)
{
	return mono_ms;
}

int64_t
__wrap_clock_wall_ms(void)
{
	return wall_ms;
}

static void
pass(uint64_t ms)
{
	mono_ms += ms;
	wall_ms += (int64_t)ms;
}

/* The first event, whose time is now or past. */
static void
run_first(void)
{
	struct timer *event = events;
	void (*fn)(void *arg) = event->fn;
	void *arg = event->arg;

	events = event->next;
	free(event);
	fn(arg);
}

/*
 * The next event within `limit`, the time it takes included.  False: there is
 * none, and the time up to the limit has passed if `wait`.
 */
static bool
step(uint64_t limit_ms, bool wait)
{
	if (events != NULL && events->due_ms <= limit_ms) {
		if (events->due_ms > mono_ms)
			pass(events->due_ms - mono_ms);
		run_first();
		return true;
	}
	if (wait && mono_ms < limit_ms)
		pass(limit_ms - mono_ms);
	return false;
}

/* A loop of events that make each other is a failure, not a long test. */
static void
count_event(unsigned *count)
{
	if (++*count > EVENTS_MAX) {
		fprintf(stderr, "script: %d events and no end\n", EVENTS_MAX);
		abort();
	}
}

void
script_advance(uint64_t ms)
{
	uint64_t limit_ms = mono_ms + ms;
	unsigned count = 0;

	while (step(limit_ms, true))
		count_event(&count);
}

void
script_settle(void)
{
	uint64_t limit_ms = mono_ms + SETTLE_MS;
	unsigned count = 0;

	while (step(limit_ms, false))
		count_event(&count);
	if (events != NULL) {
		fprintf(stderr, "script: not at rest after an hour\n");
		abort();
	}
}

bool
script_until(bool (*cond)(void *arg), void *arg, uint64_t ms)
{
	uint64_t limit_ms = mono_ms + ms;
	unsigned count = 0;

	while (!cond(arg)) {
		if (!step(limit_ms, true))
			return cond(arg);
		count_event(&count);
	}
	return true;
}

void
script_freeze(uint64_t ms)
{
	pass(ms);
}

void
script_set_wall(int64_t ms)
{
	wall_ms = ms;
}

size_t
script_pending(void)
{
	size_t count = 0;

	for (struct timer *event = events; event != NULL; event = event->next)
		count++;
	return count;
}

void
script_reset(void)
{
	struct timer *event;

	while ((event = events) != NULL) {
		events = event->next;
		free(event);
	}
	mono_ms = SCRIPT_MONO_MS;
	wall_ms = SCRIPT_WALL_MS;
	backoff_seed(1);
	script_reset_http();
	script_reset_dns();
}

struct loop *
loop_new(void)
{
	return mem_alloc(sizeof(struct loop));
}

void
loop_free(struct loop *loop)
{
	free(loop);
}

int
loop_run(struct loop *loop)
{
	unsigned count = 0;

	loop->stopped = false;
	while (!loop->stopped && step(UINT64_MAX, false))
		count_event(&count);
	return 0;
}

void
loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

/* After those that are due at the same time. */
struct timer *
loop_after(struct loop *loop, uint64_t ms, void (*fn)(void *arg), void *arg)
{
	struct timer *event = mem_alloc(sizeof(*event));
	struct timer **at = &events;

	event->due_ms = mono_ms + ms;
	event->fn = fn;
	event->arg = arg;
	while (*at != NULL && (*at)->due_ms <= event->due_ms)
		at = &(*at)->next;
	event->next = *at;
	*at = event;
	return event;
}

void
timer_cancel(struct timer *timer)
{
	struct timer **at = &events;

	if (timer == NULL)
		return;
	while (*at != timer) {
		if (*at == NULL) {
			fprintf(stderr, "script: a dead timer is cancelled\n");
			abort();
		}
		at = &(*at)->next;
	}
	*at = timer->next;
	free(timer);
}

struct signal_watch *
loop_on_signal(struct loop *loop, int signo, void (*fn)(void *arg), void *arg)
{
	struct signal_watch *w = mem_alloc(sizeof(*w));

	*w = (struct signal_watch){ signal_watches, signo, fn, arg };
	signal_watches = w;
	return w;
}

void
signal_watch_free(struct signal_watch *w)
{
	struct signal_watch **at = &signal_watches;

	while (*at != NULL && *at != w)
		at = &(*at)->next;
	if (*at != NULL)
		*at = w->next;
	free(w);
}

void
script_signal(int signo)
{
	struct signal_watch *w;

	for (w = signal_watches; w != NULL; w = w->next) {
		if (w->signo == signo)
			loop_after(NULL, 0, w->fn, w->arg);
	}
}

/* No descriptor is ever ready here. */
struct watch *
loop_watch(struct loop *loop, int fd, int wanted,
    void (*fn)(void *arg, int events), void *arg)
{
	return mem_alloc(sizeof(struct watch));
}

void
watch_set(struct watch *w, int wanted)
{
	w->events = wanted;
}

void
watch_free(struct watch *w)
{
	free(w);
}
