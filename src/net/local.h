/* SPDX-License-Identifier: MIT
 *
 * A server on a unix socket: one request line, one reply, close.
 *
 * Nothing a client does can delay the loop: clients, their lines and their
 * patience are bounded, writes are never waited for, and a client that does
 * not read its reply is dropped when its time is over.  What is refused here
 * is answered here: "ERR usage ..." for a line that is too long or has a NUL
 * in it, "ERR busy ..." for one client too many.
 */
#ifndef DRD_NET_LOCAL_H
#define DRD_NET_LOCAL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;
struct loop;
struct local_server;
struct local_client; /* lives until replied to or gone */

enum {
	LOCAL_LINE_MAX = 4096,	/* bytes of a request, newline included */
	LOCAL_CLIENTS_MAX = 32, /* at once; one more is told so and closed */
	LOCAL_PATIENCE_MS = 30000,
	LOCAL_GROUPS_MAX = 256,
};

/* Who asks, as the kernel knows (SO_PEERCRED, SO_PEERGROUPS). */
struct local_peer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
	const gid_t *groups; /* supplementary; those beyond the limit do not
				count */
	size_t group_count;
};

/*
 * Called once per whole line (newline removed, no NUL inside).  Answer with
 * local_reply now or later; if the client leaves first, `on_gone` tells.
 */
typedef void local_on_line(struct local_client *client,
    const struct local_peer *peer, const char *line, void *arg);

/*
 * Listens at `path` with `mode`.  A stale socket of a dead server is
 * replaced; a living one is an error that says so.
 */
struct local_server *local_listen(struct loop *loop, const char *path,
    mode_t mode, local_on_line *on_line, void *arg, struct error *e);
void local_close(struct local_server *server); /* and removes the path */

/* How many are connected; not more than LOCAL_CLIENTS_MAX. */
size_t local_clients(const struct local_server *server);

/* Copies the reply, sends it, closes.  `client` is dead afterwards. */
void local_reply(struct local_client *client, const char *reply, size_t len);

/* `gone(arg)` runs if the client leaves before its reply; NULL forgets. */
void
local_on_gone(struct local_client *client, void (*gone)(void *arg), void *arg);

#endif
