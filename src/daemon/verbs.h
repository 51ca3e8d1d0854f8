/* SPDX-License-Identifier: MIT
 *
 * What drd does without a daemon: plan, apply, drift, destroy, outputs,
 * policy.
 */
#ifndef DRD_DAEMON_VERBS_H
#define DRD_DAEMON_VERBS_H

#include <stdbool.h>

struct config;

enum verb {
	VERB_PLAN,
	VERB_DRIFT,
	VERB_APPLY,
	VERB_DESTROY,
	VERB_OUTPUTS,
	VERB_POLICY,
};

enum { EXIT_CLEAN = 0, EXIT_FAULT = 1, EXIT_CHANGES = 2 };

struct verb_options {
	enum verb verb;
	const char *stack;	 /* NULL: all */
	bool json;		 /* plan, drift and outputs */
	bool yes;		 /* apply without asking */
	bool adopt;		 /* plan and apply */
	const char *yes_destroy; /* the name of the stack, or NULL: ask */
	bool online;		 /* check */
	bool strict;		 /* check */
	bool failover;		 /* plan: the calls of a failover */
	bool failback;		 /* plan: those of the way back */
	bool read_only;		 /* policy */
	const char *account;	 /* policy; NULL: ask AWS */
};

const char *verb_name(enum verb verb);

/*
 * Prints to stdout, errors to stderr.  Returns the exit status: 0 clean, or
 * done; 2 there are changes (plan, drift), or what is only observed differs
 * (apply), the answer was no (apply, destroy) or a value is not there
 * (outputs); 1 an error.
 */
int verb_run(const struct config *config, const struct verb_options *options);

#endif
