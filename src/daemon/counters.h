/* SPDX-License-Identifier: MIT
 *
 * Counters with labels, as Prometheus knows them, and the lines of its text
 * format ("Exposition formats", text-based format 0.0.4).
 *
 * Labels are bounded: stacks, regions, signals, gates and reasons are all of
 * the configuration or of closed lists.
 */
#ifndef DRD_DAEMON_COUNTERS_H
#define DRD_DAEMON_COUNTERS_H

#include <stdint.h>

#include "base/text.h"

enum { LABELS_MAX = 4 };

/* Names are constants, values borrowed; a name that is NULL ends them. */
struct labels {
	struct {
		const char *name;
		const char *value;
	} label[LABELS_MAX];
};

struct counters;

struct counters *counters_new(void);
void counters_free(struct counters *counters); /* NULL is fine */

/* One more.  `family` is a constant. */
void counters_add(
    struct counters *counters, const char *family, const struct labels *labels);

/* Every sample of a family, in the order in which they began. */
void counters_text(
    const struct counters *counters, const char *family, struct text *out);

/* "# HELP ..." and "# TYPE ..."; `type` is "gauge" or "counter". */
void metric_head(
    struct text *out, const char *family, const char *type, const char *help);

/* One sample.  Whole numbers are written as such. */
void metric_sample(struct text *out, const char *family,
    const struct labels *labels, double value);

#endif
