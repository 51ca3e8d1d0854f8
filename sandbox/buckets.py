# SPDX-License-Identifier: MIT
"""AWS's token buckets: how often an account may call, when asked for.

One bucket for each region; Route 53 and IAM have one for the account.  A call
that finds one of its buckets empty is throttled, in the service's own words,
and takes nothing from the others.  They refill on the sandbox's clock.

Sources: the Route 53 developer guide ("DNSLimitations"), the EC2 and load
balancing guides ("API throttling"), the quota pages of Lambda, SSM,
CloudWatch, SNS, IAM and DynamoDB.  A quota given as a rate alone is a bucket
that holds one second of it.  IAM's and S3's rates are not published.
"""

import fnmatch

from . import protocols

SHARED = "all calls"  # what a call takes from besides its own bucket


class Rule:
    """Which calls share a bucket, or, without a name, which have one each."""

    def __init__(self, service, name, operations, burst, refill, cost=None):
        self.service = service  # signing name
        self.name = name
        self.operations = operations.split()
        self.burst, self.refill = burst, refill
        self.cost = cost or (lambda call: 1)

    def covers(self, operation):
        return any(fnmatch.fnmatchcase(operation, o) for o in self.operations)


def _changes(call):
    """What a batch of records costs: an UPSERT is a DELETE and a CREATE."""
    body = call.request.body
    return body.count(b"<Action>") + body.count(b"<Action>UPSERT</Action>")


RULES = (
    Rule("route53", SHARED, "*", 50, 10),
    Rule("route53", None, "GetHealthCheckStatus", 4, 1),
    Rule("route53", None, "GetHealthCheckLastFailureReason", 4, 1),
    Rule("route53", None, "CreateHealthCheck", 50, 0.5),
    Rule("route53", None, "UpdateHealthCheck", 50, 5),
    Rule("route53", None, "DeleteHealthCheck", 15, 3),
    Rule("route53", None, "CreateHostedZone", 40, 2),
    Rule("route53", None, "DeleteHostedZone", 40, 5),
    Rule("route53", "changes", "ChangeResourceRecordSets", 1500, 100, _changes),
    Rule("ec2", None, "Describe* Get*", 100, 20),
    Rule("ec2", None, "CreateTags DeleteTags", 100, 10),
    Rule("ec2", None, "CreateVpcEndpoint", 4, 0.3),
    Rule("ec2", None, "*", 50, 5),
    Rule("elasticloadbalancing", SHARED, "*", 40, 10),
    Rule(
        "elasticloadbalancing",
        "load balancers",
        "CreateLoadBalancer SetSubnets",
        10,
        0.2,
    ),
    Rule(
        "elasticloadbalancing",
        "registrations",
        "RegisterTargets DeregisterTargets",
        20,
        4,
    ),
    Rule(
        "elasticloadbalancing",
        "changes",
        "Create* Modify* Delete* Set* Add* Remove*",
        20,
        3,
    ),
    Rule("lambda", None, "GetFunction", 100, 100),
    Rule("lambda", None, "GetPolicy", 15, 15),
    Rule("lambda", None, "Invoke", 10000, 10000),
    Rule("lambda", "control", "*", 15, 15),
    Rule(
        "ssm",
        "parameter reads",
        "GetParameter GetParameters GetParametersByPath",
        40,
        40,
    ),
    Rule(
        "ssm",
        "parameter writes",
        "PutParameter DescribeParameters GetParameterHistory "
        "LabelParameterVersion UnlabelParameterVersion",
        3,
        3,
    ),
    Rule("ssm", "parameter deletions", "DeleteParameter*", 3, 3),
    Rule("monitoring", None, "DescribeAlarms", 9, 9),
    Rule("monitoring", None, "DescribeAlarmHistory", 20, 20),
    Rule(
        "monitoring",
        None,
        "PutMetricAlarm PutCompositeAlarm DeleteAlarms SetAlarmState",
        3,
        3,
    ),
    Rule("monitoring", None, "GetMetricData PutMetricData", 500, 500),
    Rule("monitoring", None, "GetMetricStatistics", 400, 400),
    Rule("monitoring", None, "ListMetrics", 25, 25),
    Rule("monitoring", None, "TagResource", 20, 20),
    Rule("monitoring", None, "ListTagsForResource", 10, 10),
    Rule("dynamodb", None, "DescribeContinuousBackups", 10, 10),
    Rule("dynamodb", None, "DescribeTimeToLive", 10, 10),
    Rule("dynamodb", None, "DescribeTableReplicaAutoScaling", 10, 10),
    Rule("dynamodb", "tables", "DescribeTable ListTables", 2500, 2500),
    Rule("sns", None, "List*", 30, 30),
    Rule("sns", None, "TagResource UntagResource", 10, 10),
    Rule("sns", None, "Subscribe Unsubscribe", 100, 100),
    Rule("sts", SHARED, "*", 600, 600),
)


class Buckets:
    def __init__(self, clock):
        self.clock = clock
        self.on = False
        self.throttled = 0
        self._levels = {}  # (region, service, name): [tokens, when]

    def change(self, spec):
        """Switch on, with full buckets, or off; ValueError otherwise."""
        if set(spec) != {"on"} or not isinstance(spec["on"], bool):
            raise ValueError('{"on": true} or {"on": false}')
        self.on = spec["on"]
        self.throttled = 0
        self._levels.clear()

    def describe(self):
        return {
            "on": self.on,
            "throttled": self.throttled,
            "levels": [
                {
                    "region": region,
                    "service": service,
                    "bucket": name,
                    "tokens": round(tokens, 1),
                }
                for (region, service, name), (tokens, _) in sorted(
                    self._levels.items()
                )
            ],
        }

    def take(self, call):
        """Whether the call may go on; the caller holds the world's lock."""
        if not self.on:
            return True
        taken = []
        for rule in _rules_of(call.service, call.operation):
            level, cost = self._level(rule, call), rule.cost(call)
            if level[0] < cost:
                self.throttled += 1
                return False
            taken.append((level, cost))
        for level, cost in taken:
            level[0] -= cost
        return True

    def _level(self, rule, call):
        """[tokens, when] of the rule's bucket for this call, refilled."""
        region = (
            "aws" if call.service in protocols.GLOBAL_SERVICES else call.region
        )
        key = region, call.service, rule.name or call.operation
        now = self.clock.aws()
        level = self._levels.setdefault(key, [rule.burst, now])
        level[0] = min(rule.burst, level[0] + (now - level[1]) * rule.refill)
        level[1] = now
        return level


def _rules_of(service, operation):
    """The bucket that all calls share, and the first that is its own."""
    own = None
    for rule in RULES:
        if rule.service != service or not rule.covers(operation):
            continue
        if rule.name == SHARED:
            yield rule
        elif own is None:
            own = rule
    if own is not None:
        yield own
