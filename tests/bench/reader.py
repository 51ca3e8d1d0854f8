# SPDX-License-Identifier: MIT
"""The peer: everything that `drd drift` reads of a stack, by boto3.

    reader.py THREADS REPORT URL-EAST URL-WEST

Written as one would who cares: listings and batch reads rather than a call
for each object, one client for each service, what depends on nothing asked at
once, and what an answer makes possible asked as soon as it is there.  It only
reads; that drd also compares what it has read is not held against it.

REPORT becomes {"replies", "wall_s", "cpu_s"}: of the reads alone, without
Python's start, the imports and the making of clients.
"""

import concurrent.futures
import functools
import itertools
import json
import sys
import time

import boto3

EAST, WEST = "us-east-1", "us-west-2"
SERVICE, ENVIRONMENT, ZONE = "shop", "prod", "example.test"
GLOBAL = f"{SERVICE}-global-{ENVIRONMENT}"
PARAMETERS = f"/dr/{SERVICE}-{ENVIRONMENT}"
REGIONAL = (
    "cloudwatch",
    "dynamodb",
    "ec2",
    "elbv2",
    "lambda",
    "resourcegroupstaggingapi",
    "s3",
    "sns",
    "ssm",
    "sts",
)


class Region:
    """The reads of one region.  A read may return those that follow it."""

    def __init__(self, session, name, url, keep):
        self.name, self.keep = name, keep
        self.prefix = f"{SERVICE}-{name}-{ENVIRONMENT}"
        services = REGIONAL + (("iam", "route53") if name == EAST else ())
        self.clients = {
            service: session.client(
                service, region_name=name, endpoint_url=url
            )
            for service in services
        }

    def read(self, service, operation, **members):
        """One call, and all its pages unless so many items are enough."""
        client = self.clients[service]
        if client.can_paginate(operation) and "MaxItems" not in members:
            pages = client.get_paginator(operation).paginate(**members)
            reply = pages.build_full_result()
        else:
            reply = getattr(client, operation)(**members)
        self.keep((self.name, operation, str(members)), reply)
        return reply

    def later(self, *what, **members):
        return functools.partial(self.read, *what, **members)

    def first(self):
        """What needs nothing but names, the longest ways first."""
        bucket, function = f"{self.prefix}-data", f"{self.prefix}-function"
        table = f"{GLOBAL}-table"
        return [
            self.active,
            self.network,
            self.target_group,
            self.load_balancer,
            self.account,
            self.later("ec2", "describe_availability_zones"),
            self.later("ec2", "describe_internet_gateways"),
            self.later(
                "resourcegroupstaggingapi",
                "get_resources",
                TagFilters=[{"Key": "drd:stack", "Values": [SERVICE]}],
                ResourcesPerPage=100,
            ),
            self.later("lambda", "get_function", FunctionName=function),
            self.later("lambda", "get_policy", FunctionName=function),
            self.later("dynamodb", "describe_table", TableName=table),
            self.later(
                "dynamodb", "describe_continuous_backups", TableName=table
            ),
            self.later(
                "cloudwatch",
                "describe_alarms",
                AlarmNamePrefix=f"{self.prefix}-",
                AlarmTypes=["MetricAlarm"],
            ),
            *(
                self.later("s3", f"get_{document}", Bucket=bucket)
                for document in (
                    "bucket_versioning",
                    "bucket_encryption",
                    "bucket_ownership_controls",
                    "bucket_policy",
                    "public_access_block",
                )
            ),
        ]

    def active(self):
        """Which region is active comes before what that region should be."""
        self.read(
            "ssm",
            "get_parameter",
            Name=f"{PARAMETERS}/active",
            WithDecryption=True,
        )
        names = [f"{self.name}/endpoint", "endpoint", "active"]
        return [
            self.later(
                "ssm",
                "get_parameters",
                Names=[f"{PARAMETERS}/{name}" for name in names],
                WithDecryption=True,
            )
        ]

    def account(self):
        account = self.read("sts", "get_caller_identity")["Account"]
        topic = f"arn:aws:sns:{self.name}:{account}:{self.prefix}-notice"
        return [self.later("sns", "get_topic_attributes", TopicArn=topic)]

    def network(self):
        name = f"{self.prefix}-vpc"
        vpc = next(
            vpc["VpcId"]
            for vpc in self.read("ec2", "describe_vpcs")["Vpcs"]
            if {"Key": "Name", "Value": name} in vpc.get("Tags", [])
        )
        mine = [{"Name": "vpc-id", "Values": [vpc]}]
        lists = ("route_tables", "security_groups", "subnets")
        return [
            *(
                self.later("ec2", f"describe_{what}", Filters=mine)
                for what in lists
            ),
            *(
                self.later(
                    "ec2",
                    "describe_vpc_attribute",
                    VpcId=vpc,
                    Attribute=attribute,
                )
                for attribute in ("enableDnsSupport", "enableDnsHostnames")
            ),
        ]

    def target_group(self):
        (group,) = self.read(
            "elbv2", "describe_target_groups", Names=[f"{self.prefix}-tg"]
        )["TargetGroups"]
        arn = group["TargetGroupArn"]
        return [
            self.later("elbv2", "describe_target_health", TargetGroupArn=arn)
        ]

    def load_balancer(self):
        (balancer,) = self.read(
            "elbv2", "describe_load_balancers", Names=[f"{self.prefix}-alb"]
        )["LoadBalancers"]
        arn = balancer["LoadBalancerArn"]
        return [
            self.later("elbv2", "describe_listeners", LoadBalancerArn=arn),
            self.later(
                "elbv2",
                "describe_load_balancer_attributes",
                LoadBalancerArn=arn,
            ),
        ]


class Home(Region):
    """The region that global services live in, and the primary one."""

    def first(self):
        bucket = f"{self.prefix}-data"
        reads = [self.zone, self.health_checks, *super().first()]
        reads += [self.later("s3", "get_bucket_replication", Bucket=bucket)]
        for purpose in ("function", "replication"):
            role = f"{GLOBAL}-{purpose}-role"
            reads += [
                self.later("iam", "get_role", RoleName=role),
                self.later(
                    "iam", "get_role_policy", RoleName=role, PolicyName="access"
                ),
            ]
        return reads

    def zone(self):
        zones = self.read(
            "route53", "list_hosted_zones_by_name", DNSName=f"{ZONE}."
        )["HostedZones"]
        zone = zones[0]["Id"].rpartition("/")[2]
        return [
            self.later("route53", "get_hosted_zone", Id=zone),
            self.tags("hostedzone", zone),
            self.later(
                "route53",
                "list_resource_record_sets",
                HostedZoneId=zone,
                StartRecordName=f"{SERVICE}.{ZONE}.",
                StartRecordType="A",
                MaxItems="100",
            ),
        ]

    def health_checks(self):
        checks = self.read("route53", "list_health_checks")["HealthChecks"]
        return [self.tags("healthcheck", check["Id"]) for check in checks]

    def tags(self, sort, which):
        return self.later(
            "route53",
            "list_tags_for_resource",
            ResourceType=sort,
            ResourceId=which,
        )


def follow(answer):
    return answer if isinstance(answer, list) else []


def one_after_another(reads):
    while reads:
        reads += follow(reads.pop(0)())


def together(reads, threads):
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        pending = {pool.submit(read) for read in reads}
        while pending:
            done, pending = concurrent.futures.wait(
                pending, return_when=concurrent.futures.FIRST_COMPLETED
            )
            for future in done:
                more = follow(future.result())
                pending |= {pool.submit(read) for read in more}


def main():
    threads, report, east, west = sys.argv[1:]
    session = boto3.session.Session("sandbox", "sandbox-secret")
    replies = {}
    home = Home(session, EAST, east, replies.__setitem__)
    other = Region(session, WEST, west, replies.__setitem__)

    wall, cpu = time.monotonic(), time.process_time()
    both = itertools.zip_longest(home.first(), other.first())
    reads = [read for pair in both for read in pair if read]
    if int(threads) > 1:
        together(reads, int(threads))
    else:
        one_after_another(reads)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    with open(report, "w", encoding="ascii") as file:
        json.dump(
            {"replies": len(replies), "wall_s": wall, "cpu_s": cpu}, file
        )


main()
