/* SPDX-License-Identifier: MIT
 *
 * Whose signature: credentials, and the places where they simply lie.
 *
 * Those are the environment (AWS_ACCESS_KEY_ID and friends) and the profile
 * (AWS_PROFILE, else "default") in the shared credentials file
 * (AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials) and in the config
 * file (AWS_CONFIG_FILE, else ~/.aws/config).  The order of all places is
 * origin.c's matter.  Source: AWS SDKs and Tools Reference, "Shared config and
 * credentials files".
 */
#ifndef DRD_AWS_CREDS_H
#define DRD_AWS_CREDS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/profile.h"
#include "base/error.h"

struct creds {
	char *key;    /* access key id: may be logged */
	char *secret; /* never logged, wiped on release */
	char *token;  /* session token or NULL: like the secret */
	char *source; /* for people: "environment", "profile dr of /..." */
	int64_t expires_ms; /* wall; 0: never */
};

/*
 * These two: 1, found; 0, nothing there; -1, half a pair or an unreadable
 * file.  They read files: start-up and reload only, not in a poll.
 */
int creds_from_environment(struct creds *creds, struct error *e);
int
creds_from_file(enum profile_file kind, struct creds *creds, struct error *e);

/* The pair of a profile: whole and fit for a header?  `where` begins the
   error.  Then take it out of the profile. */
int creds_check_pair(const struct profile *profile, const char *where,
    const char *name, struct error *e);
void creds_take_pair(struct creds *creds, struct profile *profile);

/* What can stand in a header: no space, no control character. */
bool creds_is_plain(const char *s);

void creds_release(struct creds *creds);

/*
 * The region the environment names: AWS_REGION, AWS_DEFAULT_REGION, else the
 * profile's; caller frees, NULL if none.
 */
char *creds_region(void);

#endif
