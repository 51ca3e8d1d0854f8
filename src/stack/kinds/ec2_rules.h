/* SPDX-License-Identifier: MIT
 *
 * The rules of a security group, one by one.
 *
 * AWS replies with permissions: a protocol, a range of ports, and lists of
 * who may.  A rule here is a permission with one item in one of its lists,
 * spelled as requests spell it: {"IpProtocol": "tcp", "FromPort": 80,
 * "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}.
 */
#ifndef DRD_STACK_KINDS_EC2_RULES_H
#define DRD_STACK_KINDS_EC2_RULES_H

#include <stdbool.h>

#include "base/tree.h"

#define EC2_INGRESS "ingress"
#define EC2_EGRESS  "egress"

/* New list of the rules of an item of securityGroupInfo; NULL has none. */
json_t *ec2_rules(const json_t *group, const char *direction);

/* Are two rules the same one to AWS?  Descriptions do not matter. */
bool ec2_rule_is(const json_t *rule, const json_t *other);

#endif
