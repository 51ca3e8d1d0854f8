/* SPDX-License-Identifier: MIT
 *
 * Where the credentials come from: a source, and roles to assume after it.
 *
 * This is found out once, from the environment and the shared files; chain.c
 * then goes there again and again.  The search stops at the first place that
 * names credentials, in the order of the table in origin.c, which is the
 * SDKs'.  Sources: AWS SDKs and Tools Reference, "Credential provider chain",
 * "Assume role credential provider"; botocore/credentials.py.
 */
#ifndef DRD_AWS_ORIGIN_H
#define DRD_AWS_ORIGIN_H

#include <stdbool.h>

#include "aws/creds.h"
#include "aws/profile.h"
#include "base/error.h"

struct source;

enum { ORIGIN_ROLES_MAX = 8 };

struct role {
	char *arn;
	char *session;	     /* its name in AWS's log */
	char *external_id;   /* or NULL */
	char *token_file;    /* of a web identity, or NULL */
	unsigned duration_s; /* 0: STS's default, an hour */
};

struct origin {
	const struct source *source;
	struct profile profile; /* the chosen one, both files merged */
	struct creds creds;	/* of a source that simply has them */
	struct role web;	/* of a web identity */
	char *process;		/* of a credential process: the command */
	struct role roles[ORIGIN_ROLES_MAX]; /* the last one is assumed first */
	size_t role_count;
	char *text; /* for people: "environment", "role arn:... by ..." */
};

/*
 * -1: no place names credentials, or the one that does cannot be used.
 * origin_release is right after either.
 */
int origin_find(struct origin *origin, struct error *e);

/* Nobody named it: it is the machine's own role, if it has one. */
bool origin_is_guess(const struct origin *origin);
void origin_release(struct origin *origin); /* wipes */

#endif
