# SPDX-License-Identifier: MIT
"""The stack's objects by what identifies them to a person."""

import json

from drifts.base import trust
from outside import PRIMARY, STANDBY


class Things:
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
