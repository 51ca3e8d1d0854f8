/* SPDX-License-Identifier: MIT
 *
 * A listening unix socket and its file; for net/local only.
 */
#ifndef DRD_NET_LOCAL_SOCKET_H
#define DRD_NET_LOCAL_SOCKET_H

#include <sys/types.h>

struct error;

struct local_socket {
	int fd;
	char *path;
	dev_t device; /* of the file: what is at the path may be another's */
	ino_t inode;
};

/* 0, or -1 and nothing is left behind.  See local_listen. */
int local_socket_open(struct local_socket *s, const char *path, mode_t mode,
    int backlog, struct error *e);

/* And removes the file, if it is still ours. */
void local_socket_close(struct local_socket *s);

#endif
