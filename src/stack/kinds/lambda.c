/* SPDX-License-Identifier: MIT
 *
 * What the kinds of Lambda share.  See lambda.h.
 */
#include <string.h>

#include "stack/kinds/lambda.h"
#include "stack/kinds/spell.h"

json_t *
lambda_by_name(const json_t *want, const json_t *have)
{
	return spell_pick(want, "FunctionName");
}

bool
lambda_is_busy(const struct error *e)
{
	return strcmp(e->code, "ResourceConflictException") == 0;
}
