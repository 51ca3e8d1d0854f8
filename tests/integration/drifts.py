# SPDX-License-Identifier: MIT
"""What somebody else may do to a stack: a change for each thing drd mends.

Each function changes one thing by boto3.  Its decorator says which object
differs then, in which members (none: it is gone), and which calls bring it
back: no more, no fewer.  What cannot be done at the same time is in another
round.
"""

import dataclasses
import io
import json
import zipfile
from collections.abc import Callable

from outside import PRIMARY, STANDBY

DRIFTS = []


@dataclasses.dataclass(frozen=True)
class Drift:
    kind: str
    region: str  # where drd's call goes
    members: frozenset  # that differ; empty: there is nothing any more
    sends: tuple  # operations
    round: int
    node: str | None  # the object's id in the plan; None: the only one
    make: Callable


def drift(kind, region, members, *sends, round=1, node=None):
    def add(make):
        words = frozenset(members.split())
        DRIFTS.append(Drift(kind, region, words, sends, round, node, make))
        return make

    return add


NOBODY = [{"Key": "Environment", "Value": "nobody"}]
LOWER = [{"key": "Environment", "value": "nobody"}]


def package(text):
    """A zip file with this as index.js."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.js", text)
    return out.getvalue()


def trust(service):
    """The document that lets a service take a role."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Things:
    """The stack's objects by what identifies them to a person."""

    def __init__(self, outside):
        self.outside, self.boto = outside, outside.boto
        self.account = self.boto("sts").get_caller_identity()["Account"]
        self.names = {
            region: outside.full_name(region, "data")
            for region in (PRIMARY, STANDBY)
        }
        self.table = f"{outside.name}-global-prod-table"
        self.roles = [
            f"{outside.name}-global-prod-{what}-role"
            for what in ("function", "replication")
        ]

    def _ec2(self, region, what, purpose, key):
        """The id of the one that has our Name."""
        name = self.outside.full_name(region, purpose)
        answer = getattr(self.boto("ec2", region), "describe_" + what)(
            Filters=[{"Name": "tag:Name", "Values": [name]}]
        )
        answer.pop("ResponseMetadata")
        [found] = next(iter(v for v in answer.values() if isinstance(v, list)))
        return found[key]

    def vpc(self, region):
        return self._ec2(region, "vpcs", "vpc", "VpcId")

    def subnet(self, region, number=1):
        return self._ec2(region, "subnets", f"subnet-{number}", "SubnetId")

    def gateway(self, region):
        return self._ec2(
            region, "internet_gateways", "gateway", "InternetGatewayId"
        )

    def routes(self, region):
        return self._ec2(region, "route_tables", "routes", "RouteTableId")

    def group(self, region):
        return self._ec2(region, "security_groups", "group", "GroupId")

    def association(self, region, subnet):
        tables = self.boto("ec2", region).describe_route_tables(
            RouteTableIds=[self.routes(region)]
        )["RouteTables"]
        return next(
            a["RouteTableAssociationId"]
            for a in tables[0]["Associations"]
            if a.get("SubnetId") == subnet
        )

    def default_group(self, region):
        return self.boto("ec2", region).describe_security_groups(
            Filters=[
                {"Name": "vpc-id", "Values": [self.vpc(region)]},
                {"Name": "group-name", "Values": ["default"]},
            ]
        )["SecurityGroups"][0]["GroupId"]

    def function(self, region):
        return self.outside.full_name(region, "function")

    def function_arn(self, region):
        name = self.function(region)
        return f"arn:aws:lambda:{region}:{self.account}:function:{name}"

    def another_role(self):
        """The ARN of a role for functions that is not ours."""
        iam, name = self.boto("iam"), f"{self.outside.name}-another"
        try:
            role = iam.get_role(RoleName=name)
        except iam.exceptions.NoSuchEntityException:
            role = iam.create_role(
                RoleName=name,
                AssumeRolePolicyDocument=trust("lambda.amazonaws.com"),
            )
        return role["Role"]["Arn"]

    def permission(self, region):
        """The function's policy for the target group, one statement."""
        answer = self.boto("lambda", region).get_policy(
            FunctionName=self.function(region)
        )
        [statement] = json.loads(answer["Policy"])["Statement"]
        return statement

    def balancer(self, region):
        return self.boto("elbv2", region).describe_load_balancers(
            Names=[self.outside.full_name(region, "alb")]
        )["LoadBalancers"][0]

    def target_group(self, region):
        return self.boto("elbv2", region).describe_target_groups(
            Names=[self.outside.full_name(region, "tg")]
        )["TargetGroups"][0]["TargetGroupArn"]

    def listener(self, region, port):
        return next(
            x["ListenerArn"]
            for x in self.boto("elbv2", region).describe_listeners(
                LoadBalancerArn=self.balancer(region)["LoadBalancerArn"]
            )["Listeners"]
            if x["Port"] == port
        )

    def certificate(self, region):
        [found] = [
            c["CertificateArn"]
            for c in self.boto("acm", region).list_certificates()[
                "CertificateSummaryList"
            ]
            if c["DomainName"].endswith("." + self.outside.zone)
        ]
        return found

    def table_arn(self, region):
        return f"arn:aws:dynamodb:{region}:{self.account}:table/{self.table}"

    def table_is_done(self):
        """Neither the table nor its replica is busy."""
        for region in (PRIMARY, STANDBY):
            try:
                table = self.boto("dynamodb", region).describe_table(
                    TableName=self.table
                )["Table"]
            except self.boto(
                "dynamodb", region
            ).exceptions.ResourceNotFoundException:
                continue
            if table["TableStatus"] != "ACTIVE" or any(
                r["ReplicaStatus"] != "ACTIVE"
                for r in table.get("Replicas", [])
            ):
                return False
        return True

    def alarm_arn(self, region, purpose):
        name = self.outside.full_name(region, purpose)
        return f"arn:aws:cloudwatch:{region}:{self.account}:alarm:{name}"

    def records(self, wanted):
        found = self.boto("route53").list_resource_record_sets(
            HostedZoneId=self.outside.zone_id()
        )["ResourceRecordSets"]
        return [r for r in found if wanted(r)]


# --- The network ----------------------------------------------------------


@drift("vpc", STANDBY, "Tags", "CreateTags")
def vpc_tags(it):
    it.boto("ec2", STANDBY).create_tags(
        Resources=[it.vpc(STANDBY)], Tags=NOBODY
    )


@drift("vpc-dns-support", STANDBY, "EnableDnsSupport", "ModifyVpcAttribute")
def dns_support(it):
    it.boto("ec2", STANDBY).modify_vpc_attribute(
        VpcId=it.vpc(STANDBY), EnableDnsSupport={"Value": False}
    )


@drift("vpc-dns-hostnames", PRIMARY, "EnableDnsHostnames", "ModifyVpcAttribute")
def dns_hostnames(it):
    it.boto("ec2").modify_vpc_attribute(
        VpcId=it.vpc(PRIMARY), EnableDnsHostnames={"Value": False}
    )


@drift(
    "subnet",
    STANDBY,
    "MapPublicIpOnLaunch Tags",
    "ModifySubnetAttribute",
    "CreateTags",
    node="subnet-2",
)
def subnet(it):
    ec2, subnet = it.boto("ec2", STANDBY), it.subnet(STANDBY, 2)
    ec2.modify_subnet_attribute(
        SubnetId=subnet, MapPublicIpOnLaunch={"Value": False}
    )
    ec2.create_tags(Resources=[subnet], Tags=NOBODY)


@drift("internet-gateway", STANDBY, "Tags", "CreateTags")
def gateway_tags(it):
    it.boto("ec2", STANDBY).create_tags(
        Resources=[it.gateway(STANDBY)], Tags=NOBODY
    )


@drift("route-table", STANDBY, "Tags", "CreateTags")
def routes_tags(it):
    it.boto("ec2", STANDBY).create_tags(
        Resources=[it.routes(STANDBY)], Tags=NOBODY
    )


@drift("route", STANDBY, "GatewayId", "ReplaceRoute")
def another_route(it):
    """To another network, which has gone since."""
    ec2 = it.boto("ec2", STANDBY)
    other = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    peering = ec2.create_vpc_peering_connection(
        VpcId=it.vpc(STANDBY), PeerVpcId=other
    )["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    ec2.replace_route(
        RouteTableId=it.routes(STANDBY),
        DestinationCidrBlock="0.0.0.0/0",
        VpcPeeringConnectionId=peering,
    )
    ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=peering)
    ec2.delete_vpc(VpcId=other)


@drift("route", PRIMARY, "", "CreateRoute")
def no_route(it):
    it.boto("ec2").delete_route(
        RouteTableId=it.routes(PRIMARY), DestinationCidrBlock="0.0.0.0/0"
    )


@drift(
    "route-association",
    STANDBY,
    "RouteTableId",
    "ReplaceRouteTableAssociation",
    node="association-1",
)
def another_route_table(it):
    ec2 = it.boto("ec2", STANDBY)
    table = ec2.create_route_table(VpcId=it.vpc(STANDBY))["RouteTable"]
    it.left_over = table["RouteTableId"]
    ec2.replace_route_table_association(
        AssociationId=it.association(STANDBY, it.subnet(STANDBY, 1)),
        RouteTableId=it.left_over,
    )


@drift(
    "route-association",
    STANDBY,
    "",
    "AssociateRouteTable",
    node="association-3",
)
def no_association(it):
    it.boto("ec2", STANDBY).disassociate_route_table(
        AssociationId=it.association(STANDBY, it.subnet(STANDBY, 3))
    )


@drift("security-group", STANDBY, "Tags", "CreateTags")
def group_tags(it):
    it.boto("ec2", STANDBY).create_tags(
        Resources=[it.group(STANDBY)], Tags=NOBODY
    )


def anybody(port):
    return {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
    }


@drift(
    "security-group-rule",
    STANDBY,
    "",
    "AuthorizeSecurityGroupIngress",
    node="group-in-443",
)
def nobody_gets_in(it):
    it.boto("ec2", STANDBY).revoke_security_group_ingress(
        GroupId=it.group(STANDBY), IpPermissions=[anybody(443)]
    )


@drift(
    "security-group-rule",
    STANDBY,
    "",
    "AuthorizeSecurityGroupEgress",
    node="group-out",
)
def nothing_gets_out(it):
    ec2, group = it.boto("ec2", STANDBY), it.group(STANDBY)
    rules = ec2.describe_security_groups(GroupIds=[group])
    ec2.revoke_security_group_egress(
        GroupId=group,
        IpPermissions=rules["SecurityGroups"][0]["IpPermissionsEgress"],
    )


@drift(
    "security-group-extra",
    STANDBY,
    "Undeclared",
    "RevokeSecurityGroupIngress",
)
def a_rule_too_many(it):
    it.boto("ec2", STANDBY).authorize_security_group_ingress(
        GroupId=it.group(STANDBY), IpPermissions=[anybody(22)]
    )


# --- Roles and functions --------------------------------------------------


@drift(
    "iam-role",
    PRIMARY,
    "AssumeRolePolicyDocument Tags",
    "UpdateAssumeRolePolicy",
    "TagRole",
    node="role-function",
)
def role(it):
    it.boto("iam").update_assume_role_policy(
        RoleName=it.roles[0], PolicyDocument=trust("ec2.amazonaws.com")
    )
    it.boto("iam").tag_role(RoleName=it.roles[0], Tags=NOBODY)


@drift(
    "iam-role-policy",
    PRIMARY,
    "PolicyDocument",
    "PutRolePolicy",
    node="role-replication-policy",
)
def role_policy(it):
    iam, name = it.boto("iam"), it.roles[1]
    [policy] = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document = iam.get_role_policy(RoleName=name, PolicyName=policy)
    document = document["PolicyDocument"]
    document["Statement"][0]["Action"] = ["s3:*"]
    iam.put_role_policy(
        RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document)
    )


@drift(
    "lambda-function",
    STANDBY,
    "CodeSha256 Role Runtime Handler MemorySize Timeout Environment Tags",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
    "TagResource",
)
def function(it):
    client, name = it.boto("lambda", STANDBY), it.function(STANDBY)
    client.update_function_code(
        FunctionName=name, ZipFile=package("exports.handler = 0")
    )
    client.get_waiter("function_updated_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 0.05}
    )
    client.update_function_configuration(
        FunctionName=name,
        Role=it.another_role(),
        Runtime="nodejs22.x",
        Handler="index.other",
        MemorySize=128,
        Timeout=3,
        Environment={"Variables": {"DEBUG": "1"}},
    )
    client.get_waiter("function_updated_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 0.05}
    )
    client.tag_resource(
        Resource=it.function_arn(STANDBY), Tags={"Environment": "nobody"}
    )


@drift(
    "lambda-concurrency",
    STANDBY,
    "ReservedConcurrentExecutions",
    "PutFunctionConcurrency",
)
def less_concurrency(it):
    it.boto("lambda", STANDBY).put_function_concurrency(
        FunctionName=it.function(STANDBY), ReservedConcurrentExecutions=1
    )


@drift("lambda-concurrency", PRIMARY, "", "PutFunctionConcurrency")
def no_concurrency(it):
    it.boto("lambda").delete_function_concurrency(
        FunctionName=it.function(PRIMARY)
    )


@drift(
    "lambda-permission",
    STANDBY,
    "Action Principal SourceArn SourceAccount Rest",
    "RemovePermission",
    "AddPermission",
)
def another_permission(it):
    client, name = it.boto("lambda", STANDBY), it.function(STANDBY)
    sid = it.permission(STANDBY)["Sid"]
    client.remove_permission(FunctionName=name, StatementId=sid)
    client.add_permission(
        FunctionName=name,
        StatementId=sid,
        Action="lambda:GetFunction",
        Principal="sns.amazonaws.com",
        SourceArn=it.outside.topic(STANDBY),
        PrincipalOrgID="o-0123456789",
    )


@drift("lambda-permission", PRIMARY, "", "AddPermission")
def no_permission(it):
    it.boto("lambda").remove_permission(
        FunctionName=it.function(PRIMARY),
        StatementId=it.permission(PRIMARY)["Sid"],
    )


# --- The entry ------------------------------------------------------------


@drift(
    "load-balancer",
    STANDBY,
    "Tags Subnets SecurityGroups",
    "AddTags",
    "SetSubnets",
    "SetSecurityGroups",
)
def balancer(it):
    elb, balancer = it.boto("elbv2", STANDBY), it.balancer(STANDBY)
    arn = balancer["LoadBalancerArn"]
    subnets = [z["SubnetId"] for z in balancer["AvailabilityZones"]]
    elb.add_tags(ResourceArns=[arn], Tags=NOBODY)
    elb.set_subnets(LoadBalancerArn=arn, Subnets=subnets[:2])
    elb.set_security_groups(
        LoadBalancerArn=arn, SecurityGroups=[it.default_group(STANDBY)]
    )


@drift(
    "load-balancer-attributes",
    STANDBY,
    "Attributes",
    "ModifyLoadBalancerAttributes",
)
def keepalive(it):
    it.boto("elbv2", STANDBY).modify_load_balancer_attributes(
        LoadBalancerArn=it.balancer(STANDBY)["LoadBalancerArn"],
        Attributes=[{"Key": "client_keep_alive.seconds", "Value": "3600"}],
    )


@drift(
    "target-group",
    STANDBY,
    "Tags HealthCheckPath HealthCheckIntervalSeconds HealthCheckEnabled "
    "HealthCheckTimeoutSeconds HealthyThresholdCount UnhealthyThresholdCount "
    "Matcher",
    "AddTags",
    "ModifyTargetGroup",
)
def target_group(it):
    elb, arn = it.boto("elbv2", STANDBY), it.target_group(STANDBY)
    elb.add_tags(ResourceArns=[arn], Tags=NOBODY)
    elb.modify_target_group(
        TargetGroupArn=arn,
        HealthCheckEnabled=False,
        HealthCheckPath="/",
        HealthCheckIntervalSeconds=60,
        HealthCheckTimeoutSeconds=30,
        HealthyThresholdCount=9,
        UnhealthyThresholdCount=9,
        Matcher={"HttpCode": "404"},
    )


@drift("target", STANDBY, "Targets", "DeregisterTargets", "RegisterTargets")
def another_target(it):
    elb, client = it.boto("elbv2", STANDBY), it.boto("lambda", STANDBY)
    group, name = it.target_group(STANDBY), f"{it.outside.name}-another"
    arn = client.create_function(
        FunctionName=name,
        Runtime="nodejs22.x",
        Role=it.another_role(),
        Handler="index.handler",
        Code={"ZipFile": package("exports.handler = 1")},
    )["FunctionArn"]
    client.add_permission(
        FunctionName=name,
        StatementId="balancer",
        Action="lambda:InvokeFunction",
        Principal="elasticloadbalancing.amazonaws.com",
        SourceArn=group,
    )
    elb.deregister_targets(
        TargetGroupArn=group, Targets=[{"Id": it.function_arn(STANDBY)}]
    )
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": arn}])


@drift("target", PRIMARY, "", "RegisterTargets")
def no_target(it):
    it.boto("elbv2").deregister_targets(
        TargetGroupArn=it.target_group(PRIMARY),
        Targets=[{"Id": it.function_arn(PRIMARY)}],
    )


@drift(
    "listener",
    STANDBY,
    "Tags Protocol SslPolicy Certificates DefaultActions",
    "AddTags",
    "ModifyListener",
    node="listener-https",
)
def listener(it):
    elb, arn = it.boto("elbv2", STANDBY), it.listener(STANDBY, 443)
    elb.add_tags(ResourceArns=[arn], Tags=NOBODY)
    elb.modify_listener(
        ListenerArn=arn,
        Protocol="HTTP",
        DefaultActions=[
            {
                "Type": "fixed-response",
                "FixedResponseConfig": {"StatusCode": "404"},
            }
        ],
    )


@drift("listener", STANDBY, "", "CreateListener", node="listener-http")
def no_listener(it):
    it.boto("elbv2", STANDBY).delete_listener(
        ListenerArn=it.listener(STANDBY, 80)
    )


@drift("load-balancer", STANDBY, "", "CreateLoadBalancer", round=4)
def no_balancer(it):
    """Nobody needs the gateway without it."""
    ec2, elb = it.boto("ec2", STANDBY), it.boto("elbv2", STANDBY)
    arn = it.balancer(STANDBY)["LoadBalancerArn"]
    elb.modify_load_balancer_attributes(
        LoadBalancerArn=arn,
        Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}],
    )
    elb.delete_load_balancer(LoadBalancerArn=arn)
    vpc, gateway = it.vpc(STANDBY), it.gateway(STANDBY)

    def is_unused():
        try:
            ec2.detach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
        except ec2.exceptions.ClientError:
            return False
        return True

    it.wait(is_unused, "the gateway")


@drift(
    "internet-gateway-attachment",
    STANDBY,
    "",
    "AttachInternetGateway",
    round=4,
)
def no_attachment(it):
    """The one that `no_balancer` has undone."""


@drift("route", STANDBY, "State", round=4)
def black_hole(it):
    """Where the route leads until the gateway is back."""


@drift(
    "load-balancer-attributes",
    STANDBY,
    "",
    "ModifyLoadBalancerAttributes",
    round=4,
)
def no_attributes(it):
    """A new balancer has AWS's own."""


@drift("listener", STANDBY, "", "CreateListener", round=4, node="-http")
def no_listeners(it):
    """They go with their balancer."""


@drift("listener", STANDBY, "", "CreateListener", round=4, node="-https")
def no_secure_listener(it):
    pass


@drift(
    "alarm",
    STANDBY,
    "Dimensions",
    "PutMetricAlarm",
    round=4,
    node="alarm-elb-5xx",
)
def alarm_of_another(it):
    """The old one's: a new balancer of the name has another ARN."""


@drift(
    "alarm",
    STANDBY,
    "Dimensions",
    "PutMetricAlarm",
    round=4,
    node="alarm-elb-unhealthy",
)
def targets_of_another(it):
    pass


@drift("certificate", STANDBY, "Tags", "AddTagsToCertificate")
def certificate_tags(it):
    it.boto("acm", STANDBY).add_tags_to_certificate(
        CertificateArn=it.certificate(STANDBY), Tags=NOBODY
    )


# --- The data -------------------------------------------------------------


@drift(
    "table",
    PRIMARY,
    "BillingModeSummary Tags",
    "UpdateTable",
    "TagResource",
)
def table(it):
    it.boto("dynamodb").tag_resource(
        ResourceArn=it.table_arn(PRIMARY), Tags=NOBODY
    )
    it.boto("dynamodb").update_table(
        TableName=it.table,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={
            "ReadCapacityUnits": 5,
            "WriteCapacityUnits": 5,
        },
    )


@drift("table-tags", STANDBY, "Tags", "TagResource")
def replica_tags(it):
    it.boto("dynamodb", STANDBY).tag_resource(
        ResourceArn=it.table_arn(STANDBY), Tags=NOBODY
    )


@drift(
    "table-backups",
    STANDBY,
    "PointInTimeRecoveryDescription",
    "UpdateContinuousBackups",
)
def backups(it):
    it.boto("dynamodb", STANDBY).update_continuous_backups(
        TableName=it.table,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )


@drift(
    "table",
    PRIMARY,
    "DeletionProtectionEnabled StreamSpecification",
    "UpdateTable",
    "UpdateTable",
    round=2,
)
def stream(it):
    """What a table with replicas needs can be turned off without them."""
    client = it.boto("dynamodb")
    it.boto("dynamodb", STANDBY).update_table(
        TableName=it.table, DeletionProtectionEnabled=False
    )
    it.wait(it.table_is_done, "the table")
    for change in (
        {"ReplicaUpdates": [{"Delete": {"RegionName": STANDBY}}]},
        {"StreamSpecification": {"StreamEnabled": False}},
        {"DeletionProtectionEnabled": False},
    ):
        client.update_table(TableName=it.table, **change)
        it.wait(it.table_is_done, "the table")


@drift("table-replica", PRIMARY, "", "UpdateTable", round=2)
def no_replica(it):
    """The one of `stream`; what it comes without follows."""


@drift("table-tags", STANDBY, "", "TagResource", round=2)
def replica_without_tags(it):
    pass


@drift("table-backups", STANDBY, "", "UpdateContinuousBackups", round=2)
def replica_without_backups(it):
    pass


@drift("table-protection", STANDBY, "", "UpdateTable", round=2)
def replica_without_protection(it):
    pass


@drift("s3-bucket", STANDBY, "Tags", "PutBucketTagging")
def bucket_tags(it):
    s3, name = it.boto("s3", STANDBY), it.names[STANDBY]
    tags = s3.get_bucket_tagging(Bucket=name)["TagSet"]
    s3.put_bucket_tagging(
        Bucket=name,
        Tagging={
            "TagSet": [t for t in tags if t["Key"] != "Environment"] + NOBODY
        },
    )


@drift("s3-replication", STANDBY, "", "PutBucketReplication")
def no_replication(it):
    it.boto("s3", STANDBY).delete_bucket_replication(Bucket=it.names[STANDBY])
    it.boto("s3").delete_bucket_replication(Bucket=it.names[PRIMARY])


@drift("s3-replication", PRIMARY, "", "PutBucketReplication")
def no_replication_back(it):
    """Both: versions can only be stopped where nobody copies."""


@drift(
    "s3-versioning",
    STANDBY,
    "VersioningConfiguration",
    "PutBucketVersioning",
)
def no_versions(it):
    it.boto("s3", STANDBY).put_bucket_versioning(
        Bucket=it.names[STANDBY],
        VersioningConfiguration={"Status": "Suspended"},
    )


@drift(
    "s3-encryption",
    STANDBY,
    "ServerSideEncryptionConfiguration",
    "PutBucketEncryption",
)
def encryption(it):
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"},
        "BucketKeyEnabled": True,
    }
    it.boto("s3", STANDBY).put_bucket_encryption(
        Bucket=it.names[STANDBY],
        ServerSideEncryptionConfiguration={"Rules": [rule]},
    )


@drift(
    "s3-public-access",
    STANDBY,
    "PublicAccessBlockConfiguration",
    "PutPublicAccessBlock",
)
def public_access(it):
    it.boto("s3", STANDBY).put_public_access_block(
        Bucket=it.names[STANDBY],
        PublicAccessBlockConfiguration={"BlockPublicAcls": True},
    )


@drift("s3-public-access", PRIMARY, "", "PutPublicAccessBlock")
def no_public_access_block(it):
    it.boto("s3").delete_public_access_block(Bucket=it.names[PRIMARY])


@drift("s3-bucket-policy", STANDBY, "Policy", "PutBucketPolicy")
def bucket_policy(it):
    s3, name = it.boto("s3", STANDBY), it.names[STANDBY]
    policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
    policy["Statement"][0]["Action"] = "s3:DeleteBucket"
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))


@drift("s3-bucket-policy", PRIMARY, "", "PutBucketPolicy")
def no_bucket_policy(it):
    it.boto("s3").delete_bucket_policy(Bucket=it.names[PRIMARY])


@drift(
    "s3-ownership",
    STANDBY,
    "OwnershipControls",
    "PutBucketOwnershipControls",
)
def ownership(it):
    it.boto("s3", STANDBY).put_bucket_ownership_controls(
        Bucket=it.names[STANDBY],
        OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
    )


@drift(
    "s3-lifecycle",
    STANDBY,
    "LifecycleConfiguration",
    "PutBucketLifecycleConfiguration",
)
def lifecycle(it):
    s3, name = it.boto("s3", STANDBY), it.names[STANDBY]
    rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    for rule in rules:
        if "NoncurrentVersionExpiration" in rule:
            rule["NoncurrentVersionExpiration"]["NoncurrentDays"] = 99
    s3.put_bucket_lifecycle_configuration(
        Bucket=name, LifecycleConfiguration={"Rules": rules}
    )


@drift(
    "s3-replication",
    PRIMARY,
    "ReplicationConfiguration",
    "PutBucketReplication",
    round=2,
)
def replication(it):
    s3, name = it.boto("s3"), it.names[PRIMARY]
    document = s3.get_bucket_replication(Bucket=name)
    document = document["ReplicationConfiguration"]
    document["Rules"][0]["DeleteMarkerReplication"]["Status"] = "Disabled"
    s3.put_bucket_replication(
        Bucket=name, ReplicationConfiguration=document
    )


# --- DNS ------------------------------------------------------------------


@drift("hosted-zone", PRIMARY, "Tags", "ChangeTagsForResource")
def zone_tags(it):
    it.boto("route53").change_tags_for_resource(
        ResourceType="hostedzone",
        ResourceId=it.outside.zone_id(),
        AddTags=NOBODY,
    )


@drift(
    "health-check",
    PRIMARY,
    "Port ResourcePath FullyQualifiedDomainName FailureThreshold Inverted "
    "Disabled Tags",
    "UpdateHealthCheck",
    "ChangeTagsForResource",
    node="health-standby",
)
def health_check(it):
    check = it.outside.health_check("standby")
    it.boto("route53").update_health_check(
        HealthCheckId=check,
        Port=8080,
        ResourcePath="/other",
        FullyQualifiedDomainName="127.0.0.1",
        FailureThreshold=9,
        Inverted=True,
        Disabled=True,
    )
    it.boto("route53").change_tags_for_resource(
        ResourceType="healthcheck", ResourceId=check, AddTags=NOBODY
    )


@drift(
    "record",
    PRIMARY,
    "Failover AliasTarget HealthCheckId",
    "ChangeResourceRecordSets",
    round=3,
    node="record-standby",
)
def record(it):
    """Made the primary, which there can only be one of."""
    primary, secondary = it.outside.records()
    if primary["Failover"] == "SECONDARY":
        primary, secondary = secondary, primary
    other = {
        **secondary,
        "Failover": "PRIMARY",
        "AliasTarget": primary["AliasTarget"],
        "HealthCheckId": primary["HealthCheckId"],
    }
    it.outside.change_records(("DELETE", primary), ("UPSERT", other))


@drift(
    "record",
    PRIMARY,
    "",
    "ChangeResourceRecordSets",
    round=3,
    node="record-primary",
)
def no_record(it):
    """The one that `record` has put away."""


@drift(
    "validation-record",
    PRIMARY,
    "ResourceRecords",
    "ChangeResourceRecordSets",
)
def validation(it):
    [record] = it.records(lambda r: r["Type"] == "CNAME")
    record["ResourceRecords"] = [{"Value": "elsewhere.invalid."}]
    it.outside.change_records(("UPSERT", record))


# --- Watching, notices, parameters ----------------------------------------


@drift(
    "alarm",
    STANDBY,
    "AlarmDescription ActionsEnabled AlarmActions MetricName Namespace "
    "Statistic Dimensions Period EvaluationPeriods DatapointsToAlarm "
    "Threshold ComparisonOperator TreatMissingData Tags",
    "PutMetricAlarm",
    "TagResource",
    node="alarm-elb-5xx",
)
def alarm(it):
    cloudwatch = it.boto("cloudwatch", STANDBY)
    cloudwatch.put_metric_alarm(
        AlarmName=it.outside.full_name(STANDBY, "elb-5xx"),
        AlarmDescription="somebody else's",
        ActionsEnabled=False,
        AlarmActions=[],
        MetricName="Other",
        Namespace="Other",
        Statistic="Minimum",
        Dimensions=[],
        Period=300,
        EvaluationPeriods=9,
        DatapointsToAlarm=8,
        Threshold=77.0,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="ignore",
    )
    cloudwatch.tag_resource(
        ResourceARN=it.alarm_arn(STANDBY, "elb-5xx"), Tags=NOBODY
    )


@drift(
    "alarm",
    PRIMARY,
    "",
    "PutMetricAlarm",
    node="alarm-lambda-errors",
)
def no_alarm(it):
    it.boto("cloudwatch").delete_alarms(
        AlarmNames=[it.outside.full_name(PRIMARY, "lambda-errors")]
    )


@drift("sns-topic", STANDBY, "Tags", "TagResource")
def topic_tags(it):
    it.boto("sns", STANDBY).tag_resource(
        ResourceArn=it.outside.topic(STANDBY), Tags=NOBODY
    )


@drift("sns-topic-policy", STANDBY, "Policy", "SetTopicAttributes")
def topic_policy(it):
    arn = it.outside.topic(STANDBY)
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Everybody",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "sns:Publish",
                "Resource": arn,
            }
        ],
    }
    it.boto("sns", STANDBY).set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy)
    )


@drift("sns-topic", PRIMARY, "", "CreateTopic", round=2)
def no_topic(it):
    it.boto("sns").delete_topic(TopicArn=it.outside.topic(PRIMARY))


@drift("sns-topic-policy", PRIMARY, "", "SetTopicAttributes", round=2)
def topic_without_policy(it):
    pass


@drift("sns-subscription", PRIMARY, "", "Subscribe", round=2)
def topic_without_subscription(it):
    pass


@drift(
    "ssm-parameter",
    STANDBY,
    "Value Tags",
    "PutParameter",
    "AddTagsToResource",
    node="parameter-endpoint",
)
def parameter(it):
    ssm, name = it.boto("ssm", STANDBY), f"{it.outside.prefix}/endpoint"
    ssm.put_parameter(
        Name=name,
        Value="http://elsewhere.invalid",
        Type="SecureString",
        Overwrite=True,
    )
    ssm.add_tags_to_resource(
        ResourceType="Parameter", ResourceId=name, Tags=NOBODY
    )


@drift("ssm-parameter", PRIMARY, "", "PutParameter", node="parameter-endpoint")
def no_parameter(it):
    it.boto("ssm").delete_parameter(Name=f"{it.outside.prefix}/endpoint")


# --- All of it ------------------------------------------------------------


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
