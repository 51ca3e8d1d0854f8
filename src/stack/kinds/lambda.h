/* SPDX-License-Identifier: MIT
 *
 * What the kinds of Lambda share.
 */
#ifndef DRD_STACK_KINDS_LAMBDA_H
#define DRD_STACK_KINDS_LAMBDA_H

#include <stdbool.h>

#include "base/error.h"
#include "base/tree.h"

#define LAMBDA_FUNCTION "/2015-03-31/functions/{FunctionName}"

/* For `absent`: of a function, and of a policy that has no statement. */
#define LAMBDA_ABSENT "ResourceNotFoundException"

/* The input of every read: equal, so that GetFunction is asked once. */
json_t *lambda_by_name(const json_t *want, const json_t *have);

/* For `early`: another change of the function is still under way. */
bool lambda_is_busy(const struct error *e);

#endif
