/* SPDX-License-Identifier: MIT
 *
 * The one shape for what is sent to AWS and what comes back: a jansson tree.
 *
 * One rule makes it serve every protocol: an array repeats its own key.
 * {"Rule": [a, b]} is a JSON array, two <Rule> elements, or Rule.1 and
 * Rule.2.  XML cannot tell one element from a list of one, nor a number from
 * a string; so readers ask for a list where they want one, and numbers and
 * booleans compare equal to their spelling.
 *
 * Paths are member names joined by dots: "HealthCheck.HealthCheckConfig".
 * Returned trees and strings are borrowed from the tree given unless the
 * function says otherwise.
 */
#ifndef DRD_BASE_TREE_H
#define DRD_BASE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* The subtree at `path`, or NULL.  `t` may be NULL; "" is `t` itself. */
json_t *tree_at(const json_t *t, const char *path);

/*
 * The text at `path`, or NULL if absent or not a scalar.  Numbers and
 * booleans are not spelled here: see tree_text.
 */
const char *tree_str(const json_t *t, const char *path);

/* A number, or a string that spells one; -1 and *out untouched if neither. */
int tree_int(const json_t *t, const char *path, int64_t *out);

/* true, "true"; everything else is false. */
bool tree_true(const json_t *t, const char *path);

/*
 * How many items at `path`: 0 if absent, null or an empty string (what an
 * empty XML list is), the length of an array, else 1.  tree_item is the
 * i-th; an only child counts as a list of one.
 */
size_t tree_count(const json_t *t, const char *path);
json_t *tree_item(const json_t *t, const char *path, size_t i);

/* A scalar spelled as AWS's text protocols do; caller frees; NULL if none. */
char *tree_text(const json_t *scalar);

/*
 * Equal as AWS means it: 3 and "3", true and "true" are the same; an array
 * of one equals its only item; members that only `have` has do not matter (AWS
 * fills in defaults).  Arrays under a key that is a word of `sets` (may be
 * NULL) compare in any order.
 */
bool tree_covers(const json_t *have, const json_t *want, const char *sets);

/* A string; bytes that are no UTF-8 become '?', all that are not ASCII. */
json_t *tree_string(const char *s);

/* Set `path` in `t`, making objects on the way; takes `value`. */
void tree_put(json_t *t, const char *path, json_t *value);

/* Caller frees.  Compact, keys sorted: equal trees give equal text. */
char *tree_dump(const json_t *t);

/* Parse JSON of at most `len` bytes; caller decrefs.  NULL: not JSON. */
json_t *tree_parse(const char *s, size_t len);

#endif
