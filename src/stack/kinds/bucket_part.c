/* SPDX-License-Identifier: MIT
 *
 * The documents of an S3 bucket.  See bucket_part.h.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kinds/bucket_part.h"
#include "stack/kinds/spell.h"

json_t *
bucket_part_named(const json_t *want, const json_t *have)
{
	return spell_pick(want, BUCKET_PART_NAME);
}

json_t *
bucket_part_removed(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(want, BUCKET_PART_NAME);
}

json_t *
bucket_part_put(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = mem_must(json_deep_copy(want));

	json_object_del(input, "After");
	return input;
}

int
bucket_part_take(const json_t *want, const char *document,
    const json_t *content, const char *must, json_t **have, struct error *e)
{
	if (must != NULL && tree_at(content, must) == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a %s without %s", document, must);
	*have = spell_pick(want, "Bucket");
	spell_put(*have, document, mem_must(json_deep_copy(content)));
	return 0;
}

bool
bucket_part_busy(const struct error *e)
{
	return strcmp(e->code, "OperationAborted") == 0;
}
