/* SPDX-License-Identifier: MIT
 *
 * Small files, read whole into one buffer.
 *
 * stdio is not used: its buffers cannot be wiped.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/small_file.h"
#include "base/mem.h"

/* Takes no longer than the read of a small local file. */
static int
read_all(int fd, const char *path, size_t max, char **out, size_t *len,
    struct error *e)
{
	struct stat st;
	size_t size;
	ssize_t n = 1;

	if (fstat(fd, &st) != 0)
		return error_set(e, ERROR_BROKEN, "UnreadableFile", "%s: %s",
		    path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_BROKEN, "UnreadableFile",
		    "%s: not a regular file", path);
	if (st.st_size > (off_t)max)
		return error_set(e, ERROR_BROKEN, "UnreadableFile",
		    "%s: larger than %zu bytes", path, max);
	size = (size_t)st.st_size;
	*out = mem_alloc(size + 1);
	*len = 0;
	while (*len < size && n > 0) {
		n = read(fd, *out + *len, size - *len);
		if (n < 0 && errno != EINTR) {
			error_set(e, ERROR_BROKEN, "UnreadableFile", "%s: %s",
			    path, strerror(errno));
			mem_wipe(*out, size);
			free(*out);
			*out = NULL;
			return -1;
		}
		*len += n > 0 ? (size_t)n : 0;
		n = n < 0 ? 1 : n;
	}
	return 0;
}

int
small_file_read(
    const char *path, size_t max, char **out, size_t *len, struct error *e)
{
	int rc;
	int fd;

	*out = NULL;
	/* A FIFO in the file's place must not make us wait for a writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return error_set(e, ERROR_BROKEN, "UnreadableFile", "%s: %s",
		    path, strerror(errno));
	rc = read_all(fd, path, max, out, len, e);
	close(fd);
	if (rc == 0 && *out != NULL && memchr(*out, '\0', *len) != NULL) {
		rc = error_set(e, ERROR_BROKEN, "UnreadableFile",
		    "%s: not a text file", path);
		mem_wipe(*out, *len);
		free(*out);
		*out = NULL;
	}
	return rc;
}
