/* SPDX-License-Identifier: MIT
 *
 * A listening unix socket and its file.
 *
 * A daemon that was killed leaves its file behind, and that must not keep
 * the next one from starting; but the file of a living one is not touched,
 * nor is anything that is no socket.  Connecting tells which it is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/local_socket.h"

static int
address_of(const char *path, struct sockaddr_un *address, struct error *e)
{
	size_t len = strlen(path);

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len == 0 || len >= sizeof(address->sun_path))
		return error_set(e, ERROR_BROKEN, "Path",
		    "%s: a socket's path has 1 to %zu bytes", path,
		    sizeof(address->sun_path) - 1);
	memcpy(address->sun_path, path, len);
	return 0;
}

static int
failed(struct error *e, const char *path, const char *what)
{
	return error_set(e, ERROR_BROKEN, "Socket", "%s: cannot %s: %s", path,
	    what, strerror(errno));
}

/* 0 if nothing is in the way at `path`, any more. */
static int
clear_path(const struct sockaddr_un *address, struct error *e)
{
	const char *path = address->sun_path;
	struct stat st;
	int fd, result, saved;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : failed(e, path, "look at it");
	if (!S_ISSOCK(st.st_mode))
		return error_set(e, ERROR_BROKEN, "Path",
		    "%s: exists and is not a socket", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return failed(e, path, "make a socket");
	result =
	    connect(fd, (const struct sockaddr *)address, sizeof(*address));
	saved = errno;
	close(fd);
	/* EAGAIN: somebody listens, with a full queue. */
	if (result == 0 || saved == EAGAIN)
		return error_set(e, ERROR_BROKEN, "InUse",
		    "%s: another process answers there: is drd running "
		    "already?",
		    path);
	errno = saved;
	if (saved != ECONNREFUSED)
		return failed(e, path, "tell whether it is in use");
	if (unlink(path) != 0 && errno != ENOENT)
		return failed(e, path, "remove the stale socket");
	return 0;
}

/* Nobody can connect before listen, so the mode is right from the start. */
static int
listen_at(struct local_socket *s, const struct sockaddr_un *address,
    mode_t mode, int backlog, struct error *e)
{
	struct stat st;

	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return failed(e, s->path, "make a socket");
	if (bind(s->fd, (const struct sockaddr *)address, sizeof(*address)) !=
		0 ||
	    lstat(s->path, &st) != 0)
		return failed(e, s->path, "bind");
	s->device = st.st_dev;
	s->inode = st.st_ino;
	if (chmod(s->path, mode) != 0)
		return failed(e, s->path, "set the mode");
	if (listen(s->fd, backlog) != 0)
		return failed(e, s->path, "listen");
	return 0;
}

int
local_socket_open(struct local_socket *s, const char *path, mode_t mode,
    int backlog, struct error *e)
{
	struct sockaddr_un address;

	*s = (struct local_socket){ .fd = -1 };
	if (address_of(path, &address, e) != 0 || clear_path(&address, e) != 0)
		return -1;
	s->path = mem_strdup(path);
	if (listen_at(s, &address, mode, backlog, e) == 0)
		return 0;
	local_socket_close(s);
	return -1;
}

void
local_socket_close(struct local_socket *s)
{
	struct stat st;

	if (s->fd >= 0)
		close(s->fd);
	if (s->inode != 0 && lstat(s->path, &st) == 0 &&
	    st.st_dev == s->device && st.st_ino == s->inode &&
	    unlink(s->path) != 0)
		log_warning("local: %s: %s", s->path, strerror(errno));
	free(s->path);
	*s = (struct local_socket){ .fd = -1 };
}
