/* SPDX-License-Identifier: MIT
 *
 * What a target group sends its requests to: one function, and nothing else.
 *
 * AWS takes a function only when the function's policy already lets the group
 * invoke it, and says AccessDenied where that policy has not spread yet.  A
 * group takes one function, so whatever else is registered goes first; that
 * takes something away and is done only where that is allowed.  Whether the
 * target is healthy is no matter of declaration: alarms and health checks
 * watch that.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/spell.h"

static json_t *
by_group(const json_t *want, const json_t *have)
{
	return spell_pick(want, "TargetGroupArn");
}

/* A target on its way out does not count; NULL: it cannot be read. */
static json_t *
registered(const json_t *reply)
{
	const char *path = "TargetHealthDescriptions.member", *id, *state;
	json_t *targets = mem_must(json_array());
	const json_t *item;
	size_t i;

	for (i = 0; i < tree_count(reply, path); i++) {
		item = tree_item(reply, path, i);
		id = tree_str(item, "Target.Id");
		state = tree_str(item, "TargetHealth.State");
		if (id == NULL || state == NULL) {
			json_decref(targets);
			return NULL;
		}
		if (strcmp(state, "draining") != 0 &&
		    json_array_append_new(targets, spell_string(id)) != 0)
			mem_must(NULL);
	}
	return targets;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	json_t *targets = NULL;

	if (tree_at(reply, "TargetHealthDescriptions") != NULL)
		targets = registered(reply);
	if (targets == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "no list of targets, or one without id or state");
	if (json_array_size(targets) > 0) {
		*have = spell_pick(want, "TargetGroupArn");
		spell_put(*have, "Targets", json_incref(targets));
	}
	json_decref(targets);
	return 0;
}

static bool
is_in(const json_t *list, const json_t *target)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (json_equal(json_array_get(list, i), target))
			return true;
	return false;
}

/* [{"Id": target}, ...] of those in `from` that are not in `without`. */
static json_t *
targets_of(const json_t *from, const json_t *without)
{
	json_t *list = mem_must(json_array()), *target;
	size_t i;

	for (i = 0; i < json_array_size(from); i++) {
		target = json_array_get(from, i);
		if (!is_in(without, target) &&
		    json_array_append_new(
			list, json_pack("{s:O}", "Id", target)) != 0)
			mem_must(NULL);
	}
	return list;
}

static json_t *
deregister(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = by_group(want, have);

	tree_put(input, "Targets.member",
	    targets_of(json_object_get(have, "Targets"),
		json_object_get(want, "Targets")));
	return input;
}

static json_t *
enlist(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = by_group(want, have);

	tree_put(input, "Targets.member",
	    targets_of(json_object_get(want, "Targets"), NULL));
	return input;
}

/*
 * "elasticloadbalancing principal does not have permission to invoke ...":
 * the function's permission was read before, so it only has to spread.  An
 * AccessDenied about our own rights speaks of a user who is not authorized.
 */
static bool
permission_lags(const struct error *e)
{
	return strstr(e->code, "AccessDenied") != NULL &&
	    strstr(e->text, "permission to invoke") != NULL;
}

static const struct kind_step steps[] = {
	{ "DeregisterTargets", .differs = "Targets", .input = deregister,
	    .deletes = true, .why = "a target that nobody declared" },
	{ "RegisterTargets", .absent = true, .input = enlist,
	    .early = permission_lags, .why = "not registered" },
	{ .operation = NULL },
};

const struct kind kind_target = {
	.name = "target",
	.service = SERVICE_ELB,
	.look = { "DescribeTargetHealth", .absent = "TargetGroupNotFound",
	    .input = by_group, .have = find },
	.owned = spell_is_part,
	.steps = steps,
	.sets = "Targets",
	.ignores = "TargetGroupArn After",
};
