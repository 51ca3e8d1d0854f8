# SPDX-License-Identifier: MIT
"""To all of a stack at once: disown it, fill it, look for its rests."""

from outside import PRIMARY, STANDBY


def disown(it):
    """Take our tags off everything that has them, in every service."""
    keys = ["drd:stack", "drd:owner"]
    for region in (PRIMARY, STANDBY):
        disown_network(it, region, keys)
        disown_entry(it, region, keys)
        it.boto("acm", region).remove_tags_from_certificate(
            CertificateArn=it.certificate(region),
            Tags=[{"Key": key} for key in keys],
        )
        it.boto("lambda", region).untag_resource(
            Resource=it.function_arn(region), TagKeys=keys
        )
        it.boto("sns", region).untag_resource(
            ResourceArn=it.outside.topic(region), TagKeys=keys
        )
        it.boto("dynamodb", region).untag_resource(
            ResourceArn=it.table_arn(region), TagKeys=keys
        )
        it.boto("cloudwatch", region).untag_resource(
            ResourceARN=it.alarm_arn(region, "elb-5xx"), TagKeys=keys
        )
        it.boto("ssm", region).remove_tags_from_resource(
            ResourceType="Parameter",
            ResourceId=f"{it.outside.prefix}/endpoint",
            TagKeys=keys,
        )
        it.boto("s3", region).delete_bucket_tagging(Bucket=it.names[region])
    for role in it.roles:
        it.boto("iam").untag_role(RoleName=role, TagKeys=keys)
    for kind, thing in (
        ("healthcheck", it.outside.health_check("standby")),
        ("hostedzone", it.outside.zone_id()),
    ):
        it.boto("route53").change_tags_for_resource(
            ResourceType=kind, ResourceId=thing, RemoveTagKeys=keys
        )


def disown_network(it, region, keys):
    things = [it.vpc(region), it.gateway(region), it.routes(region)]
    things += [it.group(region), it.subnet(region, 1)]
    it.boto("ec2", region).delete_tags(
        Resources=things, Tags=[{"Key": key} for key in keys]
    )


def disown_entry(it, region, keys):
    it.boto("elbv2", region).remove_tags(
        ResourceArns=[it.balancer(region)["LoadBalancerArn"]], TagKeys=keys
    )
    it.boto("elbv2", region).remove_tags(
        ResourceArns=[it.target_group(region)], TagKeys=keys
    )
    it.boto("elbv2", region).remove_tags(
        ResourceArns=[it.listener(region, 80)], TagKeys=keys
    )


def fill(it):
    """What makes a stack hard to remove; what can be is protected."""
    for region in (PRIMARY, STANDBY):
        s3, name = it.boto("s3", region), it.names[region]
        for key in ("one", "one", "a/b c+d%25é", "\x01control"):
            s3.put_object(Bucket=name, Key=key, Body=b"something")
        s3.delete_object(Bucket=name, Key="one")
    # Ours no longer, and in the way.
    it.boto("ec2", STANDBY).delete_route_table(RouteTableId=it.left_over)


def remains(it):
    """What there still is of the stack, anywhere."""
    name, found = it.outside.name, []
    for region in (PRIMARY, STANDBY):
        ours = [{"Key": "drd:stack", "Values": [name]}]
        pages = it.boto("resourcegroupstaggingapi", region).get_paginator(
            "get_resources"
        )
        for page in pages.paginate(TagFilters=ours):
            found += [r["ResourceARN"] for r in page["ResourceTagMappingList"]]
        found += remaining_network(it, region)
        alarms = it.boto("cloudwatch", region).describe_alarms(
            AlarmNamePrefix=name + "-"
        )
        found += [a["AlarmName"] for a in alarms["MetricAlarms"]]
        parameters = it.boto("ssm", region).get_parameters_by_path(
            Path=it.outside.prefix, Recursive=True
        )
        found += [p["Name"] for p in parameters["Parameters"]]
        found += it.boto("dynamodb", region).list_tables()["TableNames"]
        found += [
            c["CertificateArn"]
            for c in it.boto("acm", region).list_certificates()[
                "CertificateSummaryList"
            ]
        ]
    found += [b["Name"] for b in it.boto("s3").list_buckets()["Buckets"]]
    found += [
        r["RoleName"]
        for r in it.boto("iam").list_roles()["Roles"]
        if r["RoleName"] in it.roles
    ]
    route53 = it.boto("route53")
    found += [z["Id"] for z in route53.list_hosted_zones()["HostedZones"]]
    found += [c["Id"] for c in route53.list_health_checks()["HealthChecks"]]
    return found


def remaining_network(it, region):
    """The ids of what still has our tag; tags alone outlive their object."""
    ec2 = it.boto("ec2", region)
    mine = [{"Name": "tag:drd:stack", "Values": [it.outside.name]}]
    return [
        thing[key]
        for what, key in (
            ("vpcs", "VpcId"),
            ("subnets", "SubnetId"),
            ("internet_gateways", "InternetGatewayId"),
            ("route_tables", "RouteTableId"),
            ("security_groups", "GroupId"),
        )
        for things in getattr(ec2, f"describe_{what}")(Filters=mine).values()
        for thing in things
        if key in thing
    ]


def tagged(it):
    """The ids of the network and the ARNs of the certificates: ours."""
    return [
        thing
        for region in (PRIMARY, STANDBY)
        for thing in [*remaining_network(it, region), it.certificate(region)]
    ]
