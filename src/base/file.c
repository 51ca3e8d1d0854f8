/* SPDX-License-Identifier: MIT
 *
 * A local file, read whole.  See file.h.
 *
 * stdio is not used: its buffers cannot be wiped.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

/* How large it is, if it is a file that may be read. */
static int
measure(int fd, const char *path, size_t max, size_t *size, struct error *e)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return error_set(e, ERROR_BROKEN, "UnreadableFile", "%s: %s",
		    path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_BROKEN, "UnreadableFile",
		    "%s: not a regular file", path);
	if (st.st_size > (off_t)max)
		return error_set(e, ERROR_BROKEN, "UnreadableFile",
		    "%s: larger than %zu bytes", path, max);
	*size = (size_t)st.st_size;
	return 0;
}

/* Up to `size` bytes: a file that shrinks meanwhile ends early. */
static int
fill(int fd, const char *path, char *p, size_t size, size_t *len,
    struct error *e)
{
	ssize_t n = 1;

	*len = 0;
	while (*len < size && n != 0) {
		n = read(fd, p + *len, size - *len);
		if (n < 0 && errno != EINTR)
			return error_set(e, ERROR_BROKEN, "UnreadableFile",
			    "%s: %s", path, strerror(errno));
		*len += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int
file_read(
    const char *path, size_t max, char **out, size_t *len, struct error *e)
{
	size_t size = 0;
	int rc, fd;

	*out = NULL;
	*len = 0;
	/* A FIFO in the file's place must not make us wait for a writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return error_set(e,
		    errno == ENOENT || errno == ENOTDIR ? ERROR_ABSENT
							: ERROR_BROKEN,
		    "UnreadableFile", "%s: %s", path, strerror(errno));
	rc = measure(fd, path, max, &size, e);
	if (rc == 0) {
		*out = mem_alloc(size + 1);
		rc = fill(fd, path, *out, size, len, e);
	}
	close(fd);
	if (rc == -1 && *out != NULL) {
		mem_wipe(*out, size);
		free(*out);
		*out = NULL;
	}
	return rc;
}
