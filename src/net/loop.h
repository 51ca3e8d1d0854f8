/* SPDX-License-Identifier: MIT
 *
 * The event loop: timers, signals, descriptors, deferred calls.
 *
 * One loop, one thread.  The contract of every asynchronous function of drd:
 * it takes `done` and `arg` last; `done` runs exactly once, never before the
 * function has returned; the handle it returns can be cancelled, and then
 * `done` does not run; whatever `done` is given lives until it returns.
 */
#ifndef DRD_NET_LOOP_H
#define DRD_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct timer; /* a call to come, once */
struct signal_watch;
struct watch; /* a descriptor */

struct loop *loop_new(void);
void loop_free(struct loop *loop); /* everything else of it is freed before */

/* Runs until loop_stop; returns 0, or -1 if the loop itself failed. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* The longest callback of the last minutes, in milliseconds: see lag.h. */
uint64_t loop_longest_ms(const struct loop *loop);

/*
 * Call `fn(arg)` once, `ms` milliseconds from now (0: in the next round,
 * never from inside this call).  The handle is dead as soon as `fn` starts.
 */
struct timer *
loop_after(struct loop *loop, uint64_t ms, void (*fn)(void *arg), void *arg);
void timer_cancel(struct timer *timer); /* NULL is fine */

/* Call `fn(arg)` in the loop each time the process gets `signo`. */
struct signal_watch *
loop_on_signal(struct loop *loop, int signo, void (*fn)(void *arg), void *arg);
void signal_watch_free(struct signal_watch *w);

enum { WATCH_READ = 1, WATCH_WRITE = 2 };

/*
 * Call `fn(arg, events)` whenever `fd` is ready for what is asked in
 * `events`; level-triggered, until freed.  Does not own `fd`.
 */
struct watch *loop_watch(struct loop *loop, int fd, int events,
    void (*fn)(void *arg, int events), void *arg);
void watch_set(struct watch *w, int events); /* 0 pauses */
void watch_free(struct watch *w);	     /* NULL is fine */

#endif
