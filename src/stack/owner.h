/* SPDX-License-Identifier: MIT
 *
 * Whose an object is, by its tags.
 *
 * Two environments of one name in one account are two stacks: it is ours by
 * drd:stack, drd:owner and Environment together.  An object that lost its
 * Environment is still ours, unless its Name is another.
 *
 * `want` and `have` hold {"Tags": {key: value}}; what is not wanted is not
 * asked for.
 */
#ifndef DRD_STACK_OWNER_H
#define DRD_STACK_OWNER_H

#include <stdbool.h>

#include "base/text.h"
#include "base/tree.h"

/* Do the tags say that it is ours? */
bool owner_agrees(const json_t *want, const json_t *have);

/* Do they say another stack, owner or environment?  No tags: no. */
bool owner_contradicts(const json_t *want, const json_t *have);

/* Another environment of a stack of our name and owner? */
bool owner_is_a_twin(const json_t *want, const json_t *have);

/* Does the tag Environment say ours? */
bool owner_names_environment(const json_t *want, const json_t *have);

/* Add "tag drd:stack is x, drd:owner is absent", and what else is another. */
void owner_tell(struct text *out, const json_t *want, const json_t *have);

#endif
