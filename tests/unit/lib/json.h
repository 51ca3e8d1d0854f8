/* SPDX-License-Identifier: MIT
 *
 * Trees in tests: JSON with ' for ", to be readable in C.
 */
#ifndef DRD_TESTS_JSON_H
#define DRD_TESTS_JSON_H

#include "base/tree.h"

/* Caller decrefs; text that is no JSON ends the test. */
json_t *json(const char *spec);

/* Ends the test unless `have` is exactly `spec`. */
void json_is(const json_t *have, const char *spec);

#endif
