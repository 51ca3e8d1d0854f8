/* SPDX-License-Identifier: MIT
 *
 * What drd does without a daemon: plan, apply, drift.
 */
#ifndef DRD_DAEMON_VERBS_H
#define DRD_DAEMON_VERBS_H

#include <stdbool.h>

struct config;

enum verb { VERB_PLAN, VERB_DRIFT, VERB_APPLY };

enum { EXIT_CLEAN = 0, EXIT_FAULT = 1, EXIT_CHANGES = 2 };

struct verb_options {
	enum verb verb;
	const char *stack; /* NULL: all */
	bool json;	   /* plan and drift */
	bool yes;	   /* apply without asking */
};

/*
 * Prints to stdout, errors to stderr.  Returns the exit status: 0 clean (or
 * applied), 2 there are changes (plan, drift; apply: declined), 1 an error.
 */
int verb_run(const struct config *config, const struct verb_options *options);

#endif
