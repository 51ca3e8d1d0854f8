/* SPDX-License-Identifier: MIT
 *
 * A kind: one sort of AWS object, as a table.
 *
 * A kind says how its object is read and which single-request writes bring
 * it to what is wanted.  It does no I/O: trees in, trees out.  Steps are
 * tried in order; the engine sends the first that applies and looks again,
 * until nothing differs.  What is wanted is spelled the way AWS replies, so
 * one comparison serves plan, drift, apply and the daemon.
 */
#ifndef DRD_STACK_KIND_H
#define DRD_STACK_KIND_H

#include <stdbool.h>

#include "aws/service.h"
#include "base/error.h"
#include "base/tree.h"

/* How a paged reply says that there is more, and how to ask for it. */
struct kind_page {
	const char *from; /* member of the reply: "NextMarker" */
	const char *to;	  /* member of the next request: "Marker" */
};

/*
 * A read.  Equal reads of one pass (same operation, region and input) are
 * sent once and shared; all pages are fetched, or the read has failed.
 */
struct kind_read {
	const char *operation; /* NULL: there is none */
	const char *template;  /* REST protocols: see aws/wire.h */
	const struct kind_page *pages; /* ends with .from NULL; NULL: one page */
	const char *items; /* path of the list that the pages extend */
	/* Members to send; new tree.  `have` is NULL in the first read. */
	json_t *(*input)(const json_t *want, const json_t *have);
	/*
	 * Find our object in the reply: a new tree in *have, or *have NULL
	 * when the reply proves it absent.  -1 (ERROR_BROKEN): the reply does
	 * not say, or two objects claim to be ours: fail, never choose.
	 */
	int (*have)(const json_t *want, const json_t *reply, json_t **have,
	    struct error *e);
};

struct kind_step {
	const char *operation; /* NULL ends the table */
	const char *template;
	bool absent;	     /* applies when the object is not there, ... */
	const char *differs; /* ... else when one of these members does */
	/*
	 * Members to send; new tree.  `token` is unique to this attempt, for
	 * APIs that want one.  NULL function: the wanted tree as it is.
	 */
	json_t *(*input)(const json_t *want, const json_t *have,
	    const char *token);
	const char *why; /* "not there yet": the sentence that is logged */
};

struct kind {
	const char *name; /* "sns-topic": in plans, logs and the manual */
	enum service service;
	struct kind_read look;
	/*
	 * A second read that puts {"Tags": {key: value}} into `have`; it is
	 * part of looking because ownership decides whether we may write.
	 * Kinds without tags of their own say how they are ours in `owned`.
	 */
	struct kind_read tags;
	/* NULL: owned if Tags hold the wanted drd:stack and drd:owner. */
	bool (*owned)(const json_t *want, const json_t *have);
	/* false: a change is still landing, wait and look again. */
	bool (*settled)(const json_t *have);
	const struct kind_step *steps;
	const char *sets;    /* members whose lists have no order */
	const char *ignores; /* members of want that are not compared (what
				identifies the object, not what it is) */
	const char *secrets; /* members never shown */
};

extern const struct kind kind_hosted_zone;
extern const struct kind kind_health_check;
extern const struct kind kind_record;
extern const struct kind kind_alarm;
extern const struct kind kind_topic;
extern const struct kind kind_topic_policy;
extern const struct kind kind_parameter;
extern const struct kind kind_load_balancer; /* read only: found, not made */

#endif
