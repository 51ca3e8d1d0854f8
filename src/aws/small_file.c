/* SPDX-License-Identifier: MIT
 *
 * Small text files that may hold a secret.  See small_file.h.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/small_file.h"
#include "base/file.h"
#include "base/mem.h"

int
small_file_read(
    const char *path, size_t max, char **out, size_t *len, struct error *e)
{
	struct error why;

	if (file_read(path, max, out, len, &why) == -1) {
		if (why.class == ERROR_ABSENT)
			return 0;
		if (e != NULL)
			*e = why;
		return -1;
	}
	if (memchr(*out, '\0', *len) == NULL)
		return 0;
	mem_wipe(*out, *len);
	free(*out);
	*out = NULL;
	return error_set(
	    e, ERROR_BROKEN, "UnreadableFile", "%s: not a text file", path);
}
