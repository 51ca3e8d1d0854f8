/* SPDX-License-Identifier: MIT
 *
 * Acting: the effects of one change of the active region, to the end.
 *
 * Laws kept here: the change is in the journal before act_start is called
 * (5); the region that becomes active comes first, the other one's
 * parameters are written only after its, and are retried until they succeed,
 * across restarts, and never waited for (7); only SSM and SNS are called, in
 * existing objects, data plane (4); every effect may be repeated, a retry
 * first looks whether the value is there already, and yields to a higher
 * epoch (6).
 *
 * Effects that do not depend on each other are in flight together.
 */
#ifndef DRD_FAILOVER_ACT_H
#define DRD_FAILOVER_ACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"

struct act;
struct aws;
struct journal;
struct loop;

enum effect_kind {
	EFFECT_PARAMETER, /* SSM PutParameter, read back */
	EFFECT_NOTICE,	  /* SNS Publish, at least once, with a step key */
	EFFECT_DNS,	  /* nothing is done: watch the name servers move */
};

enum effect_state {
	EFFECT_PLANNED,
	EFFECT_SENT,	 /* a call left; its outcome may be unknown */
	EFFECT_VERIFIED, /* confirmed: read back, message id, DNS answers */
	EFFECT_GIVEN_UP, /* superseded by a higher epoch: text says so */
};

struct effect {
	char key[96]; /* "us-west-2/parameter-active": step key and journal */
	enum effect_kind kind;
	char region[32];
	char target[256]; /* parameter name, topic ARN, failover name */
	char *value;	  /* to write or to publish; NULL for DNS */
	bool leads;	  /* of the region that becomes active: the change is
			     complete for users when all of these are, notices
			     and DNS excepted */
	enum effect_state state;
	unsigned attempts;
	int64_t sent_ms;     /* wall, of the first attempt; 0 */
	int64_t verified_ms; /* wall; 0 */
	char note[192];	     /* message id, version, or the last error */
};

/* A change of the active region: a decision and its effects. */
struct change {
	uint64_t epoch;
	char from[32];
	char to[32];
	bool failback;
	char cause[16];	  /* "automatic", "operator" */
	char reason[512]; /* the sentence: why */
	int64_t decided_ms; /* wall */
	int64_t first_fail_ms; /* wall: the first of the failing polls, or 0 */
	struct effect *effects;
	size_t count;
};

/* What following DNS needs; strings borrowed for the life of the act. */
struct act_dns {
	const char *record; /* the failover name; NULL: do not follow */
	const char *const *servers;
	size_t server_count;
	const char *resolver;	    /* NULL: the system's */
	const char *target_balancer; /* DNS name of the region that leads */
};

struct act_options {
	struct act_dns dns;
	uint64_t retry_cap_ms;	 /* longest wait between tries; 30 s */
	uint64_t call_ms;	 /* limit on one call; 5 s */
	/* After each step, journalled already; `effect` borrowed. */
	void (*on_step)(const struct effect *effect, void *arg);
	/* Once, when all leading parameters are verified. */
	void (*on_lead)(void *arg);
	/* Once, when nothing is pending any more. */
	void (*on_settled)(void *arg);
	void *arg;
};

/* Records of the journal and back; `change` is filled, change_release. */
json_t *change_record(const struct change *change); /* new tree */
int change_read(const json_t *record, struct change *out, struct error *e);
json_t *effect_record(const struct change *change,
    const struct effect *effect); /* new tree */
/* Apply an effect record to the change of the same epoch; else nothing. */
void change_replay(struct change *change, const json_t *effect_record);
void change_release(struct change *change);

bool change_leads_done(const struct change *change); /* parameters verified */
bool change_settled(const struct change *change);
size_t change_pending(const struct change *change);

const char *effect_kind_name(enum effect_kind kind);
const char *effect_state_name(enum effect_state state);

/* `change` is borrowed and updated in place; it is in the journal already. */
struct act *act_start(struct loop *loop, struct aws *aws,
    struct journal *journal, struct change *change,
    const struct act_options *options);

/* Stop where it is; the journal knows the rest.  No callback runs after. */
void act_cancel(struct act *act);

#endif
