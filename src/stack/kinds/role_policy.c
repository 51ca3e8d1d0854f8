/* SPDX-License-Identifier: MIT
 *
 * An inline policy of an IAM role: what the role may do.
 *
 * PutRolePolicy makes it and overwrites it.  It has no tags: it is ours if
 * its role is.  It is removed on its own, since IAM deletes no role that has
 * a policy left.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/iam.h"
#include "stack/kinds/spell.h"

static json_t *
by_name(const json_t *want, const json_t *have)
{
	return spell_pick(want, "RoleName PolicyName");
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	json_t *document;

	if (iam_document(tree_str(reply, "PolicyDocument"), &document, e) == -1)
		return -1;
	*have = spell_pick(want, "RoleName PolicyName");
	spell_put(*have, "PolicyDocument", document);
	return 0;
}

static json_t *
overwrite(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "RoleName PolicyName");

	iam_put_document(
	    input, "PolicyDocument", json_object_get(want, "PolicyDocument"));
	return input;
}

static json_t *
removed(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "RoleName PolicyName");
}

/* The role was made a moment ago, and not all of IAM knows. */
static bool
is_early(const struct error *e)
{
	return strcmp(e->code, IAM_ABSENT) == 0;
}

static const struct kind_step steps[] = {
	{ "PutRolePolicy", .absent = true, .differs = "PolicyDocument",
	    .input = overwrite, .why = "other policy", .early = is_early },
	{ .operation = NULL },
};

static const struct kind_step removal[] = {
	{ "DeleteRolePolicy", .input = removed, .why = "no longer wanted" },
	{ .operation = NULL },
};

const struct kind kind_role_policy = {
	.name = "iam-role-policy",
	.service = SERVICE_IAM,
	.look = { "GetRolePolicy", .absent = IAM_ABSENT, .input = by_name,
	    .have = find },
	.owned = spell_is_part,
	.steps = steps,
	.removal = removal,
	.sets = "Action Resource",
	.exact = "PolicyDocument",
	.ignores = "RoleName PolicyName",
};
