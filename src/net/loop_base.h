/* SPDX-License-Identifier: MIT
 *
 * What the files of net/ know of the loop and nobody else does: libevent.
 */
#ifndef DRD_NET_LOOP_BASE_H
#define DRD_NET_LOOP_BASE_H

#include <stdbool.h>
#include <time.h>

#include "net/lag.h"

struct event_base;
struct evdns_base;

struct loop {
	struct event_base *base;
	struct evdns_base *dns; /* made by net/resolve when first needed */
	time_t dns_read;	/* its configuration is of this time */
	bool stopping;
	struct lag lag;
};

#endif
