/* SPDX-License-Identifier: MIT
 *
 * Trees in tests.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lib/json.h"

json_t *
json(const char *spec)
{
	char *s = mem_strdup(spec);
	json_t *tree;

	for (char *c = s; *c != '\0'; c++)
		*c = *c == '\'' ? '"' : *c;
	tree = tree_parse(s, strlen(s));
	if (tree == NULL) {
		fprintf(stderr, "not JSON: %s\n", spec);
		abort();
	}
	free(s);
	return tree;
}

void
json_is(const json_t *have, const char *spec)
{
	json_t *want = json(spec);
	char *text;

	if (have == NULL || !json_equal(tree_at(have, ""), want)) {
		text = have == NULL ? NULL : tree_dump(have);
		fprintf(stderr, "have %s\nwant %s\n",
		    text == NULL ? "nothing" : text, spec);
		abort();
	}
	json_decref(want);
}
