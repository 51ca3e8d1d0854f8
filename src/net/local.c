/* SPDX-License-Identifier: MIT
 *
 * A server on a unix socket: one request line, one reply, close.
 *
 * A client is, in this order, talking (its line is not whole yet), waiting
 * (for local_reply) and reading (its reply).  Talking and reading are timed:
 * that is the client's patience with us turned round.  Waiting is not, for
 * it is the daemon that takes the time.
 */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/local.h"
#include "net/local_socket.h"
#include "net/loop.h"

enum {
	BACKLOG = 16,
	ACCEPTS_MAX = 16,	/* per round of the loop */
	ACCEPT_PAUSE_MS = 1000, /* when the process is out of descriptors */
};

enum client_state { TALKING, WAITING, READING };

struct local_client {
	LIST_ENTRY(local_client) link;
	struct local_server *server;
	int fd;
	struct watch *watch;
	struct timer *patience;
	enum client_state state;
	char line[LOCAL_LINE_MAX];
	size_t line_len;
	struct text reply;
	size_t sent;
	void (*gone)(void *arg);
	void *gone_arg;
};

struct local_server {
	struct loop *loop;
	struct local_socket socket;
	struct watch *watch;
	struct timer *pause;
	LIST_HEAD(, local_client) clients;
	size_t count;
	local_on_line *on_line;
	void *arg;
};

size_t
local_clients(const struct local_server *server)
{
	return server->count;
}

static void
drop(struct local_client *client)
{
	void (*gone)(void *arg) = client->gone;
	void *arg = client->gone_arg;

	LIST_REMOVE(client, link);
	client->server->count--;
	watch_free(client->watch);
	timer_cancel(client->patience);
	close(client->fd);
	text_release_secret(&client->reply);
	mem_wipe(client->line, sizeof(client->line));
	free(client);
	if (gone != NULL)
		gone(arg);
}

static void
on_impatient(void *arg)
{
	struct local_client *client = arg;

	client->patience = NULL;
	log_debug("local: a client was dropped: %s",
	    client->state == TALKING ? "no whole line" : "reply not read");
	drop(client);
}

static void
be_patient(struct local_client *client)
{
	timer_cancel(client->patience);
	client->patience = loop_after(
	    client->server->loop, LOCAL_PATIENCE_MS, on_impatient, client);
}

/*
 * Closing with unread bytes would turn the end of the reply into a reset for
 * the client: take what has come, within reason.
 */
static void
drain(int fd)
{
	char buf[4096];
	int i;

	for (i = 0; i < 16; i++)
		if (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) <= 0)
			break;
}

static void
send_reply(struct local_client *client)
{
	ssize_t n;

	n = send(client->fd, client->reply.s + client->sent,
	    client->reply.len - client->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(client);
		return;
	}
	if (n > 0)
		client->sent += (size_t)n;
	if (client->sent < client->reply.len) {
		watch_set(client->watch, WATCH_WRITE);
		return;
	}
	drain(client->fd);
	drop(client);
}

void
local_reply(struct local_client *client, const char *reply, size_t len)
{
	assert(client->state != READING);
	client->state = READING;
	client->gone = NULL;
	text_add_bytes(&client->reply, reply, len);
	be_patient(client);
	send_reply(client);
}

void
local_on_gone(struct local_client *client, void (*gone)(void *arg), void *arg)
{
	client->gone = gone;
	client->gone_arg = arg;
}

static void
refuse(struct local_client *client, const char *why)
{
	local_reply(client, why, strlen(why));
}

/* Supplementary groups; none if the kernel does not tell or has too many. */
static size_t
groups_of(int fd, gid_t groups[LOCAL_GROUPS_MAX])
{
	socklen_t size = LOCAL_GROUPS_MAX * sizeof(groups[0]);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0)
		return 0;
	return size / sizeof(groups[0]);
}

/* A whole line has come: `client` is dead or not ours after this. */
static void
take_line(struct local_client *client)
{
	struct local_server *server = client->server;
	gid_t groups[LOCAL_GROUPS_MAX];
	struct local_peer peer;
	struct ucred cred;
	socklen_t size = sizeof(cred);

	timer_cancel(client->patience);
	client->patience = NULL;
	if (getsockopt(client->fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) !=
	    0) {
		log_warning("local: SO_PEERCRED: %s", strerror(errno));
		drop(client);
		return;
	}
	peer = (struct local_peer){
		.pid = cred.pid,
		.uid = cred.uid,
		.gid = cred.gid,
		.groups = groups,
		.group_count = groups_of(client->fd, groups),
	};
	client->state = WAITING;
	server->on_line(client, &peer, client->line, server->arg);
}

/* Has the client closed both ways, rather than only said its last word? */
static bool
hung_up(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) < 0 || (p.revents & (POLLHUP | POLLERR));
}

/* Nothing more is asked of a waiting client, only whether it is there. */
static void
on_waiting(struct local_client *client)
{
	char buf[512];
	ssize_t n = recv(client->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 || (n == 0 && hung_up(client->fd)))
		drop(client);
	else
		/* More than a line, or shut down for writing: it may still
		   read, and the reply will show whether it does. */
		watch_set(client->watch, 0);
}

static void
on_talking(struct local_client *client)
{
	char *end, *nul;
	ssize_t n;

	n = recv(client->fd, client->line + client->line_len,
	    sizeof(client->line) - client->line_len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(client);
		return;
	}
	client->line_len += (size_t)n;
	end = memchr(client->line, '\n', client->line_len);
	if (end == NULL && client->line_len < sizeof(client->line))
		return;
	if (end == NULL) {
		refuse(client, "ERR usage the line is too long\n");
		return;
	}
	*end = '\0';
	nul = memchr(client->line, '\0', sizeof(client->line));
	if (nul != end)
		refuse(client, "ERR usage the line has a NUL in it\n");
	else
		take_line(client);
}

static void
on_client(void *arg, int events)
{
	struct local_client *client = arg;

	switch (client->state) {
	case TALKING:
		on_talking(client);
		break;
	case WAITING:
		on_waiting(client);
		break;
	case READING:
		send_reply(client);
		break;
	}
}

static void
admit(struct local_server *server, int fd)
{
	struct local_client *client = mem_alloc(sizeof(*client));

	client->server = server;
	client->fd = fd;
	client->reply = (struct text)TEXT_INIT;
	LIST_INSERT_HEAD(&server->clients, client, link);
	server->count++;
	client->watch =
	    loop_watch(server->loop, fd, WATCH_READ, on_client, client);
	be_patient(client);
}

/* Told without waiting: if it does not fit in the socket, then not at all. */
static void
turn_away(int fd)
{
	static const char why[] = "ERR busy too many clients\n";

	if (send(fd, why, sizeof(why) - 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("local: %s", strerror(errno));
	drain(fd);
	close(fd);
}

static void
on_pause_over(void *arg)
{
	struct local_server *server = arg;

	server->pause = NULL;
	watch_set(server->watch, WATCH_READ);
}

/* The client stays in the queue and the descriptor stays ready: look away
   for a while instead of being called again at once. */
static void
pause_accepting(struct local_server *server)
{
	log_warning("local: no client can be accepted: %s", strerror(errno));
	watch_set(server->watch, 0);
	server->pause =
	    loop_after(server->loop, ACCEPT_PAUSE_MS, on_pause_over, server);
}

static void
on_accept(void *arg, int events)
{
	struct local_server *server = arg;
	int fd, i;

	for (i = 0; i < ACCEPTS_MAX; i++) {
		fd = accept4(server->socket.fd, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0 && server->count >= LOCAL_CLIENTS_MAX) {
			turn_away(fd);
		} else if (fd >= 0) {
			admit(server, fd);
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			pause_accepting(server);
			return;
		}
	}
}

struct local_server *
local_listen(struct loop *loop, const char *path, mode_t mode,
    local_on_line *on_line, void *arg, struct error *e)
{
	struct local_server *server;
	struct local_socket socket;

	if (local_socket_open(&socket, path, mode, BACKLOG, e) != 0)
		return NULL;
	server = mem_alloc(sizeof(*server));
	server->loop = loop;
	server->socket = socket;
	server->on_line = on_line;
	server->arg = arg;
	LIST_INIT(&server->clients);
	server->watch =
	    loop_watch(loop, socket.fd, WATCH_READ, on_accept, server);
	return server;
}

void
local_close(struct local_server *server)
{
	if (server == NULL)
		return;
	/* The analyser does not see that drop unlinks what it frees. */
	while (!LIST_EMPTY(&server->clients))
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		drop(LIST_FIRST(&server->clients));
	watch_free(server->watch);
	timer_cancel(server->pause);
	local_socket_close(&server->socket);
	free(server);
}
