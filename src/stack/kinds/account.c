/* SPDX-License-Identifier: MIT
 *
 * The account that our credentials belong to, as the region itself says.
 *
 * ARNs are made of account, region and name, so whoever knows the account
 * can ask for an object by its ARN instead of listing all of a region.  STS
 * answers in every region on its own: the standby's half of a stack knows its
 * account while the primary region is dark.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/spell.h"

enum { ARN_PARTITION = 1 };

static json_t *
nothing(const json_t *want, const json_t *have)
{
	return mem_must(json_object());
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *account = tree_str(reply, "Account");
	const char *arn = tree_str(reply, "Arn");
	json_t *partition =
	    arn != NULL ? spell_arn_field(arn, ARN_PARTITION) : NULL;

	if (account == NULL || partition == NULL) {
		json_decref(partition);
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a caller without account or ARN");
	}
	*have = mem_must(json_pack("{s:s, s:s, s:o}", "AccountId", account,
	    "Arn", arn, "Partition", partition));
	return 0;
}

const struct kind kind_account = {
	.name = "account",
	.service = SERVICE_STS,
	.look = { "GetCallerIdentity", .input = nothing, .have = find },
	.owned = spell_is_part,
};
