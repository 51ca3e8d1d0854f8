/* SPDX-License-Identifier: MIT
 *
 * One profile of a shared AWS file: an INI section and the keys drd knows.
 *
 * `[name]` in the credentials file; `[profile name]`, or `[default]`, in the
 * config file.  A line that begins with '#' or ';' is a comment, an indented
 * line belongs to the key above it.  Values are taken as they are: no quotes,
 * no comment after a value.  The last of two equal keys wins.
 */
#ifndef DRD_AWS_PROFILE_H
#define DRD_AWS_PROFILE_H

#include "base/error.h"

enum profile_file { PROFILE_IN_CREDENTIALS, PROFILE_IN_CONFIG };

struct profile {
	unsigned line; /* of its section, 0: there is no such section */
	char *key;     /* these, and all below: NULL if not given */
	char *secret;
	char *token;
	char *region;
	char *role_arn;
	char *source_profile;
	char *credential_source;
	char *external_id;
	char *duration; /* seconds */
	char *session;
	char *mfa_serial;
	char *token_file;
	char *process;
	const char *other; /* static: a way to credentials that is not ours */
};

/* A variable of the environment; an empty one counts as none, as it does for
   the SDKs. */
const char *profile_variable(const char *name);

/* AWS_PROFILE, else "default". */
const char *profile_chosen(void);

/* Where a shared file is, or NULL: there is no home.  Caller frees. */
char *profile_path(enum profile_file kind);

/*
 * A file that does not exist is a profile without members, and 0.  -1: it
 * cannot be read, is over 1 MiB, or is not an INI file; the error names the
 * file and the line, never a value.
 */
int profile_read(const char *path, enum profile_file kind, const char *name,
    struct profile *out, struct error *e);

/* What both shared files say: the credentials file beats the config file. */
int profile_merged(const char *name, struct profile *out, struct error *e);
void profile_release(struct profile *profile); /* wipes */

#endif
