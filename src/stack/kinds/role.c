/* SPDX-License-Identifier: MIT
 *
 * An IAM role, and whom it trusts.
 *
 * GetRole tells the tags with the rest, so one read is all there is to look
 * at.  The trust policy is compared whole: a principal that is not wanted is
 * somebody who can become this role.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/iam.h"
#include "stack/kinds/spell.h"

#define TRUST "AssumeRolePolicyDocument"

static json_t *
by_name(const json_t *want, const json_t *have)
{
	return spell_pick(want, "RoleName");
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *role = tree_at(reply, "Role");
	json_t *trust;

	if (tree_str(role, "Arn") == NULL)
		return error_set(
		    e, ERROR_BROKEN, "UnreadableReply", "a role without ARN");
	if (iam_document(tree_str(role, TRUST), &trust, e) == -1)
		return -1;
	*have = spell_pick(role, "RoleName Arn");
	spell_put(*have, TRUST, trust);
	spell_put(*have, "Tags", spell_tags(role, "Tags.member"));
	return 0;
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "RoleName");

	iam_put_document(input, TRUST, json_object_get(want, TRUST));
	tree_put(input, "Tags.member",
	    spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

static json_t *
trust(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "RoleName");

	iam_put_document(input, "PolicyDocument", json_object_get(want, TRUST));
	return input;
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "RoleName");

	tree_put(input, "Tags.member",
	    spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

static json_t *
removed(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "RoleName");
}

/* A policy that is gone may be counted for some seconds more. */
static bool
is_early(const struct error *e)
{
	return strcmp(e->code, "DeleteConflict") == 0;
}

static const struct kind_step steps[] = {
	{ "CreateRole", .absent = true, .input = create,
	    .why = "not there yet" },
	{ "UpdateAssumeRolePolicy", .differs = TRUST, .input = trust,
	    .why = "trusts somebody else" },
	{ "TagRole", .differs = "Tags", .input = retag, .why = "other tags" },
	{ .operation = NULL },
};

static const struct kind_step removal[] = {
	{ "DeleteRole", .input = removed, .early = is_early,
	    .why = "no longer wanted" },
	{ .operation = NULL },
};

const struct kind kind_role = {
	.name = "iam-role",
	.service = SERVICE_IAM,
	.look = { "GetRole", .absent = IAM_ABSENT, .input = by_name,
	    .have = find },
	.steps = steps,
	.removal = removal,
	.sets = "Action Service",
	.exact = TRUST,
	.ignores = "RoleName",
};
