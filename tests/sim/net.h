/* SPDX-License-Identifier: MIT
 *
 * Between net.c and whoever counts: what is under way.
 */
#ifndef DRD_SIM_NET_H
#define DRD_SIM_NET_H

#include <stddef.h>

/* Requests and questions of the process that runs; the dead have none. */
size_t net_open(void);

void net_reset(void);

/* Calls answered since the simulation began. */
unsigned long net_calls(void);

#endif
