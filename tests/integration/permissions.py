# SPDX-License-Identifier: MIT
"""What AWS asks permission for: from a call to IAM actions and objects.

Written from AWS's side and with nothing of drd's: the tables of the Service
Authorization Reference ("Actions, resources, and condition keys for ..."),
and the pages of the operations where those ask for more than their namesake.
"""

import dataclasses
import re

from conformance import input_of

# Signing names whose actions have another prefix.
PREFIX = {"monitoring": "cloudwatch", "tagging": "tag"}


@dataclasses.dataclass(frozen=True)
class Need:
    action: str
    resource: str  # an ARN, or "*"
    # What the condition keys are: of the request's tags, of the object's.
    request_tags: frozenset = frozenset()
    thing: str = ""  # the id whose own tags count
    facts: frozenset = frozenset()  # other condition keys, with their value


def tags_of(tags):
    if isinstance(tags, dict):
        return frozenset(tags.items())
    return frozenset(
        (t.get("Key", t.get("key")), t.get("Value", t.get("value")))
        for t in tags or ()
    )


class Asked:
    """One call, and what AWS checks before it carries it out."""

    def __init__(self, call, account):
        self.service, self.operation = call["service"], call["operation"]
        self.region, self.account = call["region"], account
        self.params = input_of(call)
        self.prefix = PREFIX.get(self.service, self.service)

    def arn(self, resource, region=None, service=None):
        region = self.region if region is None else region
        service = service or self.prefix
        return f"arn:aws:{service}:{region}:{self.account}:{resource}"

    def need(self, *resources, action=None, **more):
        action = action or f"{self.prefix}:{self.operation}"
        return [Need(action, resource, **more) for resource in resources]

    def needs(self):
        return getattr(self, self.service)()

    # -- services --------------------------------------------------------

    def sts(self):
        """GetCallerIdentity: everybody may ask who he is."""
        assert self.operation == "GetCallerIdentity"
        return []

    def tagging(self):
        return self.need("*")

    def servicequotas(self):
        return self.need("*")

    def ec2(self):
        if self.operation.startswith("Describe"):
            return self.need("*")
        if self.operation == "CreateTags":
            return [self.own(thing) for thing in self.params["Resources"]]
        if self.operation.startswith("Create") and self.operation not in (
            "CreateRoute",
        ):
            return self.creation()
        things = [
            self.params[key]
            for key in (
                "VpcId",
                "SubnetId",
                "InternetGatewayId",
                "RouteTableId",
                "GroupId",
            )
            if key in self.params
        ]
        needs = [self.own(thing) for thing in things]
        if "AssociationId" in self.params:
            # The table and the subnet that it joins.
            needs += self.need(self.arn("route-table/rtb-0"), thing="ours")
            needs += self.need(self.arn("subnet/subnet-0"), thing="ours")
        if self.operation.startswith("AuthorizeSecurityGroup"):
            needs += self.need(self.arn("security-group-rule/sgr-0"))
        return needs

    EC2_TYPES = {
        "vpc": "vpc",
        "subnet": "subnet",
        "igw": "internet-gateway",
        "rtb": "route-table",
        "sg": "security-group",
    }

    def own(self, thing):
        kind = self.EC2_TYPES[thing.partition("-")[0]]
        [need] = self.need(self.arn(f"{kind}/{thing}"), thing=thing)
        return need

    def creation(self):
        """The new object has only the request's tags, its VPC its own."""
        [tagging] = self.params["TagSpecifications"]
        resource = self.arn(f"{tagging['ResourceType']}/new")
        tags = tags_of(tagging["Tags"])
        needs = self.need(resource, request_tags=tags)
        needs += self.need(
            resource,
            action="ec2:CreateTags",
            request_tags=tags,
            facts=frozenset({("ec2:CreateAction", self.operation)}),
        )
        if "VpcId" in self.params:
            needs.append(self.own(self.params["VpcId"]))
        return needs

    def elasticloadbalancing(self):
        if self.operation.startswith("Describe"):
            return self.need("*")
        name = self.params.get("Name", "")
        if self.operation == "CreateLoadBalancer":
            return self.tagged(
                self.arn(f"loadbalancer/app/{name}/0"),
                "elasticloadbalancing:AddTags",
            )
        if self.operation == "CreateTargetGroup":
            return self.tagged(
                self.arn(f"targetgroup/{name}/0"),
                "elasticloadbalancing:AddTags",
            )
        if self.operation == "CreateListener":
            balancer = self.params["LoadBalancerArn"]
            listener = balancer.replace(":loadbalancer/", ":listener/") + "/0"
            return self.need(balancer) + self.need(
                listener, action="elasticloadbalancing:AddTags"
            )
        if self.operation == "AddTags":
            return self.need(*self.params["ResourceArns"])
        return self.need(
            next(
                self.params[key]
                for key in ("LoadBalancerArn", "TargetGroupArn", "ListenerArn")
                if key in self.params
            )
        )

    def tagged(self, resource, action):
        """Made with tags, which takes the permission to tag."""
        assert self.params["Tags"], self.operation
        return self.need(resource) + self.need(
            resource, action=action, request_tags=tags_of(self.params["Tags"])
        )

    def acm(self):
        if self.operation == "ListCertificates":
            return self.need("*")
        if self.operation == "RequestCertificate":
            tags = tags_of(self.params["Tags"])
            return self.need("*", request_tags=tags) + self.need(
                self.arn("certificate/new"),
                action="acm:AddTagsToCertificate",
                request_tags=tags,
            )
        arn = self.params["CertificateArn"]
        return self.need(
            arn, thing=arn, request_tags=tags_of(self.params.get("Tags"))
        )

    def role_passed(self, arn, service):
        return self.need(
            arn,
            action="iam:PassRole",
            facts=frozenset({("iam:PassedToService", service)}),
        )

    def lambda_(self):
        if self.operation == "GetAccountSettings":
            return self.need("*")
        if "Resource" in self.params:
            return self.need(self.params["Resource"])
        function = self.arn("function:" + self.params["FunctionName"])
        needs = self.need(function)
        if self.operation == "GetFunction":  # its reply's Tags
            needs += self.need(function, action="lambda:ListTags")
        if self.operation == "CreateFunction":
            assert self.params["Tags"]
            needs += self.need(function, action="lambda:TagResource")
        if "Role" in self.params:
            role = self.params["Role"]
            needs += self.role_passed(role, "lambda.amazonaws.com")
        return needs

    def iam(self):
        role = self.arn("role/" + self.params["RoleName"], region="")
        if self.operation == "CreateRole":
            return self.tagged(role, "iam:TagRole")
        return self.need(role)

    REPLICATION = (
        "BatchWriteItem CreateTable CreateTableReplica DeleteItem DeleteTable "
        "DeleteTableReplica GetItem PutItem Query Scan UpdateItem"
    )

    def dynamodb(self):
        if "ResourceArn" in self.params:
            return self.need(self.params["ResourceArn"])
        table = "table/" + self.params["TableName"]
        needs = self.need(self.arn(table))
        if self.operation == "CreateTable":
            needs = self.tagged(self.arn(table), "dynamodb:TagResource")
        for change in self.params.get("ReplicaUpdates", ()):
            [other] = change.values()
            for region in (self.region, other["RegionName"]):
                for word in self.REPLICATION.split():
                    needs += self.need(
                        self.arn(table, region), action=f"dynamodb:{word}"
                    )
        return needs

    # S3's operations whose actions have other names.
    S3 = {
        "GetBucketEncryption": "GetEncryptionConfiguration",
        "PutBucketEncryption": "PutEncryptionConfiguration",
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
        "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
        "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
        "GetBucketReplication": "GetReplicationConfiguration",
        "PutBucketReplication": "PutReplicationConfiguration",
        "DeleteBucketReplication": "PutReplicationConfiguration",
        "ListObjectVersions": "ListBucketVersions",
        "ListObjectsV2": "ListBucket",
    }

    def s3(self):
        bucket = "arn:aws:s3:::" + self.params["Bucket"]
        if self.operation in ("PutObject", "DeleteObject") and (
            "VersionId" not in self.params
        ):
            return self.need(f"{bucket}/{self.params['Key']}")
        if self.operation in ("DeleteObject", "DeleteObjects"):
            # "You must always specify" the first, and the second for versions.
            return self.need(f"{bucket}/x", action="s3:DeleteObject") + (
                self.need(f"{bucket}/x", action="s3:DeleteObjectVersion")
            )
        action = "s3:" + self.S3.get(self.operation, self.operation)
        needs = self.need(bucket, action=action)
        if self.operation == "CreateBucket":
            assert self.params["CreateBucketConfiguration"]["Tags"]
            needs += self.need(bucket, action="s3:TagResource")
        if self.operation == "PutBucketReplication":
            role = self.params["ReplicationConfiguration"]["Role"]
            needs += self.role_passed(role, "s3.amazonaws.com")
        return needs

    def routing_control(self):
        return self.need(self.params["RoutingControlArn"])

    def route53(self):
        params = self.params
        if "ResourceType" in params:
            kind, thing = params["ResourceType"], params["ResourceId"]
        elif self.operation.endswith(
            ("HealthChecks", "HostedZonesByName")
        ) or self.operation in (
            "CreateHostedZone",
            "CreateHealthCheck",
            "GetAccountLimit",
        ):
            return self.need("*")
        elif "HealthCheckId" in params:
            kind, thing = "healthcheck", params["HealthCheckId"]
        else:
            kind = "hostedzone"
            thing = params.get("HostedZoneId") or params["Id"]
        return self.need(f"arn:aws:route53:::{kind}/{thing}")

    def monitoring(self):
        if self.operation == "DescribeAlarms":
            names = self.params.get("AlarmNames") or ["x"]
            if "AlarmNamePrefix" in self.params or len(names) > 1:
                names = ["x"]  # the list is of all alarms
            return self.need(*[self.arn(f"alarm:{n}") for n in names])
        if self.operation == "GetMetricData":
            return self.need("*")
        if self.operation == "PutMetricData":
            space = ("cloudwatch:namespace", self.params["Namespace"])
            return self.need("*", facts=frozenset({space}))
        if "ResourceARN" in self.params:
            return self.need(self.params["ResourceARN"])
        if self.operation == "DeleteAlarms":
            names = self.params["AlarmNames"]
            return self.need(*[self.arn(f"alarm:{n}") for n in names])
        alarm = self.arn("alarm:" + self.params["AlarmName"])
        if self.params.get("Tags"):
            return self.tagged(alarm, "cloudwatch:TagResource")
        return self.need(alarm)

    def sns(self):
        if self.operation == "CreateTopic":
            topic = self.arn(self.params["Name"])
            return self.tagged(topic, "sns:TagResource")
        topic = self.params.get("TopicArn") or self.params["ResourceArn"]
        return self.need(topic)

    def ssm(self):
        names = self.params.get("Names") or [
            self.params.get("Name") or self.params["ResourceId"]
        ]
        parameters = [self.arn("parameter" + name) for name in names]
        if self.operation == "PutParameter" and self.params.get("Tags"):
            return self.tagged(parameters[0], "ssm:AddTagsToResource")
        return self.need(*parameters)


# Services whose names are no names in Python.
setattr(Asked, "lambda", Asked.lambda_)
setattr(Asked, "route53-recovery-cluster", Asked.routing_control)


def pattern(resource):
    """IAM's: "*" is any text, "?" any character."""
    parts = re.split(r"([*?])", resource)
    return re.compile(
        "".join({"*": ".*", "?": "."}.get(p) or re.escape(p) for p in parts)
    )


class Policy:
    """A policy document, asked."""

    def __init__(self, document, is_ours):
        self.statements = document["Statement"]
        self.is_ours = is_ours  # is_ours(id): does it carry our tags?
        self.used = set()  # (statement, action), (statement, resource)

    def allows(self, need):
        allowed = False
        for i, statement in enumerate(self.statements):
            if need.action not in statement["Action"]:
                continue
            if not self.holds(statement.get("Condition", {}), need):
                continue
            for resource in statement["Resource"]:
                if pattern(resource).fullmatch(need.resource):
                    self.used |= {(i, need.action), (i, resource)}
                    allowed = True
        return allowed

    def holds(self, condition, need):
        facts = dict(need.facts)
        request = dict(need.request_tags)
        for operator, keys in condition.items():
            for key, wanted in keys.items():
                if key.startswith("aws:ResourceTag/"):
                    good = bool(need.thing) and self.is_ours(need.thing)
                elif operator == "Null":
                    good = (key not in facts) == wanted
                else:
                    assert operator == "StringEquals", operator
                    have = request.get(key.removeprefix("aws:RequestTag/"))
                    have = facts.get(key, have)
                    listed = isinstance(wanted, list)
                    good = have in (wanted if listed else [wanted])
                if not good:
                    return False
        return True

    def unused(self):
        """What no need has needed: (action or resource, of which actions)."""
        return {
            (word, statement["Action"][0])
            for i, statement in enumerate(self.statements)
            for word in statement["Action"] + statement["Resource"]
            if (i, word) not in self.used
        }
