# SPDX-License-Identifier: MIT
"""Everything that there is in the sandbox's two regions, one line a thing.

Judged from outside, with boto3.  Two lives of one stack make the same lines,
because what AWS makes up (ids, dates, random names) is left out.  So a double
is a line too many, an orphan a line that nobody had before, and what is lost a
line that is missing.  Nothing is asked of tags: what a killed drd made and did
not tag would be found here and nowhere else.
"""

import collections
from concurrent.futures import ThreadPoolExecutor

from outside import PRIMARY, REGIONS

SERVICES = (
    "cloudwatch",
    "dynamodb",
    "ec2",
    "elbv2",
    "iam",
    "lambda",
    "route53",
    "s3",
    "sns",
    "ssm",
)


class Census:
    """Of one sandbox; take() as often as you like."""

    def __init__(self, sandbox):
        # Clients are made here: botocore's factory knows no threads.
        self._clients = {
            (service, region): sandbox.boto(service, region, read_timeout=60)
            for service in SERVICES
            for region in REGIONS
        }

    def take(self):
        """A Counter of lines."""
        lines = collections.Counter()
        parts = [(part, region) for part in REGIONAL for region in REGIONS]
        parts += [(part, PRIMARY) for part in GLOBAL]
        with ThreadPoolExecutor(4) as pool:
            for (_, region), found in zip(
                parts, pool.map(lambda p: list(self._part(*p)), parts)
            ):
                lines.update(f"{region} {line}" for line in found)
        return lines

    def _part(self, part, region):
        return part(lambda service: self._clients[service, region])


def pages(client, operation, member, **arguments):
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page[member]


def name_of(thing, otherwise):
    tags = {t["Key"]: t["Value"] for t in thing.get("Tags", ())}
    return tags.get("Name", otherwise)


# -- in each region ------------------------------------------------------


def network(boto):
    ec2 = boto("ec2")
    vpcs = {
        v["VpcId"]: name_of(v, v["CidrBlock"])
        for v in pages(ec2, "describe_vpcs", "Vpcs")
    }
    subnets = {}
    for vpc in vpcs.values():
        yield f"vpc {vpc}"
    for subnet in pages(ec2, "describe_subnets", "Subnets"):
        subnets[subnet["SubnetId"]] = subnet["CidrBlock"]
        yield (
            f"subnet {vpcs[subnet['VpcId']]} {subnet['CidrBlock']} "
            f"{subnet['AvailabilityZone']} {subnet['MapPublicIpOnLaunch']}"
        )
    for gateway in pages(
        ec2, "describe_internet_gateways", "InternetGateways"
    ):
        where = [vpcs[a["VpcId"]] for a in gateway["Attachments"]]
        yield f"gateway {name_of(gateway, '')} of {where}"
    for table in pages(ec2, "describe_route_tables", "RouteTables"):
        routes = sorted(
            (r["DestinationCidrBlock"], r.get("GatewayId", "")[:3], r["State"])
            for r in table["Routes"]
        )
        used_by = sorted(
            subnets.get(a.get("SubnetId"), "main")
            for a in table["Associations"]
        )
        yield f"routes {vpcs[table['VpcId']]} {routes} of {used_by}"
    for group in pages(ec2, "describe_security_groups", "SecurityGroups"):
        yield f"group {vpcs[group['VpcId']]} {group['GroupName']}"
        for way in ("IpPermissions", "IpPermissionsEgress"):
            for rule in group[way]:
                sources = [r["CidrIp"] for r in rule["IpRanges"]]
                yield (
                    f"{way} {vpcs[group['VpcId']]} {group['GroupName']} "
                    f"{rule['IpProtocol']} {rule.get('FromPort')} {sources}"
                )


def balancers(boto):
    elb = boto("elbv2")
    for balancer in pages(elb, "describe_load_balancers", "LoadBalancers"):
        yield f"balancer {balancer['LoadBalancerName']}"
        for listener in pages(
            elb,
            "describe_listeners",
            "Listeners",
            LoadBalancerArn=balancer["LoadBalancerArn"],
        ):
            yield f"listener {balancer['LoadBalancerName']} {listener['Port']}"
    for group in pages(elb, "describe_target_groups", "TargetGroups"):
        health = elb.describe_target_health(
            TargetGroupArn=group["TargetGroupArn"]
        )["TargetHealthDescriptions"]
        targets = [t["Target"]["Id"] for t in health]
        yield f"target-group {group['TargetGroupName']} {targets}"


def functions(boto):
    client = boto("lambda")
    for function in pages(client, "list_functions", "Functions"):
        name = function["FunctionName"]
        reserved = client.get_function_concurrency(FunctionName=name).get(
            "ReservedConcurrentExecutions"
        )
        yield f"function {name} {function['CodeSha256']} {reserved}"
        try:
            policy = client.get_policy(FunctionName=name)["Policy"]
        except client.exceptions.ResourceNotFoundException:
            continue
        yield f"permissions {name} {policy.count('lambda:InvokeFunction')}"


def data(boto):
    dynamodb = boto("dynamodb")
    for name in pages(dynamodb, "list_tables", "TableNames"):
        table = dynamodb.describe_table(TableName=name)["Table"]
        replicas = sorted(r["RegionName"] for r in table.get("Replicas", ()))
        yield f"table {name} {table['TableStatus']} {replicas}"


def notices(boto):
    for topic in pages(boto("sns"), "list_topics", "Topics"):
        yield f"topic {topic['TopicArn']}"
    for each in pages(boto("sns"), "list_subscriptions", "Subscriptions"):
        yield f"subscription {each['TopicArn']} {each['Endpoint']}"
    for alarm in pages(boto("cloudwatch"), "describe_alarms", "MetricAlarms"):
        yield f"alarm {alarm['AlarmName']}"
    for parameter in pages(boto("ssm"), "describe_parameters", "Parameters"):
        yield f"parameter {parameter['Name']}"


REGIONAL = (network, balancers, functions, data, notices)


# -- once ----------------------------------------------------------------


def buckets(boto):
    for bucket in boto("s3").list_buckets()["Buckets"]:
        yield f"bucket {bucket['Name']}"


def roles(boto):
    iam = boto("iam")
    for role in pages(iam, "list_roles", "Roles"):
        if role["Path"].startswith("/aws-service-role/"):
            continue  # AWS's own, and it stays
        name = role["RoleName"]
        inline = list(
            pages(iam, "list_role_policies", "PolicyNames", RoleName=name)
        )
        yield f"role {name} {inline}"


def names(boto):
    route53 = boto("route53")
    for zone in pages(route53, "list_hosted_zones", "HostedZones"):
        yield f"zone {zone['Name']}"
        for record in pages(
            route53,
            "list_resource_record_sets",
            "ResourceRecordSets",
            HostedZoneId=zone["Id"],
        ):
            which = record.get("SetIdentifier", "")
            yield f"record {record['Name']} {record['Type']} {which}"
    for check in pages(route53, "list_health_checks", "HealthChecks"):
        # The last part of the reference is unique to the attempt.
        yield f"health-check {check['CallerReference'].rpartition(':')[0]}"


GLOBAL = (buckets, roles, names)
