/* SPDX-License-Identifier: MIT
 *
 * What the sources have in common: reading what they were told.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/source.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/tree.h"

/* What a header can carry with room to spare; STS tokens are about 1 KB. */
enum { VALUE_MAX = 16 * 1024 };

static int
lacks(const char *who, const char *member, struct error *e)
{
	return error_set(e, ERROR_BROKEN, "BadCredentials",
	    "%s: the answer has no usable %s", who, member);
}

/* *out stays NULL, and 0, if the member is not there and need not be. */
static int
take(const json_t *reply, const char *member, bool needed, const char *who,
    char **out, struct error *e)
{
	const char *value = tree_str(reply, member);

	if ((value == NULL || *value == '\0') && !needed)
		return 0;
	if (value == NULL || *value == '\0' || strlen(value) > VALUE_MAX ||
	    !creds_is_plain(value))
		return lacks(who, member, e);
	*out = mem_strdup(value);
	return 0;
}

int
source_read(const json_t *reply, const struct source_shape *shape,
    const char *who, struct creds *creds, struct error *e)
{
	const char *expires = tree_str(reply, shape->expires);
	int rc = 0;

	*creds = (struct creds){ 0 };
	if (take(reply, shape->key, true, who, &creds->key, e) != 0 ||
	    take(reply, shape->secret, true, who, &creds->secret, e) != 0 ||
	    take(reply, shape->token, !shape->may_stay, who, &creds->token,
		e) != 0)
		rc = -1;
	else if ((expires != NULL || !shape->may_stay) &&
	    (expires == NULL || clock_parse(expires, &creds->expires_ms) != 0))
		rc = lacks(who, shape->expires, e);
	if (rc != 0)
		creds_release(creds);
	return rc;
}

int
source_check_fresh(const struct creds *creds, const char *who, struct error *e)
{
	char at[CLOCK_RFC3339_SIZE];

	if (creds->expires_ms == 0 || creds->expires_ms > clock_wall_ms())
		return 0;
	return error_set(e, ERROR_AGAIN, "ExpiredCredentials",
	    "%s: it gave credentials that expired at %s", who,
	    clock_rfc3339(creds->expires_ms, at));
}

static void
wipe(json_t *t)
{
	const char *name;
	json_t *child;
	size_t i;

	/* jansson hands out its own memory as const. */
	if (json_is_string(t))
		mem_wipe((void *)(uintptr_t)json_string_value(t),
		    json_string_length(t));
	json_array_foreach(t, i, child) wipe(child);
	json_object_foreach(t, name, child) wipe(child);
}

void
source_wipe_tree(json_t *t)
{
	wipe(t);
	json_decref(t);
}
