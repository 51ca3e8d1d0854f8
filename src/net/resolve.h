/* SPDX-License-Identifier: MIT
 *
 * Names of servers to addresses, the system's way; for net/dns only.
 *
 * /etc/hosts and the servers of /etc/resolv.conf, asked through the loop.
 */
#ifndef DRD_NET_RESOLVE_H
#define DRD_NET_RESOLVE_H

struct evutil_addrinfo;
struct loop;
struct resolve;

/* `done` takes the list, NULL if there is none: see resolve_release. */
struct resolve *
resolve_start(struct loop *loop, const char *host, const char *port,
    void (*done)(struct evutil_addrinfo *list, void *arg), void *arg);
void resolve_cancel(struct resolve *r); /* NULL is fine */

/* The same for "192.0.2.1" and "2001:db8::1", at once; NULL if neither. */
struct evutil_addrinfo *resolve_number(const char *host, const char *port);

void resolve_release(struct evutil_addrinfo *list);

/* The first name server of the system, as written there; caller frees. */
char *resolve_system_server(void);

#endif
