/* SPDX-License-Identifier: MIT
 *
 * What a Prometheus scrapes: `drd-status --prom`.
 *
 * Gauges are the status document's facts at the moment of asking, counters
 * are kept here from the start of the process on.  Seconds are the unit, a
 * closed list is one series per value at 0 or 1, and what is not known has no
 * sample.
 */
#ifndef DRD_DAEMON_METRICS_H
#define DRD_DAEMON_METRICS_H

#include "base/text.h"
#include "daemon/status.h"
#include "failover/failover.h"

struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics); /* NULL is fine */

/* What has happened. */
void
metrics_polled(struct metrics *metrics, const struct failover_status *status);
void metrics_role(struct metrics *metrics, const struct failover_status *status,
    enum role from, enum role to);
void metrics_reloaded(struct metrics *metrics, bool ok);

/* All of it, in Prometheus's text format. */
void metrics_text(const struct metrics *metrics, const struct status_view *view,
    struct text *out);

#endif
