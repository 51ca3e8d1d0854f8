/* SPDX-License-Identifier: MIT
 *
 * A notice: what subscribers to a stack's topics are told.
 *
 * Delivery is at least once.  The attributes drd_stack, drd_epoch and
 * drd_step name a message: the same three are the same message, and a lower
 * epoch than one already seen is old news.  drd_event is there for filter
 * policies.  Programs get the JSON document, people a text made from it.
 * Pure.
 */
#ifndef DRD_FAILOVER_NOTICE_H
#define DRD_FAILOVER_NOTICE_H

#include <stdint.h>

#include "base/text.h"
#include "base/tree.h"

enum notice_event {
	/* Of a change of the active region. */
	NOTICE_DETECTED, /* the primary fails, one more poll decides */
	NOTICE_STARTED,
	NOTICE_STEP_FAILED, /* an effect does not get done */
	NOTICE_COMPLETED,
	NOTICE_ACK_NEEDED,
	NOTICE_FAILED_BACK,
	NOTICE_BLOCKED, /* a failover is due, and a gate is shut */
	NOTICE_ADVISED, /* a failover is due, and drd only advises */
	/* Of the controller itself. */
	NOTICE_ISOLATED,  /* the standby region does not answer */
	NOTICE_NOT_READY, /* the standby region could not take over */
	NOTICE_BLIND,	  /* every trigger has been unknown for long */
	NOTICE_APART,	  /* the planes disagree about who is active */
	NOTICE_TROUBLE,	  /* something keeps it from deciding */
	NOTICE_BRAKED,
	NOTICE_CLOCK_JUMPED,
	NOTICE_CANARY, /* nothing: see canary.h */
	NOTICE_COUNT
};

/* What gives way to what when too much waits to be told. */
enum notice_rank {
	NOTICE_RANK_CONTROLLER, /* goes first */
	NOTICE_RANK_WARNING,
	NOTICE_RANK_CHANGE, /* goes last */
};

/* All borrowed; what is NULL or 0 is left out of the document. */
struct notice {
	enum notice_event event;
	const char *stack;
	uint64_t epoch;
	const char *region; /* of the topic */
	const char *step;   /* the step key */
	const char *audit;  /* id of the order or decision behind it */
	int64_t at_ms;	    /* wall */
	const char *from;   /* regions of the change */
	const char *to;
	const char *cause;     /* "automatic", "operator uid 1000" */
	const char *reason;    /* the sentence */
	int64_t recovery_ms;   /* see recovery.h */
	int64_t rto_target_ms; /* to compare it with */
};

const char *notice_event_name(enum notice_event event); /* "STARTED" */
enum notice_rank notice_rank(enum notice_event event);

/* NOTICE_COUNT: no such name; `name` may be NULL. */
enum notice_event notice_event_of(const char *name);

/* The document, schema "drd.notice/1"; caller frees. */
char *notice_write(const struct notice *notice);

/* The same for people: what, why, what to do; of any such document. */
void notice_text(const json_t *document, struct text *out);

/*
 * The input of Publish to the topic `arn`; new tree.  `value` is a document;
 * `step` its key, and `epoch` the one to tell if it has none.
 */
json_t *notice_input(
    const char *arn, const char *step, const char *value, uint64_t epoch);

#endif
