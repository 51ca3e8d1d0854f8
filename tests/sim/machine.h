/* SPDX-License-Identifier: MIT
 *
 * The machine that drd runs on: its disk, its power, its process.
 *
 * drd is the real program from daemon_run down to net/.  A crash leaves it no
 * way to do anything more: from that instant its writes and its calls go
 * nowhere, and when the running event has returned it is taken down.  Power
 * that fails takes with it what was not synced.
 */
#ifndef DRD_SIM_MACHINE_H
#define DRD_SIM_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where it may be killed besides between two events. */
enum point { POINT_DISK, POINT_SEND, POINT_COUNT };

enum disk { DISK_WORKS, DISK_FULL, DISK_BREAKS };

/*
 * A directory of our own becomes the current one; once, and at the end.  drd
 * knows it by a name that is the same in every run.
 */
#define MACHINE_DIR "/proc/self/cwd"
void machine_open(void);
void machine_close(void);
int machine_home(void); /* a descriptor of what was the current one */

/* A new machine with an empty disk and this configuration. */
void machine_reset(uint64_t seed, const char *config);
void machine_configure(const char *config);

/* Run drd until `end_ms`, and what befalls it; then stop it in good order. */
void machine_run(uint64_t end_ms);

/* Within an event or between two.  It is back `ms` later. */
void machine_crash(bool power, uint64_t down_ms);
/* The same, at the n-th time from now (1: the next) that it gets there. */
void
machine_crash_at(enum point point, unsigned n, bool power, uint64_t down_ms);
void machine_set_disk(enum disk disk);

/* instant.c: deliver a signal. */
void machine_signal(int signo);
/* For the loop: one event more; false: no more for this process. */
bool machine_goes_on(void);
/* A place where it may be killed. */
void machine_at(enum point point);

bool machine_is_up(void);   /* a process runs */
bool machine_is_dead(void); /* it has been killed, and does not know yet */
bool machine_disk_works(void);
unsigned machine_crashes(void);
unsigned machine_lives(void);
/* The true time at which this process has started. */
uint64_t machine_up_since(void);

/* What would be found of stack shop's journal after a power loss; "" if
   there is none.  Caller frees. */
char *machine_journal(void);

/* disk.c */
void disk_reset(uint64_t seed, const char *dir);
void disk_enter(void); /* from now on drd writes */
void disk_leave(void);
void disk_set(enum disk disk);
void disk_lose_power(void);

/* operator.c: a line to the socket; the reply is traced. */
void operator_says(const char *line);
bool operator_is_heard(void);

#endif
