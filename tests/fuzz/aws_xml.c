/* SPDX-License-Identifier: MIT
 *
 * Any bytes as XML: a tree or an error, and a tree that is written and read
 * again is the same tree.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../../src/aws/xml.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error e = { 0 };
	struct text text = TEXT_INIT;
	json_t *tree = xml_parse((const char *)data, size, &e);
	json_t *again;
	const char *root;

	if (tree == NULL) {
		if (e.class == ERROR_NONE || e.code[0] == '\0')
			abort();
		return 0;
	}
	root = json_object_iter_key(json_object_iter(tree));
	xml_write(&text, root, json_object_get(tree, root));
	again = xml_parse(text.s, text.len, NULL);
	/* NULL: without its prefix a name may be none, as in <a:1/>. */
	if (again != NULL && !json_equal(tree, again))
		abort();
	json_decref(again);
	json_decref(tree);
	text_release(&text);
	return 0;
}
