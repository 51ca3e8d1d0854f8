/* SPDX-License-Identifier: MIT
 *
 * Is a region ready to become the active one?  See readiness_judge.h.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "failover/readiness_judge.h"

/*
 * Replication is measured by those who send: a table's lag is published in
 * the region of the write; a bucket's is published where the copy arrives,
 * but by the S3 that has to send it.  Sources: DynamoDB developer guide,
 * "DynamoDB metrics and dimensions"; S3 user guide, "Monitoring replication
 * with metrics".
 */
static const struct {
	const char *name;
	const char *text;
	enum readiness_end end;
} items[READINESS_COUNT] = {
	[READINESS_PROBE] = { "probe", "its endpoint answers us",
	    READINESS_TARGET },
	[READINESS_TARGETS] = { "targets",
	    "its load balancer has a healthy target", READINESS_TARGET },
	[READINESS_FUNCTION] = { "function",
	    "its function is active and has its concurrency",
	    READINESS_TARGET },
	[READINESS_TABLE] = { "table", "its replica of the table is active",
	    READINESS_TARGET },
	[READINESS_ALARMS] = { "alarms", "none of its alarms is raised",
	    READINESS_TARGET },
	[READINESS_CANARY] = { "canary",
	    "its parameters and its topic can be written", READINESS_TARGET },
	[READINESS_TABLE_LAG] = { "table-lag",
	    "the table's writes have arrived there", READINESS_SOURCE },
	[READINESS_BUCKET_LAG] = { "bucket-lag",
	    "the bucket's objects have arrived there", READINESS_SOURCE },
};

const char *
readiness_name(enum readiness_what what)
{
	assert((unsigned)what < READINESS_COUNT);
	return items[what].name;
}

const char *
readiness_text(enum readiness_what what)
{
	assert((unsigned)what < READINESS_COUNT);
	return items[what].text;
}

enum readiness_end
readiness_end(enum readiness_what what)
{
	assert((unsigned)what < READINESS_COUNT);
	return items[what].end;
}

void
readiness_note(struct readiness_item *item, const struct observation *seen,
    uint64_t mono_ms)
{
	item->last = *seen;
	item->seen_ms = mono_ms;
	if (seen->verdict == VERDICT_UNKNOWN)
		return;
	item->known = *seen;
	item->known_ms = mono_ms;
	if (seen->verdict == VERDICT_OK)
		item->good_ms = mono_ms;
}

/* "no longer known: no answer in time" */
static void
say_unknown(const struct readiness_item *item, uint64_t mono_ms,
    struct readiness_opinion *out)
{
	char span[CLOCK_SPAN_SIZE];
	const char *detail = item->last.detail[0] != '\0'
	    ? item->last.detail
	    : reason_text(item->last.reason);

	if (item->known_ms == 0)
		snprintf(out->why, sizeof(out->why), "not known: %s", detail);
	else
		snprintf(out->why, sizeof(out->why), "not known for %s: %s",
		    clock_span(mono_ms - item->known_ms, span), detail);
}

void
readiness_judge_item(enum readiness_what what,
    const struct readiness_item *item, const struct readiness_ages *ages,
    uint64_t mono_ms, struct readiness_opinion *out)
{
	uint64_t age = what == READINESS_CANARY ? ages->canary : ages->look;

	memset(out, 0, sizeof(*out));
	if (!item->applies) {
		out->verdict = VERDICT_OK;
	} else if (item->known_ms != 0 && mono_ms - item->known_ms <= age) {
		out->verdict = item->known.verdict;
		out->blocks = item->known.verdict == VERDICT_FAIL;
		if (out->blocks)
			snprintf(out->why, sizeof(out->why), "%s",
			    item->known.detail);
	} else {
		out->verdict = VERDICT_UNKNOWN;
		out->blocks = readiness_end(what) == READINESS_TARGET &&
		    !(what == READINESS_CANARY && item->seen_ms == 0);
		say_unknown(item, mono_ms, out);
	}
}

/* "targets: none is healthy; table-lag: 2m 5s"; what does not fit is cut. */
static void
add_why(
    struct readiness_opinion *out, enum readiness_what what, const char *why)
{
	size_t len = strlen(out->why);

	snprintf(out->why + len, sizeof(out->why) - len, "%s%s: %s",
	    len > 0 ? "; " : "", readiness_name(what), why);
}

/* Each item's opinion into one; those that block, failures first. */
static void
sum_up(const struct readiness_opinion each[READINESS_COUNT],
    struct readiness_opinion *out)
{
	static const enum verdict order[] = { VERDICT_FAIL, VERDICT_UNKNOWN };
	size_t n;
	int i;

	memset(out, 0, sizeof(*out));
	out->verdict = VERDICT_OK;
	for (n = 0; n < sizeof(order) / sizeof(*order); n++) {
		for (i = 0; i < READINESS_COUNT; i++) {
			if (!each[i].blocks || each[i].verdict != order[n])
				continue;
			if (!out->blocks)
				out->verdict = each[i].verdict;
			out->blocks = true;
			add_why(out, (enum readiness_what)i, each[i].why);
		}
	}
}

static void
judge_each(const struct readiness_item *all, const struct readiness_ages *ages,
    uint64_t mono_ms, struct readiness_opinion each[READINESS_COUNT])
{
	int i;

	for (i = 0; i < READINESS_COUNT; i++)
		readiness_judge_item(
		    (enum readiness_what)i, &all[i], ages, mono_ms, &each[i]);
}

void
readiness_judge(const struct readiness_item *all,
    const struct readiness_ages *ages, uint64_t mono_ms,
    struct readiness_opinion *out)
{
	struct readiness_opinion each[READINESS_COUNT];

	judge_each(all, ages, mono_ms, each);
	sum_up(each, out);
}

void
readiness_judge_target(const struct readiness_item *all,
    const struct readiness_ages *ages, uint64_t mono_ms,
    struct readiness_opinion *out)
{
	struct readiness_opinion each[READINESS_COUNT];
	int i;

	judge_each(all, ages, mono_ms, each);
	for (i = 0; i < READINESS_COUNT; i++)
		if (items[i].end == READINESS_SOURCE)
			each[i].blocks = false;
	sum_up(each, out);
}

void
readiness_judge_arrived(const struct readiness_item *all,
    const struct readiness_ages *ages, uint64_t mono_ms,
    struct readiness_opinion *out)
{
	struct readiness_opinion each[READINESS_COUNT];
	int i;

	judge_each(all, ages, mono_ms, each);
	for (i = 0; i < READINESS_COUNT; i++) {
		if (items[i].end != READINESS_SOURCE)
			each[i].blocks = false;
		else if (each[i].verdict == VERDICT_UNKNOWN)
			each[i].blocks = all[i].last.reason != REASON_NO_DATA;
	}
	sum_up(each, out);
}
