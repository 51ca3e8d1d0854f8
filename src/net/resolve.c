/* SPDX-License-Identifier: MIT
 *
 * Names of servers to addresses, over libevent's evdns.
 *
 * evdns may answer from inside the call that asks, and answers a cancelled
 * question later all the same.  Here both are put right: `done` always runs
 * in a later round, and never after a cancel.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <event2/dns.h>
#include <event2/util.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/loop.h"
#include "net/loop_base.h"
#include "net/resolve.h"

/* A test looks elsewhere. */
static const char *resolv_conf = "/etc/resolv.conf";

struct resolve {
	struct loop *loop;
	struct evdns_getaddrinfo_request *request;
	struct evutil_addrinfo *list;
	struct timer *delivery;
	bool cancelled;
	void (*done)(struct evutil_addrinfo *list, void *arg);
	void *arg;
};

static const struct evutil_addrinfo hints = {
	.ai_family = AF_UNSPEC,
	.ai_socktype = SOCK_DGRAM,
	.ai_protocol = IPPROTO_UDP,
};

/* A laptop or a VPN changes its servers: read the file again when it did. */
static struct evdns_base *
system_servers(struct loop *loop)
{
	int what = DNS_OPTION_NAMESERVERS;
	struct stat now = { 0 };

	if (stat(resolv_conf, &now) != 0)
		log_debug("dns: %s: %s", resolv_conf, strerror(errno));
	if (loop->dns != NULL && now.st_mtime == loop->dns_read)
		return loop->dns;
	if (loop->dns == NULL) {
		loop->dns = mem_must(evdns_base_new(loop->base, 0));
		what = DNS_OPTIONS_ALL;
	}
	loop->dns_read = now.st_mtime;
	evdns_base_clear_nameservers_and_suspend(loop->dns);
	/* Without the file it is a server on this machine: resolv.conf(5). */
	if (evdns_base_resolv_conf_parse(loop->dns, what, resolv_conf) != 0)
		log_debug("dns: %s is not all readable", resolv_conf);
	evdns_base_resume(loop->dns);
	return loop->dns;
}

static void
pass_on(void *arg)
{
	struct resolve *r = arg;
	struct resolve copy = *r;

	free(r);
	copy.done(copy.list, copy.arg);
}

static void
on_addresses(int error, struct evutil_addrinfo *list, void *arg)
{
	struct resolve *r = arg;

	if (error != 0)
		log_debug("dns: %s", evutil_gai_strerror(error));
	if (r->cancelled) {
		resolve_release(list);
		free(r);
		return;
	}
	r->request = NULL;
	r->list = list;
	r->delivery = loop_after(r->loop, 0, pass_on, r);
}

struct resolve *
resolve_start(struct loop *loop, const char *host, const char *port,
    void (*done)(struct evutil_addrinfo *list, void *arg), void *arg)
{
	struct resolve *r = mem_alloc(sizeof(*r));
	struct evdns_getaddrinfo_request *request;

	r->loop = loop;
	r->done = done;
	r->arg = arg;
	request = evdns_getaddrinfo(
	    system_servers(loop), host, port, &hints, on_addresses, r);
	if (r->delivery == NULL)
		r->request = request;
	return r;
}

void
resolve_cancel(struct resolve *r)
{
	if (r == NULL)
		return;
	if (r->delivery == NULL) {
		r->cancelled = true;
		evdns_getaddrinfo_cancel(r->request);
		return; /* on_addresses frees */
	}
	timer_cancel(r->delivery);
	resolve_release(r->list);
	free(r);
}

struct evutil_addrinfo *
resolve_number(const char *host, const char *port)
{
	struct evutil_addrinfo numeric = hints, *list = NULL;

	numeric.ai_flags = EVUTIL_AI_NUMERICHOST | EVUTIL_AI_NUMERICSERV;
	if (evutil_getaddrinfo(host, port, &numeric, &list) != 0)
		return NULL;
	return list;
}

void
resolve_release(struct evutil_addrinfo *list)
{
	if (list != NULL)
		evutil_freeaddrinfo(list);
}

char *
resolve_system_server(void)
{
	FILE *file = fopen(resolv_conf, "re");
	char line[512], server[256], *found = NULL;

	if (file == NULL)
		return mem_strdup("127.0.0.1");
	while (found == NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "nameserver %255s", server) == 1)
			found = mem_strdup(server);
	if (fclose(file) != 0)
		log_debug("dns: %s: %s", resolv_conf, strerror(errno));
	return found != NULL ? found : mem_strdup("127.0.0.1");
}
