/* SPDX-License-Identifier: MIT
 *
 * What happens, as entries of the history.
 *
 * One event a function; the words and members of each are in drd-status(1).
 */
#ifndef DRD_DAEMON_CHRONICLE_H
#define DRD_DAEMON_CHRONICLE_H

#include "daemon/control.h"
#include "daemon/history.h"
#include "failover/failover.h"

/* "order": given to the socket, and what became of it. */
void chronicle_order(struct history *history, const struct control_order *order,
    const char *outcome, const char *text);

/*
 * "role", and "decision" with what it was made from, if the active region
 * changes by it.
 */
void chronicle_role(struct history *history,
    const struct failover_status *status, enum role from, enum role to);

/* "effect": one of status->change is over. */
void chronicle_effect(struct history *history,
    const struct failover_status *status, const struct effect *effect);

/*
 * "completed": users of status->change wait no more; "settled": both regions
 * are done.
 */
void chronicle_recovered(struct history *history,
    const struct failover_status *status, enum recovery_news news);

/* "withheld", or "advised": a failover was due, and this was in the way. */
void chronicle_withheld(struct history *history,
    const struct failover_status *status, bool advised, const char *why);

/* "brake", "journal", "pause": what drd has come to by itself. */
void chronicle_noted(struct history *history,
    const struct failover_status *status, const char *event, const char *text);

/* "start", "stop", "reload": of the daemon itself. */
void
chronicle_daemon(struct history *history, const char *event, const char *text);

#endif
