/* SPDX-License-Identifier: MIT
 *
 * Whose signature: credentials from the environment and the shared files.
 *
 * Order: AWS_ACCESS_KEY_ID and friends, unless AWS_PROFILE is set; then the
 * profile (AWS_PROFILE, else "default") in the shared credentials file
 * (AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials), then in the config
 * file (AWS_CONFIG_FILE, else ~/.aws/config).  A failed reload never drops
 * credentials that work.  Source: AWS SDKs and Tools Reference, "Credential
 * provider chain", "Shared config and credentials files".
 */
#ifndef DRD_AWS_CREDS_H
#define DRD_AWS_CREDS_H

#include "base/error.h"

struct creds {
	char *key;    /* access key id: may be logged */
	char *secret; /* never logged, wiped on release */
	char *token;  /* session token or NULL: like the secret */
	char *source; /* for people: "environment", "profile dr of /..." */
};

/*
 * Find credentials now.  -1: none, and the error lists where it looked.
 * Reads files: start-up and reload only (small local files; not in a poll).
 */
int creds_load(struct creds *creds, struct error *e);
void creds_release(struct creds *creds);

/*
 * The region the environment names: AWS_REGION, AWS_DEFAULT_REGION, else the
 * profile's; caller frees, NULL if none.
 */
char *creds_region(void);

#endif
