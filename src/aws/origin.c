/* SPDX-License-Identifier: MIT
 *
 * The places where credentials may be named, in their order.
 *
 * A place that is named and cannot be used is an error, and no reason to look
 * further: the operator meant it, and acting as somebody else would be worse
 * than not acting.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/origin.h"
#include "aws/origin_role.h"
#include "aws/source.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/loop.h"

/* ---- a source that simply has them -------------------------------------- */

struct given {
	struct creds creds;
	struct timer *timer;
	source_done *done;
	void *arg;
};

static void
on_given(void *arg)
{
	struct given given = *(struct given *)arg;

	free(arg);
	given.done(&given.creds, NULL, given.arg);
	creds_release(&given.creds);
}

static void *
given_fetch(const struct source_world *world, const struct origin *origin,
    source_done *done, void *arg)
{
	const struct creds *creds = &origin->creds;
	struct given *given = mem_alloc(sizeof(*given));

	given->creds.key = mem_strdup(creds->key);
	given->creds.secret = mem_strdup(creds->secret);
	if (creds->token != NULL)
		given->creds.token = mem_strdup(creds->token);
	given->done = done;
	given->arg = arg;
	given->timer = loop_after(world->loop, 0, on_given, given);
	return given;
}

static void
given_cancel(void *fetch)
{
	struct given *given = fetch;

	timer_cancel(given->timer);
	creds_release(&given->creds);
	free(given);
}

/* ---- the places --------------------------------------------------------- */

/* A profile that is named explicitly beats what the environment holds. */
static bool
profile_is_named(void)
{
	return profile_variable("AWS_PROFILE") != NULL;
}

/* What somebody named and nobody wrote is an error in the end, not a reason
   to be what the machine is. */
static bool
profile_is_missing(const struct origin *origin)
{
	return profile_is_named() && origin->profile.line == 0;
}

static int
in_environment(struct origin *origin, struct error *e)
{
	if (profile_is_named())
		return 0;
	return creds_from_environment(&origin->creds, e);
}

static int
in_environment_whatever(struct origin *origin, struct error *e)
{
	int found = creds_from_environment(&origin->creds, e);

	return found != 0 ? found
			  : error_set(e, ERROR_DENIED, "NoCredentials",
				"credential_source = Environment, but "
				"AWS_ACCESS_KEY_ID is not in it");
}

static int
in_credentials_file(struct origin *origin, struct error *e)
{
	return creds_from_file(PROFILE_IN_CREDENTIALS, &origin->creds, e);
}

static int
in_config_file(struct origin *origin, struct error *e)
{
	return creds_from_file(PROFILE_IN_CONFIG, &origin->creds, e);
}

static int
by_web_identity(struct origin *origin, struct error *e)
{
	const char *file = profile_variable("AWS_WEB_IDENTITY_TOKEN_FILE");

	if (!profile_is_named() && file != NULL)
		return role_of_environment(&origin->web, file, e) != 0 ? -1 : 1;
	if (origin->profile.token_file == NULL)
		return 0;
	return role_of_profile(
		   &origin->web, &origin->profile, profile_chosen(), e) != 0
	    ? -1
	    : 1;
}

static int
by_process(struct origin *origin, struct error *e)
{
	if (origin->profile.process == NULL)
		return 0;
	origin->process = mem_strdup(origin->profile.process);
	return 1;
}

static int
by_other_means(struct origin *origin, struct error *e)
{
	if (origin->profile.other == NULL)
		return 0;
	return error_set(e, ERROR_DENIED, "NoCredentials",
	    "profile %s gets its credentials by %s, which wants a person at a "
	    "browser: a daemon needs a role or a key pair",
	    profile_chosen(), origin->profile.other);
}

static int
by_container(struct origin *origin, struct error *e)
{
	if (profile_is_missing(origin) ||
	    (profile_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") ==
		    NULL &&
		profile_variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") == NULL))
		return 0;
	return container_check(e) != 0 ? -1 : 1;
}

static int
by_instance(struct origin *origin, struct error *e)
{
	const char *off = profile_variable("AWS_EC2_METADATA_DISABLED");

	return !profile_is_missing(origin) &&
	    (off == NULL || strcasecmp(off, "true") != 0);
}

/* What a role's credential_source may name. */
static const struct {
	const char *value;
	struct source source;
} named_places[] = {
	{ "Environment",
	    { "the environment", in_environment_whatever, given_fetch,
		given_cancel } },
	{ "Ec2InstanceMetadata",
	    { "the instance metadata", by_instance, imds_fetch, imds_cancel } },
	{ "EcsContainer",
	    { "the container endpoint", by_container, container_fetch,
		container_cancel } },
};

/* What a profile itself may say, when a role's source_profile names it. */
static const struct source web_place = { "a web identity", NULL, web_fetch,
	web_cancel };
static const struct source process_place = { "credential_process", NULL,
	process_fetch, process_cancel };
static const struct source pair_place = { "a profile", NULL, given_fetch,
	given_cancel };

/* ---- roles -------------------------------------------------------------- */

static int
use_named_place(struct origin *origin, const char *value, struct error *e)
{
	for (size_t i = 0; i < sizeof(named_places) / sizeof(named_places[0]);
	     i++) {
		int found;

		if (strcmp(value, named_places[i].value) != 0)
			continue;
		origin->source = &named_places[i].source;
		found = origin->source->applies(origin, e);
		if (found == 0)
			return error_set(e, ERROR_DENIED, "NoCredentials",
			    "credential_source = %s, but the environment "
			    "has none or forbids it",
			    value);
		return found == 1 ? 0 : -1;
	}
	return error_set(e, ERROR_DENIED, "NoCredentials",
	    "credential_source = %.40s is not Environment, "
	    "Ec2InstanceMetadata or EcsContainer",
	    value);
}

/* Where a role's source_profile ends, if it is not a role itself. */
static int
use_profile(struct origin *origin, struct profile *profile, const char *name,
    struct error *e)
{
	if (creds_check_pair(profile, "", name, e) != 0)
		return -1;
	if (profile->key != NULL) {
		creds_take_pair(&origin->creds, profile);
		origin->creds.source = mem_printf("profile %s", name);
		origin->source = &pair_place;
		return 0;
	}
	if (profile->token_file != NULL) {
		origin->source = &web_place;
		return role_of_profile(&origin->web, profile, name, e);
	}
	if (profile->process != NULL) {
		origin->source = &process_place;
		origin->process = mem_strdup(profile->process);
		return 0;
	}
	return error_set(e, ERROR_DENIED, "NoCredentials",
	    "profile %s, named by source_profile, has no credentials", name);
}

static bool
is_role(const struct profile *profile)
{
	return profile->role_arn != NULL && profile->token_file == NULL;
}

/*
 * From role to role, by source_profile.  A profile that names itself means
 * its own key pair; one that has both a pair and a role, and is named by
 * another, means the pair.
 */
static int
follow_role(struct origin *origin, const struct profile *profile,
    const char *name, struct error *e)
{
	const char *source = profile->source_profile;
	struct profile next;
	int rc;

	if (origin->role_count == ORIGIN_ROLES_MAX)
		return error_set(e, ERROR_DENIED, "NoCredentials",
		    "profile %s: over %d roles in a row, or a circle",
		    profile_chosen(), ORIGIN_ROLES_MAX);
	if (role_of_profile(
		&origin->roles[origin->role_count++], profile, name, e) != 0)
		return -1;
	if (profile->credential_source != NULL)
		return use_named_place(origin, profile->credential_source, e);
	assert(source != NULL); /* role_of_profile wants one of the two */
	if (profile_merged(source, &next, e) != 0)
		return -1;
	if (next.key != NULL || strcmp(source, name) == 0 || !is_role(&next))
		rc = use_profile(origin, &next, source, e);
	else
		rc = follow_role(origin, &next, source, e);
	profile_release(&next);
	return rc;
}

/* 1: the chosen profile names a role; as `applies` of struct source. */
static int
by_role(struct origin *origin, struct error *e)
{
	const struct profile *profile = &origin->profile;

	if (!is_role(profile))
		return 0;
	/* A role that nobody could assume: the pair beside it is meant. */
	if (profile->source_profile == NULL &&
	    profile->credential_source == NULL && profile->key != NULL)
		return 0;
	return follow_role(origin, profile, profile_chosen(), e) != 0 ? -1 : 1;
}

/* ---- the search --------------------------------------------------------- */

static const struct source places[] = {
	{ "the environment", in_environment, given_fetch, given_cancel },
	{ "a role", by_role, NULL, NULL }, /* ends in a place of its own */
	{ "a web identity", by_web_identity, web_fetch, web_cancel },
	{ "the credentials file", in_credentials_file, given_fetch,
	    given_cancel },
	{ "credential_process", by_process, process_fetch, process_cancel },
	{ "the config file", in_config_file, given_fetch, given_cancel },
	{ "a browser", by_other_means, NULL, NULL }, /* refuses */
	{ "the container endpoint", by_container, container_fetch,
	    container_cancel },
	{ "the instance metadata", by_instance, imds_fetch, imds_cancel },
};

static int
none_found(const struct origin *origin, struct error *e)
{
	char *credentials = profile_path(PROFILE_IN_CREDENTIALS);
	char *config = profile_path(PROFILE_IN_CONFIG);

	error_set(e, ERROR_DENIED, "NoCredentials",
	    "no AWS credentials: %s; no profile %s with a key pair or a role "
	    "in %s or in %s; no container endpoint in the environment%s",
	    profile_is_named()
		? "AWS_PROFILE is set, so the environment's keys do not count"
		: "AWS_ACCESS_KEY_ID is not in the environment",
	    profile_chosen(),
	    credentials == NULL ? "~/.aws/credentials (no HOME)" : credentials,
	    config == NULL ? "~/.aws/config (no HOME)" : config,
	    profile_is_missing(origin)
		? ""
		: "; and AWS_EC2_METADATA_DISABLED is set");
	free(credentials);
	free(config);
	return -1;
}

static char *
describe(const struct origin *origin)
{
	struct text text = TEXT_INIT;

	for (size_t i = 0; i < origin->role_count; i++)
		text_addf(&text, "role %s by ", origin->roles[i].arn);
	if (origin->creds.source != NULL)
		text_add(&text, origin->creds.source);
	else if (origin->web.arn != NULL)
		text_addf(&text, "web identity for role %s", origin->web.arn);
	else
		text_add(&text, origin->source->name);
	return text_take(&text);
}

static int
search(struct origin *origin, struct error *e)
{
	int found = 0;

	for (size_t i = 0; found == 0; i++) {
		if (i == sizeof(places) / sizeof(places[0]))
			return none_found(origin, e);
		found = places[i].applies(origin, e);
		if (found == 1 && origin->source == NULL)
			origin->source = &places[i];
	}
	return found == 1 ? 0 : -1;
}

int
origin_find(struct origin *origin, struct error *e)
{
	bool keys_are_here = profile_variable("AWS_ACCESS_KEY_ID") != NULL;

	*origin = (struct origin){ 0 };
	/* Files that do not matter need not be readable. */
	if ((profile_is_named() || !keys_are_here) &&
	    profile_merged(profile_chosen(), &origin->profile, e) != 0)
		return -1;
	if (search(origin, e) != 0)
		return -1;
	assert(origin->source != NULL);
	origin->text = describe(origin);
	return 0;
}

bool
origin_is_guess(const struct origin *origin)
{
	return origin->role_count == 0 && origin->source->fetch == imds_fetch;
}

void
origin_release(struct origin *origin)
{
	profile_release(&origin->profile);
	creds_release(&origin->creds);
	role_release(&origin->web);
	for (size_t i = 0; i < origin->role_count; i++)
		role_release(&origin->roles[i]);
	mem_free_secret(origin->process);
	free(origin->text);
	*origin = (struct origin){ 0 };
}
