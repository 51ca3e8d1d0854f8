/* SPDX-License-Identifier: MIT
 *
 * Credentials from the environment and the shared files.
 *
 * The chain stops at the first place that names credentials.  Half a pair, or
 * a profile whose credentials drd has no way to get, is an error and not a
 * reason to look further: the operator meant that place, and signing as
 * somebody else would be worse than not signing.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/creds.h"
#include "aws/profile.h"
#include "base/mem.h"
#include "base/text.h"

/* An empty variable counts as none, as it does for the SDKs. */
static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || *value == '\0' ? NULL : value;
}

static const char *
profile_name(void)
{
	const char *name = variable("AWS_PROFILE");

	return name == NULL ? "default" : name;
}

/* Where a shared file is, or NULL: there is no home.  Caller frees. */
static char *
shared_file(const char *name, const char *usual)
{
	const char *home = variable("HOME");
	const char *path = variable(name);

	if (path == NULL)
		return home == NULL ? NULL : mem_printf("%s/%s", home, usual);
	if (text_starts(path, "~/") && home != NULL)
		return mem_printf("%s%s", home, path + 1);
	return mem_strdup(path);
}

static char *
credentials_file(void)
{
	return shared_file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
}

static char *
config_file(void)
{
	return shared_file("AWS_CONFIG_FILE", ".aws/config");
}

/* What can stand in a header: no space, no control character. */
static bool
is_plain(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
			return false;
	}
	return true;
}

/* 1: found; 0: not there; -1: half there. */
static int
from_environment(struct creds *creds, struct error *e)
{
	const char *key = variable("AWS_ACCESS_KEY_ID");
	const char *secret = variable("AWS_SECRET_ACCESS_KEY");
	const char *token = variable("AWS_SESSION_TOKEN");

	if (key == NULL && secret == NULL)
		return 0;
	if (key == NULL || secret == NULL)
		return error_set(e, ERROR_DENIED, "NoCredentials",
		    "the environment has %s but not %s",
		    key != NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
		    key != NULL ? "AWS_SECRET_ACCESS_KEY"
				: "AWS_ACCESS_KEY_ID");
	if (!is_plain(key) || !is_plain(secret) ||
	    (token != NULL && !is_plain(token)))
		return error_set(e, ERROR_DENIED, "NoCredentials",
		    "the environment's credentials have a space or a control "
		    "character in them");
	creds->key = mem_strdup(key);
	creds->secret = mem_strdup(secret);
	creds->token = token == NULL ? NULL : mem_strdup(token);
	creds->source = mem_strdup("environment");
	return 1;
}

/* Half a pair, or a way to get credentials that is not ours. */
static int
check_profile(const struct profile *profile, const char *name, const char *path,
    struct error *e)
{
	bool half = (profile->key == NULL) != (profile->secret == NULL);

	if (half)
		return error_set(e, ERROR_DENIED, "NoCredentials",
		    "%s:%u: profile %s has %s but not %s", path, profile->line,
		    name,
		    profile->key != NULL ? "aws_access_key_id"
					 : "aws_secret_access_key",
		    profile->key != NULL ? "aws_secret_access_key"
					 : "aws_access_key_id");
	if (profile->key == NULL && profile->other != NULL)
		return error_set(e, ERROR_DENIED, "NoCredentials",
		    "%s:%u: profile %s gets its credentials by %s, which drd "
		    "does not do: give it a key pair, or put one into the "
		    "environment",
		    path, profile->other_line, name, profile->other);
	if (profile->key != NULL &&
	    (!is_plain(profile->key) || !is_plain(profile->secret) ||
		(profile->token != NULL && !is_plain(profile->token))))
		return error_set(e, ERROR_DENIED, "NoCredentials",
		    "%s:%u: the credentials of profile %s have a space or a "
		    "control character in them",
		    path, profile->line, name);
	return 0;
}

/* 1: found; 0: not there; -1: there, but not usable. */
static int
from_file(const char *path, enum profile_file kind, struct creds *creds,
    struct error *e)
{
	struct profile profile;
	const char *name = profile_name();
	int found = 0;

	if (path == NULL)
		return 0;
	if (profile_read(path, kind, name, &profile, e) != 0)
		return -1;
	if (check_profile(&profile, name, path, e) != 0) {
		found = -1;
	} else if (profile.key != NULL) {
		creds->key = profile.key;
		creds->secret = profile.secret;
		creds->token = profile.token;
		creds->source = mem_printf("profile %s of %s", name, path);
		profile.key = profile.secret = profile.token = NULL;
		found = 1;
	}
	profile_release(&profile);
	return found;
}

static int
none_found(const char *credentials, const char *config, struct error *e)
{
	return error_set(e, ERROR_DENIED, "NoCredentials",
	    "no AWS credentials: %s; and no profile %s with a key pair in %s "
	    "or in %s",
	    variable("AWS_PROFILE") == NULL
		? "AWS_ACCESS_KEY_ID is not in the environment"
		: "AWS_PROFILE is set, so the environment's keys do not count",
	    profile_name(),
	    credentials == NULL ? "~/.aws/credentials (no HOME)" : credentials,
	    config == NULL ? "~/.aws/config (no HOME)" : config);
}

int
creds_load(struct creds *creds, struct error *e)
{
	char *credentials = credentials_file();
	char *config = config_file();
	int found = 0;

	*creds = (struct creds){ 0 };
	if (variable("AWS_PROFILE") == NULL)
		found = from_environment(creds, e);
	if (found == 0)
		found =
		    from_file(credentials, PROFILE_IN_CREDENTIALS, creds, e);
	if (found == 0)
		found = from_file(config, PROFILE_IN_CONFIG, creds, e);
	if (found == 0)
		found = none_found(credentials, config, e);
	free(credentials);
	free(config);
	return found == 1 ? 0 : -1;
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
	    profile_read(path, kind, profile_name(), &profile, NULL) != 0)
		return NULL;
	region = profile.region;
	profile.region = NULL;
	profile_release(&profile);
	return region;
}

char *
creds_region(void)
{
	const char *named = variable("AWS_REGION");
	char *path;
	char *region;

	if (named == NULL)
		named = variable("AWS_DEFAULT_REGION");
	if (named != NULL)
		return mem_strdup(named);
	path = config_file();
	region = region_in(path, PROFILE_IN_CONFIG);
	free(path);
	if (region != NULL)
		return region;
	path = credentials_file();
	region = region_in(path, PROFILE_IN_CREDENTIALS);
	free(path);
	return region;
}
