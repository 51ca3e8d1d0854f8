/* SPDX-License-Identifier: MIT
 *
 * Credentials from the environment and the shared files.
 *
 * Half a pair is an error and not a reason to look further: the operator meant
 * that place, and signing as somebody else would be worse than not signing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/creds.h"
#include "base/mem.h"

bool
creds_is_plain(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
			return false;
	}
	return true;
}

int
creds_from_environment(struct creds *creds, struct error *e)
{
	const char *key = profile_variable("AWS_ACCESS_KEY_ID");
	const char *secret = profile_variable("AWS_SECRET_ACCESS_KEY");
	const char *token = profile_variable("AWS_SESSION_TOKEN");

	if (key == NULL && secret == NULL)
		return 0;
	if (key == NULL || secret == NULL)
		return error_set(e, ERROR_DENIED, "NoCredentials",
		    "the environment has %s but not %s",
		    key != NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
		    key != NULL ? "AWS_SECRET_ACCESS_KEY"
				: "AWS_ACCESS_KEY_ID");
	if (!creds_is_plain(key) || !creds_is_plain(secret) ||
	    (token != NULL && !creds_is_plain(token)))
		return error_set(e, ERROR_DENIED, "NoCredentials",
		    "the environment's credentials have a space or a control "
		    "character in them");
	creds->key = mem_strdup(key);
	creds->secret = mem_strdup(secret);
	creds->token = token == NULL ? NULL : mem_strdup(token);
	creds->source = mem_strdup("environment");
	return 1;
}

int
creds_check_pair(const struct profile *profile, const char *where,
    const char *name, struct error *e)
{
	bool half = (profile->key == NULL) != (profile->secret == NULL);

	if (half)
		return error_set(e, ERROR_DENIED, "NoCredentials",
		    "%sprofile %s has %s but not %s", where, name,
		    profile->key != NULL ? "aws_access_key_id"
					 : "aws_secret_access_key",
		    profile->key != NULL ? "aws_secret_access_key"
					 : "aws_access_key_id");
	if (profile->key != NULL &&
	    (!creds_is_plain(profile->key) ||
		!creds_is_plain(profile->secret) ||
		(profile->token != NULL && !creds_is_plain(profile->token))))
		return error_set(e, ERROR_DENIED, "NoCredentials",
		    "%sthe credentials of profile %s have a space or a "
		    "control character in them",
		    where, name);
	return 0;
}

void
creds_take_pair(struct creds *creds, struct profile *profile)
{
	creds->key = profile->key;
	creds->secret = profile->secret;
	creds->token = profile->token;
	profile->key = profile->secret = profile->token = NULL;
}

static int
from_file(const char *path, enum profile_file kind, struct creds *creds,
    struct error *e)
{
	const char *name = profile_chosen();
	struct profile profile;
	char where[160];
	int found = 0;

	if (path == NULL)
		return 0;
	if (profile_read(path, kind, name, &profile, e) != 0)
		return -1;
	snprintf(where, sizeof(where), "%s:%u: ", path, profile.line);
	if (creds_check_pair(&profile, where, name, e) != 0) {
		found = -1;
	} else if (profile.key != NULL) {
		creds_take_pair(creds, &profile);
		creds->source = mem_printf("profile %s of %s", name, path);
		found = 1;
	}
	profile_release(&profile);
	return found;
}

int
creds_from_file(enum profile_file kind, struct creds *creds, struct error *e)
{
	char *path = profile_path(kind);
	int found = from_file(path, kind, creds, e);

	free(path);
	return found;
}

void
creds_release(struct creds *creds)
{
	free(creds->key);
	mem_free_secret(creds->secret);
	mem_free_secret(creds->token);
	free(creds->source);
	*creds = (struct creds){ 0 };
}

/* The region of the profile in one file, or NULL; caller frees. */
static char *
region_in(const char *path, enum profile_file kind)
{
	struct profile profile;
	char *region;

	if (path == NULL ||
	    profile_read(path, kind, profile_chosen(), &profile, NULL) != 0)
		return NULL;
	region = profile.region;
	profile.region = NULL;
	profile_release(&profile);
	return region;
}

char *
creds_region(void)
{
	const char *named = profile_variable("AWS_REGION");
	char *path;
	char *region;

	if (named == NULL)
		named = profile_variable("AWS_DEFAULT_REGION");
	if (named != NULL)
		return mem_strdup(named);
	path = profile_path(PROFILE_IN_CONFIG);
	region = region_in(path, PROFILE_IN_CONFIG);
	free(path);
	if (region != NULL)
		return region;
	path = profile_path(PROFILE_IN_CREDENTIALS);
	region = region_in(path, PROFILE_IN_CREDENTIALS);
	free(path);
	return region;
}
