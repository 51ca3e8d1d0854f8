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
	/* Ends with .from NULL; NULL: there is one page. */
	const struct kind_page *pages;
	const char *items; /* path of the list that the pages extend */
	/* Sorted lists: nothing on later pages can be ours.  NULL: read all. */
	bool (*enough)(const json_t *input, const json_t *page);
	/* Error codes that prove the object absent; others are failed reads. */
	const char *absent;
	/* Members to send; new tree.  `have` is NULL in the first read. */
	json_t *(*input)(const json_t *want, const json_t *have);
	/*
	 * First read: find our object in the reply: a new tree in *have, or
	 * *have NULL when the reply proves it absent.  Later reads add
	 * members to *have.  -1 (ERROR_BROKEN): the reply does not say, or
	 * two objects claim to be ours: fail, never choose.
	 */
	int (*have)(const json_t *want, const json_t *reply, json_t **have,
	    struct error *e);
};

/*
 * A write.  In one pass the engine sends a create once and any other step
 * until AWS has accepted it, but the client below retries: a create must name
 * its object, or carry the token, so that the same request twice makes one
 * object.
 */
struct kind_step {
	const char *operation; /* NULL ends the table */
	const char *template;
	bool absent;	     /* applies when the object is not there, ... */
	const char *differs; /* ... else when one of these members does */
	/*
	 * Members to send; new tree.  `token` is unique to this attempt, for
	 * APIs that want one.  `have` is NULL if the object is not there.
	 */
	json_t *(*input)(
	    const json_t *want, const json_t *have, const char *token);
	const char *why; /* "not there yet": the sentence that is logged */
};

struct kind {
	const char *name; /* "sns-topic": in plans, logs and the manual */
	enum service service;
	struct kind_read look;
	/* More facts about what `look` found, when one reply has not all. */
	struct kind_read detail;
	/*
	 * Puts {"Tags": {key: value}} into `have`.  Part of looking, because
	 * ownership decides whether we may write; left out when the node
	 * wants no tags.
	 */
	struct kind_read tags;
	/*
	 * May we write it?  NULL: if its Tags hold the wanted drd:stack and
	 * drd:owner.
	 */
	bool (*owned)(const json_t *want, const json_t *have);
	/* false: a change is still landing, wait and look again. */
	bool (*settled)(const json_t *have);
	const struct kind_step *steps; /* NULL: found, never made */
	const char *sets;	       /* members whose lists have no order */
	const char *exact;   /* members that are whole documents: what is not
				wanted must not be there */
	const char *ignores; /* members of want that are not compared (what
				identifies the object, not what it is) */
	const char *secrets; /* members never shown */
	/* What to do about a difference that no step can mend. */
	const char *advice;
	/* Nodes with the same value here are written one after another. */
	const char *one_at_a_time;
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
