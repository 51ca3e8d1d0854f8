/* SPDX-License-Identifier: MIT
 *
 * The failover path, call by call.
 *
 * Which calls stand for an effect is what try.c and follow.c do about it
 * when nothing goes wrong; what goes wrong is done again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "failover/path.h"
#include "failover/recovery.h"

enum { CALLS_MAX = 2 }; /* of an effect */

/*
 * Planes as AWS divides them: "Fault isolation boundaries", appendix A.  A
 * service that is regional and has no data plane of its own is as good as
 * its region: what counts is that nothing global is asked.
 */
static const struct {
	struct {
		enum service service;
		const char *operation; /* NULL: no more */
		enum path_plane plane;
	} calls[CALLS_MAX];
	const char *begins; /* in the region that leads */
	const char *other;  /* in the other one */
} steps[] = {
	[EFFECT_PARAMETER] = {
		{ { SERVICE_SSM, "PutParameter", PATH_DATA },
		    { SERVICE_SSM, "GetParameter", PATH_DATA } },
		"at once",
		"when the parameters of the region that leads are verified",
	},
	[EFFECT_NOTICE] = {
		{ { SERVICE_SNS, "Publish", PATH_DATA } },
		"at once",
		"when the notice of the region that leads was tried",
	},
	[EFFECT_DNS] = {
		{ { SERVICE_ROUTE53, "A", PATH_DNS } },
		"at once, and again until it has moved",
		"at once, and again until it has moved",
	},
};

enum { KINDS = sizeof(steps) / sizeof(steps[0]) };

static void
add_calls(struct path *path, const struct effect *effect)
{
	size_t i;

	for (i = 0;
	     i < CALLS_MAX && steps[effect->kind].calls[i].operation != NULL;
	     i++) {
		path->calls = mem_grow(
		    path->calls, path->count + 1, sizeof(*path->calls));
		path->calls[path->count++] = (struct path_call){
			.effect = effect,
			.service = steps[effect->kind].calls[i].service,
			.operation = steps[effect->kind].calls[i].operation,
			.plane = steps[effect->kind].calls[i].plane,
			.users_wait = recovery_needs(effect),
			.begins = effect->leads ? steps[effect->kind].begins
						: steps[effect->kind].other,
		};
	}
}

void
path_of(const struct change *change, struct path *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < change->count; i++)
		if ((size_t)change->effects[i].kind < KINDS)
			add_calls(out, &change->effects[i]);
}

void
path_release(struct path *path)
{
	free(path->calls);
	memset(path, 0, sizeof(*path));
}

const char *
path_plane_name(enum path_plane plane)
{
	switch (plane) {
	case PATH_DATA:
		return "data";
	case PATH_CONTROL:
		return "control";
	case PATH_DNS:
		return "dns";
	}
	return "?";
}

int
path_judge(const struct path *path, const char *failing, struct error *e)
{
	const struct path_call *call;
	size_t i;

	for (i = 0; i < path->count; i++) {
		call = &path->calls[i];
		if (!call->users_wait)
			continue;
		if (call->plane == PATH_CONTROL)
			return error_set(e, ERROR_BROKEN, "ControlPlane",
			    "users would wait for %s of %s, which is of a "
			    "control plane",
			    call->operation, call->effect->key);
		if (strcmp(call->effect->region, failing) == 0)
			return error_set(e, ERROR_BROKEN, "FailingRegion",
			    "users would wait for %s of %s, in the region "
			    "that fails",
			    call->operation, call->effect->key);
	}
	return 0;
}
