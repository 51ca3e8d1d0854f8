/* SPDX-License-Identifier: MIT
 *
 * Simulated time: a heap of events, by time and then by age; and net/loop's
 * functions on it.
 *
 * clock_mono_ms and clock_wall_ms are replaced by the linker (--wrap): the
 * rest of base/clock is pure and is the real one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "instant.h"
#include "machine.h"
#include "net/loop.h"

#define MONO_MS UINT64_C(1000000) /* drd's machine has been up a while */

enum { EVENTS_MAX = 4096 };

struct timer {
	uint64_t due_ms;
	uint64_t age; /* of two at the same time the older one is first */
	size_t place;
	bool drds;
	void (*fn)(void *arg);
	void *arg;
};

struct loop {
	bool stopped;
};

struct signal_watch {
	struct signal_watch *next;
	int signo;
	void (*fn)(void *arg);
	void *arg;
	struct timer *pending;
};

static struct {
	uint64_t now_ms;
	int64_t wall_off_ms; /* drd's wall clock, minus the true one */
	uint64_t frozen_until_ms;
	uint64_t ages;
	struct timer *heap[EVENTS_MAX];
	size_t count;
	size_t drds;
	struct signal_watch *signals;
} at;

uint64_t __wrap_clock_mono_ms(void);
int64_t __wrap_clock_wall_ms(void);

uint64_t
__wrap_clock_mono_ms(void)
{
	return MONO_MS + at.now_ms;
}

int64_t
__wrap_clock_wall_ms(void)
{
	return instant_wall_ms() + at.wall_off_ms;
}

uint64_t
instant_ms(void)
{
	return at.now_ms;
}

int64_t
instant_wall_ms(void)
{
	return INSTANT_WALL_MS + (int64_t)at.now_ms;
}

void
instant_freeze(uint64_t ms)
{
	if (at.frozen_until_ms < at.now_ms + ms)
		at.frozen_until_ms = at.now_ms + ms;
}

bool
instant_is_frozen(void)
{
	return at.now_ms < at.frozen_until_ms;
}

void
instant_step_clock(int64_t ms)
{
	at.wall_off_ms += ms;
}

size_t
instant_timers(void)
{
	return at.drds;
}

/* ---- the heap ---------------------------------------------------------- */

static bool
is_before(const struct timer *a, const struct timer *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->age < b->age;
}

static void
put(struct timer *timer, size_t place)
{
	at.heap[place] = timer;
	timer->place = place;
}

static void
rise(struct timer *timer)
{
	size_t i = timer->place, up;

	while (i > 0 && is_before(timer, at.heap[up = (i - 1) / 2])) {
		put(at.heap[up], i);
		i = up;
	}
	put(timer, i);
}

static void
sink(struct timer *timer)
{
	size_t i = timer->place, down;

	while ((down = 2 * i + 1) < at.count) {
		if (down + 1 < at.count &&
		    is_before(at.heap[down + 1], at.heap[down]))
			down++;
		if (is_before(timer, at.heap[down]))
			break;
		put(at.heap[down], i);
		i = down;
	}
	put(timer, i);
}

static struct timer *
add(uint64_t ms, bool drds, void (*fn)(void *arg), void *arg)
{
	struct timer *timer = mem_alloc(sizeof(*timer));

	if (at.count == EVENTS_MAX) {
		fprintf(stderr, "sim: %d events at once\n", EVENTS_MAX);
		abort();
	}
	*timer = (struct timer){
		.due_ms = at.now_ms + ms,
		.age = at.ages++,
		.drds = drds,
		.fn = fn,
		.arg = arg,
	};
	put(timer, at.count++);
	rise(timer);
	at.drds += drds;
	return timer;
}

static void
take_out(struct timer *timer)
{
	struct timer *last = at.heap[--at.count];
	size_t hole = timer->place;

	at.drds -= timer->drds;
	if (last == timer)
		return;
	put(last, hole);
	rise(last);
	sink(last);
}

void
instant_reset(void)
{
	while (at.count > 0)
		free(at.heap[--at.count]);
	at.now_ms = at.frozen_until_ms = at.ages = 0;
	at.wall_off_ms = 0;
	at.drds = 0;
	at.signals = NULL;
}

struct timer *
instant_after(uint64_t ms, void (*fn)(void *arg), void *arg)
{
	return add(ms, false, fn, arg);
}

/* What is drd's and due while it is frozen happens when it thaws, in order. */
static void
put_off(struct timer *timer)
{
	timer->due_ms = at.frozen_until_ms;
	timer->age = at.ages++;
	sink(timer);
}

bool
instant_step(uint64_t limit_ms)
{
	struct timer *first;
	void (*fn)(void *arg);
	void *arg;

	while (at.count > 0 && at.heap[0]->due_ms <= limit_ms) {
		first = at.heap[0];
		if (first->drds && first->due_ms < at.frozen_until_ms) {
			put_off(first);
			continue;
		}
		if (first->due_ms > at.now_ms)
			at.now_ms = first->due_ms;
		fn = first->fn;
		arg = first->arg;
		take_out(first);
		free(first);
		fn(arg);
		return true;
	}
	if (at.now_ms < limit_ms)
		at.now_ms = limit_ms;
	return false;
}

/* ---- net/loop.h -------------------------------------------------------- */

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
	loop->stopped = false;
	while (!loop->stopped && machine_goes_on())
		;
	return 0;
}

void
loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

/* No time passes in a callback. */
uint64_t
loop_longest_ms(const struct loop *loop)
{
	return 0;
}

struct timer *
loop_after(struct loop *loop, uint64_t ms, void (*fn)(void *arg), void *arg)
{
	return add(ms, true, fn, arg);
}

void
timer_cancel(struct timer *timer)
{
	if (timer == NULL)
		return;
	if (timer->place >= at.count || at.heap[timer->place] != timer) {
		fprintf(stderr, "sim: a dead timer is cancelled\n");
		abort();
	}
	take_out(timer);
	free(timer);
}

struct signal_watch *
loop_on_signal(struct loop *loop, int signo, void (*fn)(void *arg), void *arg)
{
	struct signal_watch *w = mem_alloc(sizeof(*w));

	*w = (struct signal_watch){
		.next = at.signals, .signo = signo, .fn = fn, .arg = arg
	};
	at.signals = w;
	return w;
}

void
signal_watch_free(struct signal_watch *w)
{
	struct signal_watch **link = &at.signals;

	if (w == NULL)
		return;
	while (*link != NULL && *link != w)
		link = &(*link)->next;
	if (*link != NULL)
		*link = w->next;
	timer_cancel(w->pending);
	free(w);
}

static void
deliver(void *arg)
{
	struct signal_watch *w = arg;

	w->pending = NULL;
	w->fn(w->arg);
}

/* One that is pending already is no second one. */
void
machine_signal(int signo)
{
	struct signal_watch *w;

	for (w = at.signals; w != NULL; w = w->next)
		if (w->signo == signo && w->pending == NULL)
			w->pending = loop_after(NULL, 0, deliver, w);
}

/* drd has no descriptor of its own here: nobody may wait for one. */
struct watch *
loop_watch(struct loop *loop, int fd, int events,
    void (*fn)(void *arg, int events), void *arg)
{
	fprintf(stderr, "sim: a descriptor is waited for: not simulated\n");
	abort();
}

void
watch_set(struct watch *w, int events)
{
}

void
watch_free(struct watch *w)
{
}
