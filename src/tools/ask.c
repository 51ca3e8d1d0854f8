/* SPDX-License-Identifier: MIT
 *
 * Ask the daemon one thing over its socket.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "tools/ask.h"

enum { BUSY_PAUSE_MS = 10 };

const char *
ask_socket(const char *given)
{
	const char *named = getenv("DRD_SOCKET");

	if (given != NULL)
		return given;
	return named != NULL && named[0] != '\0' ? named : ASK_SOCKET;
}

static int
no_answer(struct error *e, const char *path, const char *why)
{
	return error_set(e, ERROR_AGAIN, "NoAnswer", "%s: %s", path, why);
}

static int
cannot_connect(struct error *e, const char *path)
{
	switch (errno) {
	case EACCES:
	case EPERM:
		return error_set(
		    e, ERROR_DENIED, "Denied", "%s: not permitted", path);
	case ENOENT:
	case ECONNREFUSED:
		return no_answer(e, path, "no daemon listens there");
	case EAGAIN:
		return no_answer(e, path, "the daemon is busy");
	default:
		return no_answer(e, path, strerror(errno));
	}
}

/* -1: the time is over first. */
static int
wait_for(int fd, short events, uint64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };
	uint64_t now;
	int n;

	do {
		now = clock_mono_ms();
		if (now >= deadline)
			return -1;
		n = poll(&p, 1, (int)(deadline - now));
	} while (n == 0 || (n < 0 && errno == EINTR));
	return n > 0 ? 0 : -1;
}

static int
send_line(int fd, const char *path, const char *line, uint64_t deadline,
    struct error *e)
{
	struct text request = TEXT_INIT;
	size_t sent = 0;
	ssize_t n;
	int result = 0;

	text_addf(&request, "%s\n", line);
	while (sent < request.len && result == 0) {
		n = send(
		    fd, request.s + sent, request.len - sent, MSG_NOSIGNAL);
		if (n >= 0)
			sent += (size_t)n;
		else if (errno != EAGAIN && errno != EINTR)
			result = no_answer(e, path, strerror(errno));
		else if (wait_for(fd, POLLOUT, deadline) < 0)
			result = no_answer(e, path, "it does not listen");
	}
	text_release(&request);
	return result;
}

/* A reply ends with a newline and the end of the connection. */
static int
receive(int fd, const char *path, uint64_t deadline, struct text *reply,
    struct error *e)
{
	char buf[16384];
	ssize_t n;

	for (;;) {
		n = recv(fd, buf, sizeof(buf), 0);
		if (n > 0 && reply->len + (size_t)n > ASK_REPLY_MAX)
			return no_answer(e, path, "the reply is too long");
		if (n > 0)
			text_add_bytes(reply, buf, (size_t)n);
		else if (n == 0 && text_ends(reply->s, "\n"))
			return 0;
		else if (n == 0)
			return no_answer(e, path, "the reply was cut short");
		else if (errno != EAGAIN && errno != EINTR)
			return no_answer(e, path, strerror(errno));
		else if (wait_for(fd, POLLIN, deadline) < 0)
			return no_answer(e, path, "no answer in time");
	}
}

/*
 * A unix socket whose queue is full does not let a caller wait in line; the
 * daemon takes callers off it in every turn of its loop.
 */
static int
connect_patiently(int fd, const struct sockaddr_un *address, uint64_t deadline)
{
	while (connect(fd, (const struct sockaddr *)address, sizeof(*address)) <
	    0) {
		if (errno != EAGAIN || clock_mono_ms() >= deadline)
			return -1;
		(void)poll(NULL, 0, BUSY_PAUSE_MS);
	}
	return 0;
}

int
ask(const char *path, const char *line, unsigned patience_ms,
    struct text *reply, struct error *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	uint64_t deadline = clock_mono_ms() + patience_ms;
	int fd, result;

	if (strlen(path) >= sizeof(address.sun_path))
		return no_answer(e, path, "too long for a socket");
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return no_answer(e, path, strerror(errno));
	if (connect_patiently(fd, &address, deadline) < 0)
		result = cannot_connect(e, path);
	else
		result = send_line(fd, path, line, deadline, e);
	if (result == 0)
		result = receive(fd, path, deadline, reply, e);
	close(fd);
	return result;
}

/* C0 and DEL, and C1 as UTF-8 writes it: C2 80 to C2 9F. */
void
ask_clean(char *s)
{
	unsigned char c, next;

	for (; *s != '\0'; s++) {
		c = (unsigned char)s[0];
		next = (unsigned char)s[1];
		if ((c < ' ' && c != '\n') || c == 0x7f)
			*s = '?';
		if (c == 0xc2 && next >= 0x80 && next <= 0x9f)
			s[0] = s[1] = '?';
	}
}

int
ask_print(FILE *file, const char *s)
{
	if (fputs(s, file) == EOF || fflush(file) == EOF)
		return -1;
	return 0;
}
