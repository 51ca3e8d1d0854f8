/* SPDX-License-Identifier: MIT
 *
 * Inside the topology: what its files make wanted nodes with.
 */
#ifndef DRD_DAEMON_MAKER_H
#define DRD_DAEMON_MAKER_H

#include <stddef.h>

#include "base/tree.h"
#include "daemon/topology.h"
#include "stack/names.h"

/* Route 53 publishes the metrics of health checks here and nowhere else. */
#define ROUTE53_REGION "us-east-1"

/* Where the nodes of services without regions (IAM, Route 53) are. */
#define GLOBAL_REGION "us-east-1"

/* One graph in the making. */
struct maker {
	const struct config_stack *stack;
	const struct topology_role *role;
	struct graph *graph;
};

/* New strings; the second takes `s` and frees it. */
json_t *maker_string(const char *s);
json_t *maker_taken(char *s);

/* "${region/node:Path}": what the node will have there; new string. */
json_t *maker_reference(const char *region, const char *node, const char *path);

/* The stack's name for `purpose`; returns `out`. */
char *maker_name(const struct maker *m, char out[NAME_MAX_LEN + 1],
    size_t limit, const char *region, const char *purpose);

/* The tag DR-Role of a region: "primary", "secondary" or "global". */
const char *maker_role(const struct maker *m, const char *region);

/* Put our tags into `want`, unless the object is only observed. */
void maker_claim(const struct maker *m, json_t *want, enum policy policy,
    const char *name, const char *role);

/* Add the node "region/what"; takes `want`. */
void
maker_add(const struct maker *m, const struct kind *kind, const char *region,
    const char *what, const char *name, enum policy policy, json_t *want);

/*
 * The layers.  Each file of the topology adds the nodes of one; what others
 * may refer to is said here, with the members that they may use.
 */

/* topology_account.c: "<region>/account": AccountId Partition. */
void maker_add_account(const struct maker *m, const char *region);

/*
 * topology_network.c, per region: "zones": Names (a list), "vpc": VpcId,
 * "vpc-dns-support", "vpc-dns-hostnames", "subnet-1" to "subnet-3": SubnetId,
 * "gateway": InternetGatewayId, "gateway-attachment", "routes": RouteTableId,
 * "route-default", "association-1" to "association-3", "group": GroupId,
 * "group-in-80", "group-in-443", "group-out", "group-extra".
 */
void
maker_add_network(const struct maker *m, const struct config_region *region);

/*
 * topology_roles.c, once: "role-function": Arn RoleName, "role-replication":
 * Arn RoleName, and "<role>-policy" of each.
 */
void maker_add_roles(const struct maker *m);

/*
 * topology_function.c, per region: "function": FunctionArn FunctionName,
 * "function-concurrency", "function-permission" (for the target group).
 */
void
maker_add_function(const struct maker *m, const struct config_region *region);

/* The name of a region's function; returns `out`. */
char *maker_function_name(
    const struct maker *m, char out[NAME_MAX_LEN + 1], const char *region);

/*
 * topology_entry.c, per region: "alb": LoadBalancerArn DNSName
 * CanonicalHostedZoneId ArnSuffix, "alb-attributes", "target-group":
 * TargetGroupArn ArnSuffix, "target" (the registration), "listener-http",
 * "listener-https".
 */
void maker_add_entry(const struct maker *m, const struct config_region *region);

/*
 * topology_certificate.c, when a domain is configured: "<region>/certificate",
 * "<region>/certificate-issued": CertificateArn, and "certificate-record".
 */
void maker_add_certificates(const struct maker *m);

/*
 * topology_table.c: "<primary>/table": TableName TableArn,
 * "<primary>/table-replica", "<standby>/table-tags", "<standby>/table-protection",
 * "<region>/table-backups".
 */
void maker_add_table(const struct maker *m);

/*
 * topology_bucket.c, per region: "bucket": Bucket BucketArn,
 * "bucket-versioning", "bucket-encryption", "bucket-public-access",
 * "bucket-policy", "bucket-ownership", "bucket-lifecycle"; and
 * "<primary>/bucket-replication", with the reverse rule also the standby's.
 * The metrics of a replication are told by the id of its rule.
 */
#define MAKER_REPLICATION_RULE "drd"
void maker_add_buckets(const struct maker *m);

/*
 * topology_dns.c: "zone": Id NameServers; "health-primary", "health-standby",
 * with a latch "health-latch", "health-calculated": Id; "record-primary",
 * "record-standby".
 */
void maker_add_zone(const struct maker *m);
void maker_add_dns(const struct maker *m);

/* topology_notice.c, per region: "topic": TopicArn, "topic-policy" and
   "subscription-<n>". */
void maker_add_notice(const struct maker *m, const char *region);

/* topology_alarms.c: the alarms of both regions, and the one on the
   primary's health check. */
void maker_add_alarms(const struct maker *m);

/* ... and the one on the latch's metric, which is the standby's. */
enum { MAKER_LATCH_PERIOD_S = 60 };
void maker_add_latch_alarm(const struct maker *m);

/* ... which goes after the node that the reference `after` names. */
void maker_retire_latch_alarm(const struct maker *m, const char *after);

#endif
