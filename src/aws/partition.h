/* SPDX-License-Identifier: MIT
 *
 * The partitions of AWS: accounts, names and endpoints that know nothing of
 * one another.  A region's name tells which one it is of.
 *
 * Source: botocore/data/partitions.json, and the endpoint rule sets of the
 * services.
 */
#ifndef DRD_AWS_PARTITION_H
#define DRD_AWS_PARTITION_H

#include <stdbool.h>

#include "aws/service.h"

/* Which kind of endpoint: bits, so that both together are a kind too. */
enum { VARIANT_DUAL = 1, VARIANT_FIPS = 2, VARIANTS = 4 };

/* Where a global service of a partition is. */
struct global_place {
	const char *label[VARIANTS]; /* between its name and the suffix */
	const char *region;	     /* to sign for */
	const char *fips_region;     /* NULL: the same */
};

struct partition {
	const char *id;	    /* "aws-cn": as in ARNs */
	const char *prefix; /* of the names of its regions */
	const char *suffix;
	const char *dual_suffix;
	bool plain_is_fips; /* see plain_is_fips of struct service_facts */
	bool s3_has_fips;
	struct global_place iam;
	struct global_place route53;
};

/* Never NULL: a name that fits no other is of the standard partition. */
const struct partition *partition_of(const char *region);

/* `service` is a global one.  Static. */
const struct global_place *
partition_global(const struct partition *partition, enum service service);

/* The VARIANT_ bits that AWS_USE_DUALSTACK_ENDPOINT and AWS_USE_FIPS_ENDPOINT
   ask for. */
unsigned partition_variant(void);

/*
 * The region that a global service's calls are signed for, and under which
 * its endpoint is configured, seen from region `near`.  Static.
 */
const char *partition_home(enum service service, const char *near);

#endif
