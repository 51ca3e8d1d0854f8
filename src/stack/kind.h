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
	/* Of a detail: is it needed for this one?  NULL: for every object. */
	bool (*needed)(const json_t *want);
	/* Ends with .from NULL; NULL: there is one page. */
	const struct kind_page *pages;
	const char *items; /* path of the list that the pages extend */
	/* Sorted lists: nothing on later pages can be ours.  NULL: read all. */
	bool (*enough)(const json_t *input, const json_t *page);
	/*
	 * Error codes that prove the object absent; others are failed reads.
	 * In a later read they prove that the object has none of this: `have`
	 * is then given a reply that is NULL.
	 */
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
 * object.  Where the API has neither, the create is marked `once`.
 */
struct kind_step {
	const char *operation; /* NULL ends the table */
	const char *template;
	bool absent;	     /* applies when the object is not there, ... */
	const char *differs; /* ... else when one of these members does */
	/* ... and only if this holds, too; NULL: it does. */
	bool (*when)(const json_t *want, const json_t *have);
	/*
	 * Members to send; new tree.  `token` is unique to this attempt, for
	 * APIs that want one.  `have` is NULL if the object is not there.
	 */
	json_t *(*input)(
	    const json_t *want, const json_t *have, const char *token);
	const char *why; /* "not there yet": the sentence that is logged */
	/*
	 * Path of the member of `input` that names a file: {"Path":,
	 * "Sha256":}.  Its content is sent there, as base64.  NULL: none does.
	 */
	const char *file;
	/*
	 * Does this refusal only mean "not yet" (a role that cannot be
	 * assumed so soon)?  Then it is sent again later.  NULL: none does.
	 */
	bool (*early)(const struct error *e);
	bool once;    /* the client must not retry it: see above */
	bool deletes; /* takes something away: only where that is allowed */
};

/* What an error of AWS's means here, and what to do about it. */
struct kind_hint {
	const char *code; /* NULL ends the list */
	const char *what; /* put behind the error's text */
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
	 * May we write it?  NULL: if its Tags say that it is ours (owner.h).
	 */
	bool (*owned)(const json_t *want, const json_t *have);
	/*
	 * Not ours, but as good as ours would be?  Then it is used as it is,
	 * never changed or removed.  NULL: what is not ours is in the way.
	 */
	bool (*shared)(const json_t *want, const json_t *have);
	/*
	 * 0: AWS has finished with it.  -1, ERROR_AGAIN: not yet, and `e`
	 * says what it is busy with ("State is Pending"): nothing is written
	 * meanwhile, and whoever refers to the object waits.  -1, any other
	 * class: time will not mend it.  NULL: it never takes its time.
	 */
	int (*landed)(const json_t *want, const json_t *have, struct error *e);
	/*
	 * What is left for a person to do about an object that is as wanted:
	 * a sentence's part, borrowed.  NULL (or a NULL function): nothing.
	 */
	const char *(*note)(const json_t *have);
	const struct kind_step *steps; /* NULL: found, never made */
	/*
	 * How it is removed: the first step whose `when` holds is sent, again
	 * and again, until the object is not there.  NULL: it goes when what
	 * it is a part of goes.
	 */
	const struct kind_step *removal;
	/*
	 * A part of the look before a removal: what has to go first.  -1:
	 * something is in the way that is not ours to remove, and `e` says
	 * what; the object stays.
	 */
	struct kind_read remains;
	/*
	 * Nothing that we choose is unique about the object (a VPC, a zone):
	 * sent twice, its create makes two, and AWS sees nothing wrong.
	 */
	bool nameless;
	/*
	 * Member of `have` with the ARN under which the tagging API lists the
	 * object: one listing then serves instead of a read of tags each.
	 * NULL: it does not list this kind.
	 */
	const char *arn;
	const char *sets;    /* members whose lists have no order */
	const char *exact;   /* members that are whole documents: what is not
				wanted must not be there */
	const char *ignores; /* members of want that are not compared (what
				identifies the object, not what it is) */
	const char *secrets; /* members never shown */
	/* What to do about a difference that no step can mend. */
	const char *advice;
	const struct kind_hint *hints; /* NULL: AWS's words are enough */
	/* Nodes with the same value here are written one after another. */
	const char *one_at_a_time;
};

/* kinds/account.c: who we are; read only */
extern const struct kind kind_account;

/* kinds/network_*.c */
extern const struct kind kind_zones; /* availability zones; read only */
extern const struct kind kind_vpc;
extern const struct kind kind_vpc_dns_support;
extern const struct kind kind_vpc_dns_hostnames;
extern const struct kind kind_subnet;
extern const struct kind kind_gateway;
extern const struct kind kind_gateway_attachment;
extern const struct kind kind_route_table;
extern const struct kind kind_route;
extern const struct kind kind_route_association;
extern const struct kind kind_security_group;
extern const struct kind kind_security_rule;
extern const struct kind kind_security_extra; /* rules nobody declared */

/* kinds/role*.c, kinds/function*.c */
extern const struct kind kind_role;
extern const struct kind kind_role_policy;
extern const struct kind kind_function;
extern const struct kind kind_function_concurrency;
extern const struct kind kind_function_permission;

/* kinds/load_balancer*.c, target*.c, listener.c, certificate*.c */
extern const struct kind kind_load_balancer;
extern const struct kind kind_load_balancer_attributes;
extern const struct kind kind_target_group;
extern const struct kind kind_target;
extern const struct kind kind_listener;
extern const struct kind kind_certificate;
extern const struct kind kind_certificate_issued; /* waits; read only */

/* kinds/table*.c */
extern const struct kind kind_table;
extern const struct kind kind_table_replica;
extern const struct kind kind_table_tags;	/* of a replica */
extern const struct kind kind_table_protection; /* of a replica */
extern const struct kind kind_table_backups;

/* kinds/bucket*.c */
extern const struct kind kind_bucket;
extern const struct kind kind_bucket_versioning;
extern const struct kind kind_bucket_encryption;
extern const struct kind kind_bucket_public_access;
extern const struct kind kind_bucket_policy;
extern const struct kind kind_bucket_ownership;
extern const struct kind kind_bucket_lifecycle;
extern const struct kind kind_bucket_replication;

/* Route 53, CloudWatch, SNS, SSM */
extern const struct kind kind_hosted_zone;
extern const struct kind kind_health_check;
extern const struct kind kind_record; /* a failover alias */
extern const struct kind kind_validation_record;
extern const struct kind kind_alarm;
extern const struct kind kind_topic;
extern const struct kind kind_topic_policy;
extern const struct kind kind_subscription;
extern const struct kind kind_parameter;

#endif
