/* SPDX-License-Identifier: MIT
 *
 * Which IAM actions each call of drd needs, and on what.
 *
 * Source: Service Authorization Reference, "Actions, resources, and condition
 * keys", one page a service; the rows follow its tables.
 */
#ifndef DRD_DAEMON_POLICY_TABLE_H
#define DRD_DAEMON_POLICY_TABLE_H

#include <stddef.h>

#include "aws/service.h"

enum policy_condition {
	POLICY_ANY,
	POLICY_OURS,	  /* the object carries our tags */
	POLICY_NEW,	  /* the request gives it our tags */
	POLICY_CREATING,  /* EC2: tags, but only while it is made */
	POLICY_TO_LAMBDA, /* a role is passed to ... */
	POLICY_TO_S3,
	POLICY_LINKED, /* a service makes its own role, once an account */
	POLICY_FEED,   /* data of our own name space */
};

struct policy_row {
	enum service service;
	const char *operations; /* separated by spaces */
	/* NULL: those of the same names; "": none is needed. */
	const char *actions;
	/*
	 * Behind "arn:PARTITION:", or "*".  {region}, {account}; {suffix} is
	 * the stack's, {name} the node's name, {Member} a member that it wants, {node/x} the name of
	 * node x of the region, or of the stack; {names} is what the names of
	 * all of the region's objects begin with.
	 */
	const char *resource;
	enum policy_condition condition;
};

extern const struct policy_row policy_rows[]; /* .operations NULL ends */

/* "elasticloadbalancing": what stands before the colon of an action. */
const char *policy_prefix(enum service service);

#endif
