/* SPDX-License-Identifier: MIT
 *
 * What the kinds of IAM share: policy documents.
 *
 * IAM takes a document as text and gives it back percent-encoded.  Nobody's
 * spacing or order of members is a difference, so documents are compared as
 * trees.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kinds/iam.h"
#include "stack/kinds/spell.h"

/* The value of a hexadecimal digit; -1: it is none. */
static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* -1: an escape without its two digits. */
static int
unescape(const char *s, struct text *out)
{
	char c;

	for (; *s != '\0'; s++) {
		c = *s;
		if (c == '%') {
			if (digit(s[1]) == -1 || digit(s[2]) == -1)
				return -1;
			c = (char)(digit(s[1]) * 16 + digit(s[2]));
			s += 2;
		}
		text_add_bytes(out, &c, 1);
	}
	return 0;
}

int
iam_document(const char *encoded, json_t **out, struct error *e)
{
	struct text plain = TEXT_INIT;

	*out = NULL;
	if (encoded != NULL && unescape(encoded, &plain) == 0)
		*out = tree_parse(plain.s, plain.len);
	text_release(&plain);
	if (json_is_object(*out))
		return 0;
	json_decref(*out);
	*out = NULL;
	return error_set(e, ERROR_BROKEN, "UnreadableReply",
	    "\"%.60s\" is not a policy document",
	    encoded != NULL ? encoded : "");
}

void
iam_put_document(json_t *input, const char *member, const json_t *document)
{
	char *text = tree_dump(document);

	spell_put(input, member, spell_string(text));
	free(text);
}
