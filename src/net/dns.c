/* SPDX-License-Identifier: MIT
 *
 * Ask one name server one question.
 *
 * A connected UDP socket takes answers from the server asked only, and hears
 * of ICMP refusals; the id and the question are checked besides.  A datagram
 * may get lost, so the question is sent again a few times before the time is
 * over.  If the server has several addresses, the next is tried when one
 * refuses.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/util.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/dns.h"
#include "net/dns_wire.h"
#include "net/loop.h"
#include "net/resolve.h"

enum {
	SENDS = 4, /* within the time limit */
	RESEND_MAX_MS = 1000,
	PACKETS_MAX = 16, /* taken per round of the loop */
	UDP_MAX = 4096,	  /* 512 unless the server is generous */
};

struct dns_query {
	struct loop *loop;
	void (*done)(const struct dns_answer *answer, void *arg);
	void *arg;
	uint64_t started;    /* clock_mono_ms */
	struct timer *timer; /* the deadline, then the delivery */
	struct timer *resend;
	uint64_t resend_ms;
	bool delivering; /* inside `done` */
	bool foreign;	 /* something came, but not what was asked for */

	struct resolve *resolve;
	struct evutil_addrinfo *addresses; /* of the server */
	struct evutil_addrinfo *at;	   /* the one being asked */

	struct dns_name name;
	uint16_t id;
	/* Over TCP a message has its length in front. */
	uint8_t question[2 + DNS_QUESTION_MAX];
	size_t question_len;

	int fd;
	struct watch *watch;
	size_t sent;	  /* over TCP */
	uint8_t *message; /* over TCP, length in front */
	size_t received;

	struct dns_answer answer;
};

static const char *const names[] = {
	[DNS_ANSWERED] = "answered",
	[DNS_EMPTY] = "empty",
	[DNS_NO_NAME] = "no-name",
	[DNS_REFUSED] = "refused",
	[DNS_TIMEOUT] = "timeout",
	[DNS_UNREACHABLE] = "unreachable",
	[DNS_GARBLED] = "garbled",
};

const char *
dns_outcome_name(enum dns_outcome outcome)
{
	return names[outcome];
}

static void
close_socket(struct dns_query *q)
{
	watch_free(q->watch);
	q->watch = NULL;
	if (q->fd >= 0)
		close(q->fd);
	q->fd = -1;
	timer_cancel(q->resend);
	q->resend = NULL;
}

static void
release(struct dns_query *q)
{
	close_socket(q);
	timer_cancel(q->timer);
	q->timer = NULL;
	resolve_cancel(q->resolve);
	q->resolve = NULL;
	resolve_release(q->addresses);
	q->addresses = q->at = NULL;
	free(q->message);
	q->message = NULL;
}

static void
deliver(void *arg)
{
	struct dns_query *q = arg;

	q->timer = NULL;
	q->delivering = true;
	q->done(&q->answer, q->arg);
	free(q);
}

static void
finish(struct dns_query *q, enum dns_outcome outcome)
{
	release(q);
	q->answer.outcome = outcome;
	if (outcome != DNS_ANSWERED)
		q->answer.count = q->answer.ttl = 0;
	q->answer.took_ms = clock_mono_ms() - q->started;
	q->timer = loop_after(q->loop, 0, deliver, q);
}

static void
on_deadline(void *arg)
{
	struct dns_query *q = arg;

	q->timer = NULL;
	finish(q, q->foreign ? DNS_GARBLED : DNS_TIMEOUT);
}

/* A socket connected to the server, or on its way; -1 with errno. */
static int
connect_to(const struct evutil_addrinfo *server, int type)
{
	int fd, saved;

	fd = socket(server->ai_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, server->ai_addr, (socklen_t)server->ai_addrlen) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* TCP: the answer is whole. */
static void
read_message(struct dns_query *q)
{
	enum dns_reading reading;

	reading = dns_wire_read(
	    q->message + 2, q->received - 2, q->id, &q->name, &q->answer);
	finish(q, reading == DNS_READ ? q->answer.outcome : DNS_GARBLED);
}

/* The bytes of the message that are to come, its length included. */
static size_t
message_len(const struct dns_query *q)
{
	if (q->received < 2)
		return 2;
	return 2 + ((size_t)q->message[0] << 8 | q->message[1]);
}

static void
on_tcp_readable(struct dns_query *q)
{
	ssize_t n;

	n = recv(
	    q->fd, q->message + q->received, message_len(q) - q->received, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		finish(q, q->received > 0 ? DNS_GARBLED : DNS_UNREACHABLE);
		return;
	}
	q->received += (size_t)n;
	if (q->received > 2 && q->received == message_len(q))
		read_message(q);
	else if (q->received == 2 && message_len(q) == 2)
		finish(q, DNS_GARBLED);
}

static void
on_tcp_writable(struct dns_query *q)
{
	size_t len = 2 + q->question_len;
	ssize_t n;

	n = send(q->fd, q->question + q->sent, len - q->sent, MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) { /* refused, reset: also how a failed connect shows */
		finish(q, DNS_UNREACHABLE);
		return;
	}
	q->sent += (size_t)n;
	if (q->sent == len)
		watch_set(q->watch, WATCH_READ);
}

static void
on_tcp(void *arg, int events)
{
	if (events & WATCH_WRITE)
		on_tcp_writable(arg);
	else
		on_tcp_readable(arg);
}

static void
start_tcp(struct dns_query *q)
{
	close_socket(q);
	q->fd = connect_to(q->at, SOCK_STREAM);
	if (q->fd < 0) {
		finish(q, DNS_UNREACHABLE);
		return;
	}
	q->message = mem_alloc(2 + DNS_MESSAGE_MAX);
	q->watch = loop_watch(q->loop, q->fd, WATCH_WRITE, on_tcp, q);
}

static void try_server(struct dns_query *q);

static void
try_next_server(struct dns_query *q)
{
	close_socket(q);
	q->at = q->at->ai_next;
	try_server(q);
}

/* True: the query has taken another turn, and the socket is gone. */
static bool
take_packet(struct dns_query *q, const uint8_t *packet, size_t len)
{
	switch (dns_wire_read(packet, len, q->id, &q->name, &q->answer)) {
	case DNS_READ:
		finish(q, q->answer.outcome);
		return true;
	case DNS_CUT:
		start_tcp(q);
		return true;
	case DNS_FOREIGN:
		q->foreign = true;
		break;
	}
	return false;
}

static void
on_udp(void *arg, int events)
{
	struct dns_query *q = arg;
	uint8_t packet[UDP_MAX];
	ssize_t n;
	int i;

	for (i = 0; i < PACKETS_MAX; i++) {
		n = recv(q->fd, packet, sizeof(packet), 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			try_next_server(q);
			return;
		}
		if (take_packet(q, packet, (size_t)n))
			return;
	}
}

/* What does not go out now goes out at the next try, or never. */
static void
send_question(struct dns_query *q)
{
	ssize_t n = send(q->fd, q->question + 2, q->question_len, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
		try_next_server(q);
}

static void
on_resend(void *arg)
{
	struct dns_query *q = arg;

	q->resend = loop_after(q->loop, q->resend_ms, on_resend, q);
	if (q->fd < 0)
		try_server(q);
	else
		send_question(q);
}

/* Nothing left here to open a socket with: not the server's fault. */
static bool
is_ours(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

/* Ask the server at `q->at`, or the first after it that can be asked. */
static void
try_server(struct dns_query *q)
{
	if (q->resend == NULL)
		q->resend = loop_after(q->loop, q->resend_ms, on_resend, q);
	for (; q->at != NULL; q->at = q->at->ai_next) {
		q->fd = connect_to(q->at, SOCK_DGRAM);
		if (q->fd >= 0) {
			q->watch =
			    loop_watch(q->loop, q->fd, WATCH_READ, on_udp, q);
			send_question(q);
			return;
		}
		if (is_ours(errno))
			return; /* until the next try, or the deadline */
	}
	finish(q, DNS_UNREACHABLE);
}

static void
on_resolved(struct evutil_addrinfo *list, void *arg)
{
	struct dns_query *q = arg;

	q->resolve = NULL;
	q->addresses = q->at = list;
	try_server(q);
}

/* "host", "host:port", "[v6]:port" or a bare v6; both strings are new. */
static void
split_server(const char *server, char **host, const char **port)
{
	const char *colon = strrchr(server, ':');
	size_t len = strlen(server);

	*port = "53";
	if (*server == '[') {
		server++;
		len = strcspn(server, "]");
		if (server[len] == ']' && server[len + 1] == ':')
			*port = server + len + 2;
	} else if (colon != NULL && strchr(server, ':') == colon) {
		len = (size_t)(colon - server);
		*port = colon + 1;
	}
	*host = mem_strndup(server, len);
}

static void
start(struct dns_query *q, const char *server, const char *name)
{
	char *system = NULL, *host;
	const char *port;

	if (dns_name_of(&q->name, name) != 0) {
		finish(q, DNS_NO_NAME);
		return;
	}
	q->question_len =
	    dns_wire_ask(q->question + 2, q->id, &q->name, server == NULL);
	q->question[0] = (uint8_t)(q->question_len >> 8);
	q->question[1] = (uint8_t)q->question_len;
	if (server == NULL)
		server = system = resolve_system_server();
	split_server(server, &host, &port);
	q->addresses = q->at = resolve_number(host, port);
	if (q->at != NULL)
		try_server(q);
	else
		q->resolve = resolve_start(q->loop, host, port, on_resolved, q);
	free(host);
	free(system);
}

struct dns_query *
dns_ask(struct loop *loop, const char *server, const char *name,
    uint64_t total_ms, void (*done)(const struct dns_answer *answer, void *arg),
    void *arg)
{
	struct dns_query *q = mem_alloc(sizeof(*q));

	q->loop = loop;
	q->done = done;
	q->arg = arg;
	q->started = clock_mono_ms();
	q->resend_ms = total_ms / SENDS;
	if (q->resend_ms > RESEND_MAX_MS)
		q->resend_ms = RESEND_MAX_MS;
	if (q->resend_ms == 0)
		q->resend_ms = 1;
	q->id = (uint16_t)backoff_random();
	q->fd = -1;
	q->timer = loop_after(loop, total_ms, on_deadline, q);
	start(q, server, name);
	return q;
}

void
dns_cancel(struct dns_query *query)
{
	if (query == NULL || query->delivering)
		return;
	release(query);
	free(query);
}
