/* SPDX-License-Identifier: MIT
 *
 * Counters with labels, and the lines of Prometheus's text format.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/counters.h"

struct counter {
	const char *family;
	char *labels; /* as they are written: "{stack=\"shop\"}" */
	uint64_t value;
};

struct counters {
	struct counter *all;
	size_t count;
};

/* Backslash, quote and newline are escaped; nothing else is. */
static void
add_value(struct text *out, const char *s)
{
	size_t plain;

	for (;; s += plain + 1) {
		plain = strcspn(s, "\n\\\"");
		text_add_bytes(out, s, plain);
		if (s[plain] == '\0')
			return;
		text_add(out, "\\");
		text_add_bytes(out, s[plain] == '\n' ? "n" : &s[plain], 1);
	}
}

static void
add_labels(struct text *out, const struct labels *labels)
{
	const char *value;
	size_t i;

	if (labels == NULL || labels->label[0].name == NULL)
		return;
	for (i = 0; i < LABELS_MAX && labels->label[i].name != NULL; i++) {
		value = labels->label[i].value;
		text_add(out, i == 0 ? "{" : ",");
		text_add(out, labels->label[i].name);
		text_add(out, "=\"");
		add_value(out, value != NULL ? value : "");
		text_add(out, "\"");
	}
	text_add(out, "}");
}

struct counters *
counters_new(void)
{
	return mem_alloc(sizeof(struct counters));
}

void
counters_free(struct counters *counters)
{
	size_t i;

	if (counters == NULL)
		return;
	for (i = 0; i < counters->count; i++)
		free(counters->all[i].labels);
	free(counters->all);
	free(counters);
}

void
counters_add(
    struct counters *counters, const char *family, const struct labels *labels)
{
	struct text spelled = TEXT_INIT;
	struct counter *counter;
	size_t i;

	add_labels(&spelled, labels);
	for (i = 0; i < counters->count; i++) {
		counter = &counters->all[i];
		if (strcmp(counter->family, family) == 0 &&
		    strcmp(counter->labels, spelled.s) == 0) {
			counter->value++;
			text_release(&spelled);
			return;
		}
	}
	counters->all = mem_grow(
	    counters->all, counters->count + 1, sizeof(*counters->all));
	counters->all[counters->count++] =
	    (struct counter){ family, text_take(&spelled), 1 };
}

void
counters_text(
    const struct counters *counters, const char *family, struct text *out)
{
	const struct counter *counter;
	size_t i;

	for (i = 0; i < counters->count; i++) {
		counter = &counters->all[i];
		if (strcmp(counter->family, family) == 0)
			text_addf(out, "%s%s %ju\n", family, counter->labels,
			    (uintmax_t)counter->value);
	}
}

void
metric_head(
    struct text *out, const char *family, const char *type, const char *help)
{
	text_addf(
	    out, "# HELP %s %s\n# TYPE %s %s\n", family, help, family, type);
}

void
metric_sample(struct text *out, const char *family, const struct labels *labels,
    double value)
{
	/* Far beyond any time or size: no conversion that is undefined. */
	bool whole =
	    value > -1e15 && value < 1e15 && (double)(int64_t)value == value;

	text_add(out, family);
	add_labels(out, labels);
	if (whole)
		text_addf(out, " %.0f\n", value);
	else
		text_addf(out, " %.3f\n", value);
}
