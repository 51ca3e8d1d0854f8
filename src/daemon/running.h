/* SPDX-License-Identifier: MIT
 *
 * Inside the daemon: what daemon.c, orders.c and reload.c share.
 */
#ifndef DRD_DAEMON_RUNNING_H
#define DRD_DAEMON_RUNNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "daemon/config.h"
#include "daemon/control.h"
#include "daemon/session.h"

struct history;
struct keeper;
struct metrics;
struct signal_watch;

/* One `drd run`. */
struct daemon {
	struct config *config;
	int64_t config_since_ms;
	int64_t started_ms;
	struct session session;
	struct control *control;
	struct history *history;
	struct metrics *metrics;
	struct keeper **keepers;
	size_t keeper_count;
	struct signal_watch *on_term;
	struct signal_watch *on_int;
	struct signal_watch *on_hup;
	struct timer *watchdog;
	struct timer *telling; /* a status line is due */
	char *told;	       /* the last one */

	int64_t reload_ms; /* wall; 0: none yet */
	bool reload_ok;
	char *reload_text;

	struct control_call *poll_call; /* waits for `polls_open` polls */
	size_t polls_open;
	const struct keeper *poll_keeper; /* NULL: all of them */
};

/* daemon.c */

/* Something changed: tell systemd, once per round of the loop. */
void daemon_changed(void *arg);

/* NULL: there is no such stack. */
struct keeper *daemon_find(const struct daemon *d, const char *name);

/*
 * Keepers for the stacks of `config` that have none, at their places; NULL:
 * one cannot be had (its journal is locked), and nothing changed.
 */
struct keeper **daemon_new_keepers(
    struct daemon *d, const struct config *config, struct text *complaints);

/* orders.c: what the socket asks for. */
extern const struct control_ops daemon_orders;

/* A poll that somebody waits for may be of a keeper that goes: answer now. */
void daemon_drop_poll(struct daemon *d);

/* reload.c: the verdict is left in `d`. */
void daemon_reload(struct daemon *d);

/* For what the status document says of the daemon; caller frees. */
json_t *daemon_status(const struct daemon *d);

/* Appends what a Prometheus scrapes. */
void daemon_metrics(const struct daemon *d, struct text *out);

#endif
