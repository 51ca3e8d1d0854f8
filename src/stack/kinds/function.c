/* SPDX-License-Identifier: MIT
 *
 * A Lambda function.
 *
 * Lambda spreads one function over two update calls and refuses either while
 * an earlier change is still landing.  So code and settings are separate
 * steps, and `landed` keeps the node waiting in between.  Each update carries
 * the revision that was read: what somebody else has changed since is looked
 * at, not overwritten.
 *
 * The package may be fifty megabytes.  What is wanted holds its hash and its
 * path, and the step that needs the bytes has them read then (kind.h, `file`).
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/lambda.h"
#include "stack/kinds/spell.h"

#define SETTINGS "Role Runtime Handler MemorySize Timeout Environment"

static const char *
or_none(const char *s)
{
	return s != NULL ? s : "no reason given";
}

/*
 * A reply that leaves out what the caller may not see says so in a member of
 * its own; to take that for "there is none" would write over it.
 */
static int
check_withheld(const json_t *want, const json_t *reply, struct error *e)
{
	static const struct {
		const char *member; /* of want; not wanted, not missed */
		const char *at;
		const char *remedy;
	} rows[] = {
		{ "Tags", "TagsError", "allow lambda:ListTags" },
		{ "Environment", "Configuration.Environment.Error",
		    "allow kms:Decrypt with the function's key" },
	};
	const json_t *said;
	const char *code;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		said = tree_at(reply, rows[i].at);
		code = tree_str(said, "ErrorCode");
		if (tree_count(said, "") > 0 &&
		    json_object_get(want, rows[i].member) != NULL)
			return error_set(e, ERROR_DENIED,
			    code != NULL ? code : "AccessDenied",
			    "Lambda withholds %s of the function: %s: %s",
			    rows[i].member, or_none(tree_str(said, "Message")),
			    rows[i].remedy);
	}
	return 0;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *is = tree_at(reply, "Configuration");
	const json_t *tags = json_object_get(reply, "Tags");

	if (tree_str(is, "FunctionArn") == NULL ||
	    tree_str(is, "CodeSha256") == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a function without ARN or hash");
	if (check_withheld(want, reply, e) == -1)
		return -1;
	*have = spell_pick(is,
	    "FunctionName FunctionArn CodeSha256 " SETTINGS
	    " RevisionId State StateReason StateReasonCode LastUpdateStatus "
	    "LastUpdateStatusReason LastUpdateStatusReasonCode");
	spell_put(*have, "Tags",
	    mem_must(
		json_is_object(tags) ? json_deep_copy(tags) : json_object()));
	return 0;
}

/* --- Is Lambda done with it? ------------------------------------------ */

static bool
is_as_wanted(const json_t *want, const json_t *have)
{
	json_t *ours = spell_pick(want, "CodeSha256 " SETTINGS);
	bool same = tree_covers(have, ours, NULL);

	json_decref(ours);
	return same;
}

/*
 * After an update that failed the one before still answers.  What is wanted
 * by now may differ from what failed, so only a function that reads as wanted
 * has failed for good.
 */
static int
landed(const json_t *want, const json_t *have, struct error *e)
{
	const char *state = tree_str(have, "State");
	const char *update = tree_str(have, "LastUpdateStatus");

	if (state != NULL && strcmp(state, "Failed") == 0)
		return error_set(e, ERROR_BROKEN, "FunctionFailed",
		    "State is Failed: %s: %s: delete the function, then drd "
		    "makes it again",
		    or_none(tree_str(have, "StateReasonCode")),
		    or_none(tree_str(have, "StateReason")));
	if (state != NULL && strcmp(state, "Active") != 0 &&
	    strcmp(state, "Inactive") != 0)
		return error_set(e, ERROR_AGAIN, "NotLanded", "State is %s: %s",
		    state, or_none(tree_str(have, "StateReason")));
	if (update != NULL && strcmp(update, "InProgress") == 0)
		return error_set(e, ERROR_AGAIN, "NotLanded",
		    "LastUpdateStatus is InProgress: %s",
		    or_none(tree_str(have, "LastUpdateStatusReason")));
	if (update != NULL && strcmp(update, "Failed") == 0 &&
	    is_as_wanted(want, have))
		return error_set(e, ERROR_BROKEN, "UpdateFailed",
		    "LastUpdateStatus is Failed: %s: %s: the code before this "
		    "update still answers; change what Lambda objects to",
		    or_none(tree_str(have, "LastUpdateStatusReasonCode")),
		    or_none(tree_str(have, "LastUpdateStatusReason")));
	return 0;
}

/*
 * A role that IAM has just made is not known everywhere yet, and Lambda says
 * so in these ways: by the role, or by the key of the environment, which it
 * grants to the role.
 */
static bool
is_early(const struct error *e)
{
	static const char *const said[] = {
		"cannot be assumed by Lambda",
		"execution role does not have permissions",
		"the KMS key is invalid for CreateGrant",
	};
	size_t i;

	if (strcmp(e->code, "InvalidParameterValueException") != 0)
		return false;
	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (strstr(e->text, said[i]) != NULL)
			return true;
	return false;
}

static bool
is_early_update(const struct error *e)
{
	return lambda_is_busy(e) || is_early(e);
}

/* --- Writing ---------------------------------------------------------- */

/* What `file` of a step asks for; a file without a hash is refused there. */
static json_t *
package(const json_t *want)
{
	json_t *hash = json_object_get(want, "CodeSha256");
	json_t *file = mem_must(
	    json_pack("{s:O}", "Path", json_object_get(want, "Package")));

	if (hash != NULL)
		spell_put(file, "Sha256", json_incref(hash));
	return file;
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "FunctionName " SETTINGS " Tags");

	tree_put(input, "Code.ZipFile", package(want));
	return input;
}

static json_t *
code(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(have, "RevisionId");

	spell_put(input, "FunctionName",
	    json_incref(json_object_get(want, "FunctionName")));
	spell_put(input, "ZipFile", package(want));
	return input;
}

static json_t *
settings(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "FunctionName " SETTINGS);
	json_t *revision = spell_pick(have, "RevisionId");

	if (json_object_update(input, revision) != 0)
		mem_must(NULL);
	json_decref(revision);
	return input;
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	return mem_must(json_pack("{s:O, s:O}", "Resource",
	    json_object_get(have, "FunctionArn"), "Tags",
	    json_object_get(want, "Tags")));
}

static json_t *
removed(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "FunctionName");
}

static const struct kind_step steps[] = {
	{ "CreateFunction", "POST /2015-03-31/functions", .absent = true,
	    .input = create, .file = "Code.ZipFile", .why = "not there yet",
	    .early = is_early },
	{ "UpdateFunctionCode", "PUT " LAMBDA_FUNCTION "/code",
	    .differs = "CodeSha256", .input = code, .file = "ZipFile",
	    .why = "other code", .early = is_early_update },
	{ "UpdateFunctionConfiguration",
	    "PUT " LAMBDA_FUNCTION "/configuration", .differs = SETTINGS,
	    .input = settings, .why = "other settings",
	    .early = is_early_update },
	{ "TagResource", "POST /2017-03-31/tags/{Resource}", .differs = "Tags",
	    .input = retag, .why = "other tags" },
	{ .operation = NULL },
};

static const struct kind_step removal[] = {
	{ "DeleteFunction", "DELETE " LAMBDA_FUNCTION, .input = removed,
	    .why = "no longer wanted", .early = lambda_is_busy },
	{ .operation = NULL },
};

const struct kind kind_function = {
	.name = "lambda-function",
	.service = SERVICE_LAMBDA,
	.look = { "GetFunction", "GET " LAMBDA_FUNCTION,
	    .absent = LAMBDA_ABSENT, .input = lambda_by_name, .have = find },
	.landed = landed,
	.steps = steps,
	.removal = removal,
	.exact = "Environment",
	.ignores = "FunctionName Package",
};
