/* SPDX-License-Identifier: MIT
 *
 * Names.  See names.h.
 */
#include "names.h"

const char *const names_check[CHECKS] = {
	"11111111-0000-4000-8000-000000000001",
	"22222222-0000-4000-8000-000000000002",
	"33333333-0000-4000-8000-000000000003",
	"44444444-0000-4000-8000-000000000004",
};

const char *const names_balancer[REGIONS] = {
	"shop-1.us-east-1.elb.amazonaws.com",
	"shop-2.us-west-2.elb.amazonaws.com",
};

const char *const names_address[REGIONS] = { "192.0.2.1", "198.51.100.1" };

const char *const names_server[NAMES_SERVERS] = {
	"ns-1.awsdns-01.org",
	"ns-2.awsdns-02.net",
};
