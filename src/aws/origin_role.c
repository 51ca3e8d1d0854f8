/* SPDX-License-Identifier: MIT
 *
 * Roles, read and checked before STS is asked for one.
 *
 * Source: STS API Reference, AssumeRole (lengths, characters, duration).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "aws/origin_role.h"
#include "base/mem.h"
#include "base/text.h"

#define SESSION "drd" /* what AWS's log calls us, unless told otherwise */
#define SESSION_CHARS                                          \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789_+=,.@-"

enum {
	DURATION_MIN = 900, /* seconds */
	DURATION_MAX = 43200,
	ARN_MAX = 2048,
	SESSION_MIN = 2,
	SESSION_MAX = 64,
};

static int
bad(const char *where, const char *what, struct error *e)
{
	return error_set(
	    e, ERROR_DENIED, "NoCredentials", "%s: %s", where, what);
}

static int
take_duration(
    struct role *role, const char *value, const char *where, struct error *e)
{
	unsigned long seconds = 0;

	if (value == NULL)
		return 0;
	if (strlen(value) <= 5 && strspn(value, "0123456789") == strlen(value))
		seconds = strtoul(value, NULL, 10);
	if (seconds < DURATION_MIN || seconds > DURATION_MAX)
		return bad(where,
		    "duration_seconds is not a number from 900 to 43200", e);
	role->duration_s = (unsigned)seconds;
	return 0;
}

static int
take_names(struct role *role, const char *arn, const char *session,
    const char *where, struct error *e)
{
	size_t len;

	if (session == NULL)
		session = SESSION;
	len = strlen(session);
	if (arn == NULL)
		return bad(where, "a web identity, but no role_arn", e);
	if (!text_starts(arn, "arn:") || strlen(arn) > ARN_MAX ||
	    !creds_is_plain(arn))
		return bad(where, "role_arn is not an ARN", e);
	if (len < SESSION_MIN || len > SESSION_MAX ||
	    strspn(session, SESSION_CHARS) != len)
		return bad(where,
		    "the role's session name is not 2 to 64 letters, digits "
		    "or _+=,.@-",
		    e);
	role->arn = mem_strdup(arn);
	role->session = mem_strdup(session);
	return 0;
}

static int
check_way(const struct profile *profile, const char *where, struct error *e)
{
	if (profile->token_file != NULL)
		return 0;
	if (profile->mfa_serial != NULL)
		return bad(where,
		    "its role wants a person with a token (mfa_serial)", e);
	if (profile->source_profile == NULL &&
	    profile->credential_source == NULL)
		return bad(where,
		    "role_arn needs source_profile or credential_source", e);
	if (profile->source_profile != NULL &&
	    profile->credential_source != NULL)
		return bad(where,
		    "source_profile and credential_source exclude each other",
		    e);
	return 0;
}

int
role_of_profile(struct role *role, const struct profile *profile,
    const char *name, struct error *e)
{
	char *where = mem_printf("profile %.64s", name);
	int rc = -1;

	if (check_way(profile, where, e) == 0 &&
	    take_names(role, profile->role_arn, profile->session, where, e) ==
		0 &&
	    take_duration(role, profile->duration, where, e) == 0) {
		if (profile->external_id != NULL)
			role->external_id = mem_strdup(profile->external_id);
		if (profile->token_file != NULL)
			role->token_file = mem_strdup(profile->token_file);
		rc = 0;
	}
	free(where);
	return rc;
}

int
role_of_environment(struct role *role, const char *file, struct error *e)
{
	const char *arn = profile_variable("AWS_ROLE_ARN");

	if (arn == NULL)
		return bad("AWS_WEB_IDENTITY_TOKEN_FILE",
		    "is set, but AWS_ROLE_ARN is not", e);
	if (take_names(role, arn, profile_variable("AWS_ROLE_SESSION_NAME"),
		"AWS_ROLE_ARN", e) != 0)
		return -1;
	role->token_file = mem_strdup(file);
	return 0;
}

void
role_release(struct role *role)
{
	free(role->arn);
	free(role->session);
	mem_free_secret(role->external_id);
	free(role->token_file);
	*role = (struct role){ 0 };
}
