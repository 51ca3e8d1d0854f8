/* SPDX-License-Identifier: MIT
 *
 * Hosts that have just let a call time out; for net/http only.
 *
 * Where a network drops packets silently, every kept connection to the host
 * is as dead as the one that timed out, and nobody will ever say so.  After a
 * time-out, connections from before it are not used again.
 */
#ifndef DRD_NET_SUSPECT_H
#define DRD_NET_SUSPECT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* How long curl may keep an idle connection at all, in seconds. */
enum { IDLE_MAX_S = 110 };

struct suspect;
LIST_HEAD(suspects, suspect);

/* `host` timed out now (monotonic milliseconds). */
void suspect_add(struct suspects *all, const char *host, uint64_t now);

/*
 * How many seconds a connection to `host` may have been idle to be trusted:
 * 0 means none may be.
 */
long suspect_idle_limit(struct suspects *all, const char *host, uint64_t now);

void suspects_release(struct suspects *all);

#endif
