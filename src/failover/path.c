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
#include "failover/carrier.h"
#include "failover/path.h"
#include "failover/recovery.h"

enum { CALLS_MAX = 2 }; /* of an effect */

/*
 * Planes as AWS divides them: "Fault isolation boundaries", appendix A.  A
 * service that is regional and has no data plane of its own is as good as
 * its region: what counts is that nothing global is asked.
 */
struct step {
	struct {
		enum service service;
		const char *operation; /* NULL: no more */
		enum path_plane plane;
	} calls[CALLS_MAX];
	const char *begins; /* in the region that leads */
	const char *other;  /* in the other one */
};

static const struct step steps[] = {
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
	[EFFECT_FENCE] = {
		{ { SERVICE_LAMBDA, "PutFunctionConcurrency", PATH_CONTROL },
		    { SERVICE_LAMBDA, "GetFunctionConcurrency",
			PATH_CONTROL } },
		"at once, before the parameters",
		"when users have left the region",
	},
};

#define LATCH_BEGINS "at once"
#define LATCH_OTHER  "when the parameters of the region that leads are verified"

/* By what carries it; an object is put or deleted. */
static const struct step latch_steps[] = {
	[CARRIER_METRIC] = {
		{ { SERVICE_CLOUDWATCH, "PutMetricData", PATH_DATA },
		    { SERVICE_CLOUDWATCH, "GetMetricData", PATH_DATA } },
		LATCH_BEGINS, LATCH_OTHER,
	},
	[CARRIER_OBJECT] = {
		{ { SERVICE_S3, "PutObject", PATH_DATA },
		    { SERVICE_S3, "ListObjectsV2", PATH_DATA } },
		LATCH_BEGINS, LATCH_OTHER,
	},
	[CARRIER_CONTROL] = {
		{ { SERVICE_ARC, "UpdateRoutingControlState", PATH_DATA },
		    { SERVICE_ARC, "GetRoutingControlState", PATH_DATA } },
		LATCH_BEGINS, LATCH_OTHER,
	},
};

static const struct step deleted_step = {
	{ { SERVICE_S3, "DeleteObject", PATH_DATA },
	    { SERVICE_S3, "ListObjectsV2", PATH_DATA } },
	LATCH_BEGINS,
	LATCH_OTHER,
};

static const struct step *
step_of(const struct effect *effect)
{
	enum carrier carrier;

	if (effect->kind != EFFECT_LATCH)
		return &steps[effect->kind];
	carrier = carrier_described(effect->target);
	if (carrier == CARRIER_OBJECT && strcmp(effect->value, "clear") == 0)
		return &deleted_step;
	return &latch_steps[carrier];
}

static void
add_calls(struct path *path, const struct effect *effect)
{
	const struct step *step = step_of(effect);
	size_t i;

	for (i = 0; i < CALLS_MAX && step->calls[i].operation != NULL; i++) {
		path->calls = mem_grow(
		    path->calls, path->count + 1, sizeof(*path->calls));
		path->calls[path->count++] = (struct path_call){
			.effect = effect,
			.service = step->calls[i].service,
			.operation = step->calls[i].operation,
			.plane = step->calls[i].plane,
			.users_wait = recovery_needs(effect),
			.begins = effect->leads ? step->begins : step->other,
		};
	}
}

void
path_of(const struct change *change, struct path *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < change->count; i++)
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
	static const char *const names[] = {
		[PATH_DATA] = "data",
		[PATH_CONTROL] = "control",
		[PATH_DNS] = "dns",
	};

	return names[plane];
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
