/* SPDX-License-Identifier: MIT
 *
 * What things are called in the simulated account.
 */
#ifndef DRD_SIM_NAMES_H
#define DRD_SIM_NAMES_H

#include "world.h"

#define NAMES_ZONE    "example.com"
#define NAMES_ZONE_ID "Z0EXAMPLE"
#define NAMES_RECORD  "shop.example.com"
#define NAMES_ACCOUNT "111122223333"

/* Of a region and a name. */
#define NAMES_ALARM "arn:aws:cloudwatch:%s:" NAMES_ACCOUNT ":alarm:%s"

enum { NAMES_SERVERS = 2 };

extern const char *const names_check[CHECKS];	  /* health checks */
extern const char *const names_balancer[REGIONS]; /* DNS names */
extern const char *const names_address[REGIONS];  /* of the balancers */
extern const char *const names_server[NAMES_SERVERS];

#endif
