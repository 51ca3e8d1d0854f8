/* SPDX-License-Identifier: MIT
 *
 * The samples of each stack and of its signals; for the metrics files only.
 */
#ifndef DRD_DAEMON_METRICS_STACK_H
#define DRD_DAEMON_METRICS_STACK_H

#include "daemon/counters.h"
#include "daemon/metrics.h"

/* What a family is written from; all borrowed. */
struct scrape {
	const struct metrics *metrics;
	const struct status_view *view;
	const char *family;
	struct text *out;
};

double metrics_seconds(int64_t ms);

/* Write one sample of each stack for which `value` has one. */
void metrics_each(const struct scrape *s,
    bool (*value)(const struct status_stack *stack, double *out));

/* Each writes the samples of its family. */
void metrics_roles(const struct scrape *s);
void metrics_active(const struct scrape *s);
void metrics_epoch(const struct scrape *s);
void metrics_polls(const struct scrape *s);
void metrics_streak(const struct scrape *s);
void metrics_last_change(const struct scrape *s);
void metrics_pending(const struct scrape *s);
void metrics_notices(const struct scrape *s);
void metrics_oldest_notice(const struct scrape *s);
void metrics_canary(const struct scrape *s);
void metrics_told(const struct scrape *s);
void metrics_dropped(const struct scrape *s);
void metrics_recovery(const struct scrape *s);
void metrics_settled(const struct scrape *s);
void metrics_waiting(const struct scrape *s);
void metrics_target(const struct scrape *s);
void metrics_latched(const struct scrape *s);
void metrics_ready(const struct scrape *s);
void metrics_apart(const struct scrape *s);
void metrics_planes(const struct scrape *s);
void metrics_resources(const struct scrape *s);
void metrics_brake(const struct scrape *s);
void metrics_mode(const struct scrape *s);
void metrics_paused(const struct scrape *s);
void metrics_pause_end(const struct scrape *s);
void metrics_ack(const struct scrape *s);
void metrics_writable(const struct scrape *s);
void metrics_disk_low(const struct scrape *s);
void metrics_gates(const struct scrape *s);
void metrics_blocked(const struct scrape *s);
void metrics_refused(const struct scrape *s);
void metrics_signal_states(const struct scrape *s);
void metrics_signal_fails(const struct scrape *s);
void metrics_signal_seen(const struct scrape *s);

#endif
