/* SPDX-License-Identifier: MIT
 *
 * An HTTP server in the test's own loop, that misbehaves as the path says.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "lib/peer.h"
#include "net/loop.h"

struct connection {
	LIST_ENTRY(connection) link;
	struct peer *peer;
	int fd;
	struct watch *watch;
	struct text in;
	struct text out;
	size_t sent;
	const char *endless; /* sent again and again after `out` */
	bool holding;
	bool closing; /* when `out` is sent */
};

struct peer {
	struct loop *loop;
	int fd;
	unsigned port;
	struct watch *watch;
	LIST_HEAD(, connection) connections;
	size_t accepted, open, asked;
	bool released;
};

static void
drop(struct connection *c)
{
	LIST_REMOVE(c, link);
	c->peer->open--;
	watch_free(c->watch);
	close(c->fd);
	text_release(&c->in);
	text_release(&c->out);
	free(c);
}

static void
reset(struct connection *c)
{
	struct linger now = { 1, 0 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	drop(c);
}

static void
body(struct connection *c, const char *status, const char *s, size_t len)
{
	text_addf(
	    &c->out, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", status, len);
	text_add_bytes(&c->out, s, len);
}

static void
many_bytes(struct connection *c, size_t len)
{
	char *s = mem_alloc(len + 1);

	memset(s, 'x', len);
	body(c, "200 OK", s, len);
	free(s);
}

static void
many_headers(struct connection *c)
{
	int i;

	text_add(&c->out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
	for (i = 0; i < 2000; i++)
		text_addf(&c->out, "x-%d: y\r\n", i);
	text_add(&c->out, "\r\n");
}

static void
long_line(struct connection *c)
{
	char *s = mem_alloc(200001);

	memset(s, 'x', 200000);
	text_addf(&c->out, "HTTP/1.1 200 OK\r\nx-long: %s\r\n\r\n", s);
	free(s);
}

/* Whole answers that are sent as they stand. */
static const struct {
	const char *path, *text;
	bool closes;
} scripts[] = {
	{ "/ok", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false },
	{ "/half", "HTTP/1.1 200 OK\r\nContent-Le", false },
	{ "/stall", "", false },
	{ "/truncated", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello",
	    true },
	{ "/close", "", true },
	{ "/garbage", "220 smtp.example ready\r\n", true },
	{ "/interim",
	    "HTTP/1.1 100 Continue\r\nx-early: 1\r\n\r\n"
	    "HTTP/1.1 103 Early Hints\r\nx-early: 2\r\n\r\n"
	    "HTTP/1.1 200 OK\r\nX-Amzn-RequestId:  abc \t\r\nX-Empty:\r\n"
	    "X-Twice: a\r\nx-twice: b\r\nContent-Length: 2\r\n\r\nok",
	    false },
	{ "/chunked",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
	    false },
	{ "/redirect",
	    "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n",
	    false },
	{ "/error",
	    "HTTP/1.1 503 Slow Down\r\nContent-Length: 9\r\n\r\nslow down",
	    false },
};

/* False: the connection is gone. */
static bool
answer(struct connection *c, const char *path)
{
	size_t i;

	for (i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
		if (strcmp(path, scripts[i].path) == 0) {
			text_add(&c->out, scripts[i].text);
			c->closing = scripts[i].closes;
			return true;
		}
	if (strcmp(path, "/reset") == 0) {
		reset(c);
		return false;
	}
	if (strcmp(path, "/hold") == 0 && !c->peer->released) {
		c->holding = true;
	} else if (strcmp(path, "/hold") == 0) {
		body(c, "200 OK", "held", 4);
	} else if (strcmp(path, "/echo") == 0) {
		body(c, "200 OK", c->in.s, c->in.len);
	} else if (strcmp(path, "/endless") == 0) {
		text_add(&c->out, "HTTP/1.1 200 OK\r\n\r\n");
		c->endless = "yada ";
	} else if (strcmp(path, "/headers") == 0) {
		text_add(&c->out, "HTTP/1.1 200 OK\r\n");
		c->endless = "x-yada: yada\r\n";
	} else if (strcmp(path, "/many") == 0) {
		many_headers(c);
	} else if (strcmp(path, "/longline") == 0) {
		long_line(c);
	} else if (text_starts(path, "/length=")) {
		many_bytes(c, strtoul(path + 8, NULL, 10));
	} else {
		body(c, "404 Not Found", "", 0);
	}
	return true;
}

/* Has all of one request come?  Enough for what curl sends. */
static bool
is_whole(const struct text *in)
{
	const char *end = strstr(in->s, "\r\n\r\n");
	const char *length = strcasestr(in->s, "\r\ncontent-length:");

	if (end == NULL)
		return false;
	if (length == NULL || length > end)
		return true;
	return in->len >= (size_t)(end + 4 - in->s) +
	    strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
}

static bool
take_request(struct connection *c)
{
	char *path;
	bool alive;

	if (!is_whole(&c->in))
		return true;
	c->peer->asked++;
	path = strchr(c->in.s, ' ') + 1;
	path = mem_strndup(path, strcspn(path, " ?"));
	alive = answer(c, path);
	free(path);
	if (alive)
		text_clear(&c->in);
	return alive;
}

static void
want_events(struct connection *c)
{
	bool more = c->sent < c->out.len || c->endless != NULL || c->closing;

	watch_set(c->watch, WATCH_READ | (more ? WATCH_WRITE : 0));
}

/* False: the connection is gone. */
static bool
send_some(struct connection *c)
{
	ssize_t n;

	while (c->endless != NULL && c->out.len - c->sent < 100000)
		text_add(&c->out, c->endless);
	n = send(c->fd, c->out.s + c->sent, c->out.len - c->sent,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		c->sent += (size_t)n;
	if (c->sent == c->out.len) {
		text_clear(&c->out);
		c->sent = 0;
	}
	if (c->closing && c->out.len == 0) {
		drop(c);
		return false;
	}
	return true;
}

static void
on_ready(void *arg, int events)
{
	struct connection *c = arg;
	char buf[65536];
	ssize_t n;

	if ((events & WATCH_WRITE) && !send_some(c))
		return;
	if (events & WATCH_READ) {
		n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n <= 0) {
			drop(c);
			return;
		}
		text_add_bytes(&c->in, buf, (size_t)n);
		if (!take_request(c))
			return;
	}
	want_events(c);
}

static void
on_accept(void *arg, int events)
{
	struct peer *peer = arg;
	struct connection *c = mem_alloc(sizeof(*c));

	c->peer = peer;
	c->fd = accept(peer->fd, NULL, NULL);
	ck_assert_int_ge(c->fd, 0);
	c->in = (struct text)TEXT_INIT;
	c->out = (struct text)TEXT_INIT;
	LIST_INSERT_HEAD(&peer->connections, c, link);
	peer->accepted++;
	peer->open++;
	c->watch = loop_watch(peer->loop, c->fd, WATCH_READ, on_ready, c);
}

struct peer *
peer_new(struct loop *loop)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	struct peer *peer = mem_alloc(sizeof(*peer));

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer->loop = loop;
	peer->fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_ge(peer->fd, 0);
	ck_assert_int_eq(bind(peer->fd, (struct sockaddr *)&address, size), 0);
	ck_assert_int_eq(listen(peer->fd, 64), 0);
	ck_assert_int_eq(
	    getsockname(peer->fd, (struct sockaddr *)&address, &size), 0);
	peer->port = ntohs(address.sin_port);
	LIST_INIT(&peer->connections);
	peer->watch = loop_watch(loop, peer->fd, WATCH_READ, on_accept, peer);
	return peer;
}

void
peer_free(struct peer *peer)
{
	while (!LIST_EMPTY(&peer->connections))
		drop(LIST_FIRST(&peer->connections));
	watch_free(peer->watch);
	close(peer->fd);
	free(peer);
}

unsigned
peer_port(const struct peer *peer)
{
	return peer->port;
}

size_t
peer_accepted(const struct peer *peer)
{
	return peer->accepted;
}

size_t
peer_open(const struct peer *peer)
{
	return peer->open;
}

size_t
peer_asked(const struct peer *peer)
{
	return peer->asked;
}

void
peer_release(struct peer *peer)
{
	struct connection *c;

	peer->released = true;
	LIST_FOREACH(c, &peer->connections, link)
	if (c->holding) {
		c->holding = false;
		body(c, "200 OK", "held", 4);
		want_events(c);
	}
}
