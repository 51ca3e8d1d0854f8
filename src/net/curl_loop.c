/* SPDX-License-Identifier: MIT
 *
 * Turns libcurl's multi interface in the loop.
 *
 * curl says which descriptors it waits for and when it wants to be called at
 * the latest; we call it back.  The one rule: curl is never called from
 * inside one of its own callbacks, so those only note what they were told.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/curl_loop.h"
#include "net/loop.h"

/* Idle connections kept, over all hosts: two regions, a dozen services. */
#define IDLE_CONNECTIONS 32L

struct curl_loop {
	struct loop *loop;
	CURLM *multi;
	struct timer *timer;
	void (*ended)(CURL *easy, CURLcode result);
};

/* A descriptor that curl waits for. */
struct socket {
	struct curl_loop *owner;
	curl_socket_t fd;
	struct watch *watch;
};

/* Let curl work, then pass on what has come to its end. */
static void
turn(struct curl_loop *c, curl_socket_t fd, int events)
{
	CURLMcode code;
	CURLMsg *message;
	int running, left;

	code = curl_multi_socket_action(c->multi, fd, events, &running);
	if (code != CURLM_OK)
		log_error("http: curl: %s", curl_multi_strerror(code));
	while ((message = curl_multi_info_read(c->multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE)
			c->ended(message->easy_handle, message->data.result);
}

static void
on_socket_ready(void *arg, int events)
{
	struct socket *s = arg;
	int what = 0;

	if (events & WATCH_READ)
		what |= CURL_CSELECT_IN;
	if (events & WATCH_WRITE)
		what |= CURL_CSELECT_OUT;
	turn(s->owner, s->fd, what);
}

static void
on_timer(void *arg)
{
	struct curl_loop *c = arg;

	c->timer = NULL;
	turn(c, CURL_SOCKET_TIMEOUT, 0);
}

static int
set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct curl_loop *c = arg;

	timer_cancel(c->timer);
	c->timer = NULL;
	if (timeout_ms >= 0)
		c->timer =
		    loop_after(c->loop, (uint64_t)timeout_ms, on_timer, c);
	return 0;
}

static int
watched_events(int what)
{
	int events = 0;

	if (what & CURL_POLL_IN)
		events |= WATCH_READ;
	if (what & CURL_POLL_OUT)
		events |= WATCH_WRITE;
	return events;
}

static struct socket *
new_socket(struct curl_loop *c, curl_socket_t fd)
{
	struct socket *s = mem_alloc(sizeof(*s));

	s->owner = c;
	s->fd = fd;
	s->watch = loop_watch(c->loop, fd, 0, on_socket_ready, s);
	/* Fails for a descriptor that curl does not know; it just told us. */
	if (curl_multi_assign(c->multi, fd, s) != CURLM_OK)
		log_error("http: curl forgot descriptor %d", fd);
	return s;
}

static int
set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *of_socket)
{
	struct socket *s = of_socket;

	if (what == CURL_POLL_REMOVE) {
		if (s != NULL)
			watch_free(s->watch);
		free(s);
		return 0;
	}
	if (s == NULL)
		s = new_socket(arg, fd);
	watch_set(s->watch, watched_events(what & CURL_POLL_INOUT));
	return 0;
}

/* Fails for options that this curl does not have, which would not compile. */
static bool
configure(struct curl_loop *c, long per_host)
{
	CURLM *m = c->multi;

	return !curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, set_socket) &&
	    !curl_multi_setopt(m, CURLMOPT_SOCKETDATA, c) &&
	    !curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, set_timer) &&
	    !curl_multi_setopt(m, CURLMOPT_TIMERDATA, c) &&
	    !curl_multi_setopt(m, CURLMOPT_PIPELINING, CURLPIPE_NOTHING) &&
	    !curl_multi_setopt(m, CURLMOPT_MAX_HOST_CONNECTIONS, per_host) &&
	    !curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, IDLE_CONNECTIONS);
}

struct curl_loop *
curl_loop_new(struct loop *loop, long per_host,
    void (*ended)(CURL *easy, CURLcode result))
{
	struct curl_loop *c = mem_alloc(sizeof(*c));

	c->loop = loop;
	c->multi = mem_must(curl_multi_init());
	c->ended = ended;
	if (!configure(c, per_host))
		abort();
	return c;
}

void
curl_loop_free(struct curl_loop *c)
{
	CURLMcode code = curl_multi_cleanup(c->multi);

	if (code != CURLM_OK)
		log_error("http: curl: %s", curl_multi_strerror(code));
	timer_cancel(c->timer);
	free(c);
}

CURLMcode
curl_loop_add(struct curl_loop *c, CURL *easy)
{
	return curl_multi_add_handle(c->multi, easy);
}

void
curl_loop_remove(struct curl_loop *c, CURL *easy)
{
	CURLMcode code = curl_multi_remove_handle(c->multi, easy);

	if (code != CURLM_OK)
		log_error("http: curl: %s", curl_multi_strerror(code));
}
