/* SPDX-License-Identifier: MIT
 *
 * A file in a request.
 *
 * Its bytes are in memory only while the request is made: a package of fifty
 * megabytes is sent once in months.  What is sent is what the plan showed: a
 * file that was replaced since has another hash and is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/hash.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "stack/attach.h"

/* No API takes a larger one in a request; Lambda's limit, in bytes. */
enum { ATTACHMENT_MAX = 50 * 1024 * 1024 };

static int
check_hash(const char *path, const char *wanted, const char *bytes, size_t len,
    struct error *e)
{
	char hash[HASH_SHA256_SIZE];

	if (hash_sha256(bytes, len, hash, e) == -1)
		return -1;
	if (wanted == NULL || strcmp(hash, wanted) != 0)
		return error_set(e, ERROR_BROKEN, "OtherFile",
		    "%s is not the file that was planned for: its SHA-256 is "
		    "%s, not %s: have drd read its configuration again",
		    path, hash, wanted != NULL ? wanted : "known");
	return 0;
}

int
attach_file(json_t *input, const char *member, struct error *e)
{
	const json_t *file = tree_at(input, member);
	const char *path = tree_str(file, "Path");
	struct text base64 = TEXT_INIT;
	char *bytes;
	size_t len;

	if (path == NULL)
		return error_set(e, ERROR_BUG, "NoFile",
		    "%s of the request names no file", member);
	if (file_read(path, ATTACHMENT_MAX, &bytes, &len, e) == -1) {
		e->class = ERROR_BROKEN; /* absent is what AWS says */
		return -1;
	}
	if (check_hash(path, tree_str(file, "Sha256"), bytes, len, e) == -1) {
		free(bytes);
		return -1;
	}
	text_add_base64(&base64, bytes, len);
	free(bytes);
	tree_put(input, member, mem_must(json_stringn(base64.s, base64.len)));
	text_release(&base64);
	return 0;
}
