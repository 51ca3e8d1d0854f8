/* SPDX-License-Identifier: MIT
 *
 * The event loop over libevent.
 *
 * Each kind of handle is one libevent event.  A callback may free any handle,
 * its own included, and may free or add others: nothing here touches a handle
 * after its callback was called.
 */
#include <assert.h>
#include <signal.h>
#include <stdlib.h>

#include <event2/dns.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/loop.h"
#include "net/loop_base.h"

/* Far enough for "never", near enough for time_t and for arithmetic. */
#define TIMER_MAX_MS (UINT64_C(365) * 86400 * 1000)

struct timer {
	struct loop *loop;
	struct event *event;
	void (*fn)(void *arg);
	void *arg;
};

struct signal_watch {
	struct loop *loop;
	struct event *event;
	void (*fn)(void *arg);
	void *arg;
};

struct watch {
	struct loop *loop;
	struct event *event;
	int fd;
	int events; /* what is asked for: WATCH_READ, WATCH_WRITE */
	void (*fn)(void *arg, int events);
	void *arg;
};

static void
on_libevent_log(int severity, const char *line)
{
	if (severity == EVENT_LOG_DEBUG || severity == EVENT_LOG_MSG)
		log_debug("loop: libevent: %s", line);
	else
		log_warning("loop: libevent: %s", line);
}

static void
on_libevent_fatal(int code)
{
	log_error("loop: libevent cannot go on: error %d", code);
	abort();
}

/*
 * Exact times: the clock that libevent takes by default lags by up to 4 ms,
 * and a cached one by as long as the callbacks before took.
 */
static struct event_base *
new_base(void)
{
	struct event_config *config = mem_must(event_config_new());
	struct event_base *base;

	if (event_config_set_flag(config,
		EVENT_BASE_FLAG_NO_CACHE_TIME |
		    EVENT_BASE_FLAG_PRECISE_TIMER) != 0)
		log_warning("loop: timers will be coarse");
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

struct loop *
loop_new(void)
{
	struct loop *loop = mem_alloc(sizeof(*loop));

	event_set_log_callback(on_libevent_log);
	event_set_fatal_callback(on_libevent_fatal);
	/* A peer that closes is an error to return, not a reason to die;
	   curl and OpenSSL write without MSG_NOSIGNAL. */
	signal(SIGPIPE, SIG_IGN);
	loop->base = mem_must(new_base());
	return loop;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	/* Questions that were cancelled end in a round of their own. */
	event_base_loop(loop->base, EVLOOP_NONBLOCK);
	if (loop->dns != NULL)
		evdns_base_free(loop->dns, 0);
	event_base_free(loop->base);
	free(loop);
}

int
loop_run(struct loop *loop)
{
	int result = 0;

	if (!loop->stopping)
		result = event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
	loop->stopping = false;
	return result == 0 ? 0 : -1;
}

void
loop_stop(struct loop *loop)
{
	loop->stopping = true;
	event_base_loopbreak(loop->base);
}

uint64_t
loop_longest_ms(const struct loop *loop)
{
	return lag_longest_ms(&loop->lag, clock_mono_ms());
}

static void
must_add(struct event *event, const struct timeval *after)
{
	/* Fails if the kernel refuses the descriptor (closed, a regular
	   file): ours, never a peer's. */
	if (event_add(event, after) != 0) {
		log_error("loop: an event cannot be added");
		abort();
	}
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct timer timer = *(struct timer *)arg;
	uint64_t began_ms = clock_mono_ms();

	timer_cancel(arg);
	timer.fn(timer.arg);
	lag_note(&timer.loop->lag, began_ms, clock_mono_ms());
}

struct timer *
loop_after(struct loop *loop, uint64_t ms, void (*fn)(void *arg), void *arg)
{
	struct timer *timer = mem_alloc(sizeof(*timer));
	struct timeval after;

	if (ms > TIMER_MAX_MS)
		ms = TIMER_MAX_MS;
	after.tv_sec = (time_t)(ms / 1000);
	after.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	timer->loop = loop;
	timer->fn = fn;
	timer->arg = arg;
	timer->event = mem_must(event_new(loop->base, -1, 0, on_timer, timer));
	must_add(timer->event, &after);
	return timer;
}

void
timer_cancel(struct timer *timer)
{
	if (timer == NULL)
		return;
	event_free(timer->event);
	free(timer);
}

static void
on_signal(evutil_socket_t signo, short what, void *arg)
{
	const struct signal_watch *w = arg;
	struct loop *loop = w->loop;
	uint64_t began_ms = clock_mono_ms();

	w->fn(w->arg);
	lag_note(&loop->lag, began_ms, clock_mono_ms());
}

struct signal_watch *
loop_on_signal(struct loop *loop, int signo, void (*fn)(void *arg), void *arg)
{
	struct signal_watch *w = mem_alloc(sizeof(*w));

	w->loop = loop;
	w->fn = fn;
	w->arg = arg;
	w->event = mem_must(evsignal_new(loop->base, signo, on_signal, w));
	must_add(w->event, NULL);
	return w;
}

void
signal_watch_free(struct signal_watch *w)
{
	if (w == NULL)
		return;
	event_free(w->event);
	free(w);
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	const struct watch *w = arg;
	struct loop *loop = w->loop;
	uint64_t began_ms = clock_mono_ms();
	int events = 0;

	if (what & EV_READ)
		events |= WATCH_READ;
	if (what & EV_WRITE)
		events |= WATCH_WRITE;
	w->fn(w->arg, events);
	lag_note(&loop->lag, began_ms, clock_mono_ms());
}

static short
wanted(int events)
{
	short what = EV_PERSIST;

	if (events & WATCH_READ)
		what |= EV_READ;
	if (events & WATCH_WRITE)
		what |= EV_WRITE;
	return what;
}

struct watch *
loop_watch(struct loop *loop, int fd, int events,
    void (*fn)(void *arg, int events), void *arg)
{
	struct watch *w = mem_alloc(sizeof(*w));

	assert(fd >= 0);
	w->loop = loop;
	w->fd = fd;
	w->fn = fn;
	w->arg = arg;
	w->event = mem_must(event_new(loop->base, fd, wanted(0), on_ready, w));
	watch_set(w, events);
	return w;
}

void
watch_set(struct watch *w, int events)
{
	if (events == w->events)
		return;
	event_del(w->event);
	w->events = events;
	if (events == 0)
		return;
	if (event_assign(w->event, w->loop->base, w->fd, wanted(events),
		on_ready, w) != 0)
		abort(); /* cannot be: the arguments were good for event_new */
	must_add(w->event, NULL);
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	event_free(w->event);
	free(w);
}
