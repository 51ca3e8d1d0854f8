# SPDX-License-Identifier: MIT
"""What the tests of the sandbox stand on: a stack that boto3 builds.

Network, role, function, load balancer, table and bucket, in both regions.
The sandbox has to be right without drd, so drd has no part in this.
"""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor

from builder_network import Network
from sandboxctl import wait_for

OWNER = "sandbox"
CODE = """exports.handler = async () => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ status: 'ok', region: process.env.AWS_REGION }),
});
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ],
}
LOGS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Resource": "*",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        }
    ],
}


class Spec:
    """What to build; all but `name` optional."""

    def __init__(
        self,
        name,
        service=None,
        environment="prod",
        primary="us-east-1",
        standby="us-west-2",
    ):
        self.name = name
        self.service = service or name
        self.environment = environment
        self.regions = {
            primary: ("primary", "10.0"),
            standby: ("secondary", "10.1"),
        }

    def full_name(self, region, purpose):
        return f"{self.service}-{region}-{self.environment}-{purpose}"

    def tags(self, name, role):
        return {
            "Name": name,
            "Environment": self.environment,
            "DR-Role": role,
            "drd:stack": self.name,
            "drd:owner": OWNER,
        }


class Builder:
    def __init__(self, sandbox, spec):
        self.sandbox, self.spec = sandbox, spec

    def client(self, service, region):
        return self.sandbox.boto(
            service, region, endpoint=self.sandbox.endpoint(region)
        )

    def build(self):
        """Build everything; returns what was built, by region."""
        primary = next(iter(self.spec.regions))
        role = self._role(self.client("iam", primary))
        names = list(self.spec.regions)
        with ThreadPoolExecutor(len(names)) as pool:
            built = pool.map(lambda name: self._region(name, role), names)
            regions = dict(zip(names, built))
        return {
            "name": self.spec.name,
            "service": self.spec.service,
            "environment": self.spec.environment,
            "role": role,
            "regions": regions,
        }

    def _region(self, region, role):
        network = Network(self, region).build()
        function = self._function(region, role)
        balancer = self._balancer(region, network, function)
        return {
            **network,
            **balancer,
            "function": function,
            "table": self._table(region),
            "bucket": self._bucket(region),
        }

    def tags(self, region, purpose, role=None):
        tags = self.spec.tags(
            self.spec.full_name(region, purpose),
            role or self.spec.regions[region][0],
        )
        return [{"Key": k, "Value": v} for k, v in tags.items()]

    # -- once ------------------------------------------------------------

    def _role(self, iam):
        name = self.spec.full_name("global", "lambda")
        try:
            arn = iam.get_role(RoleName=name)["Role"]["Arn"]
        except iam.exceptions.NoSuchEntityException:
            arn = iam.create_role(
                RoleName=name,
                AssumeRolePolicyDocument=json.dumps(TRUST),
                Tags=self.tags("global", "lambda", "global"),
            )["Role"]["Arn"]
        iam.put_role_policy(
            RoleName=name, PolicyName="logs", PolicyDocument=json.dumps(LOGS)
        )
        return arn

    # -- function and entry ----------------------------------------------

    def _function(self, region, role):
        client = self.client("lambda", region)
        name = self.spec.full_name(region, "lambda")
        try:
            return client.get_function(FunctionName=name)["Configuration"][
                "FunctionArn"
            ]
        except client.exceptions.ResourceNotFoundException:
            pass
        tags = {t["Key"]: t["Value"] for t in self.tags(region, "lambda")}
        return client.create_function(
            FunctionName=name,
            Role=role,
            Runtime="nodejs22.x",
            Handler="index.handler",
            MemorySize=512,
            Timeout=10,
            Code={"ZipFile": package()},
            Tags=tags,
        )["FunctionArn"]

    def _balancer(self, region, network, function):
        elb = self.client("elbv2", region)
        name = self.spec.full_name(region, "alb")
        found = [
            b
            for b in elb.describe_load_balancers()["LoadBalancers"]
            if b["LoadBalancerName"] == name
        ]
        balancer = (
            found[0]
            if found
            else elb.create_load_balancer(
                Name=name,
                Subnets=network["subnets"],
                Type="application",
                SecurityGroups=[network["security_group"]],
                Scheme="internet-facing",
                Tags=self.tags(region, "alb"),
            )["LoadBalancers"][0]
        )
        arn = balancer["LoadBalancerArn"]
        group = self._target_group(elb, region, function)
        if not elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]:
            elb.create_listener(
                LoadBalancerArn=arn,
                Protocol="HTTP",
                Port=80,
                Tags=self.tags(region, "listener"),
                DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
            )
        return {
            "load_balancer": arn,
            "load_balancer_name": name,
            "dns_name": balancer["DNSName"],
            "target_group": group,
            "hosted_zone_id": balancer["CanonicalHostedZoneId"],
        }

    def _target_group(self, elb, region, function):
        name = self.spec.full_name(region, "tg")
        found = [
            g
            for g in elb.describe_target_groups()["TargetGroups"]
            if g["TargetGroupName"] == name
        ]
        arn = (
            found[0]
            if found
            else elb.create_target_group(
                Name=name,
                TargetType="lambda",
                HealthCheckEnabled=True,
                HealthCheckPath="/health",
                HealthCheckIntervalSeconds=10,
                HealthCheckTimeoutSeconds=5,
                HealthyThresholdCount=2,
                UnhealthyThresholdCount=2,
                Tags=self.tags(region, "tg"),
            )["TargetGroups"][0]
        )["TargetGroupArn"]
        if not elb.describe_target_health(TargetGroupArn=arn)[
            "TargetHealthDescriptions"
        ]:
            self._permit(region, function, arn)
            elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": function}])
        return arn

    def _permit(self, region, function, target_group):
        client = self.client("lambda", region)
        try:
            client.add_permission(
                FunctionName=function,
                StatementId="load-balancer",
                Action="lambda:InvokeFunction",
                SourceArn=target_group,
                Principal="elasticloadbalancing.amazonaws.com",
            )
        except client.exceptions.ResourceConflictException:
            pass

    # -- data ------------------------------------------------------------

    def _table(self, region):
        ddb = self.client("dynamodb", region)
        name = f"{self.spec.service}-{self.spec.environment}-data"
        if name not in ddb.list_tables()["TableNames"]:
            ddb.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[
                    {"AttributeName": "pk", "AttributeType": "S"}
                ],
                Tags=self.tags(region, "table"),
            )
        return name

    def _bucket(self, region):
        s3 = self.client("s3", region)
        name = self.spec.full_name(region, "data").lower()
        if name not in [b["Name"] for b in s3.list_buckets()["Buckets"]]:
            where = (
                {}
                if region == "us-east-1"
                else {
                    "CreateBucketConfiguration": {"LocationConstraint": region}
                }
            )
            s3.create_bucket(Bucket=name, **where)
            s3.put_bucket_versioning(
                Bucket=name, VersioningConfiguration={"Status": "Enabled"}
            )
            s3.put_bucket_tagging(
                Bucket=name, Tagging={"TagSet": self.tags(region, "data")}
            )
        return name


def package():
    """The function's zip, the same bytes each time: equal CodeSha256."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo("index.js", (2020, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, CODE)
    return buffer.getvalue()


def build(sandbox, **spec):
    """Build it, and wait until its balancers answer."""
    built = Builder(sandbox, Spec(**spec)).build()
    for region, parts in built["regions"].items():
        elb = sandbox.boto("elbv2", region)
        wait_for(
            lambda: elb.describe_target_health(
                TargetGroupArn=parts["target_group"]
            )["TargetHealthDescriptions"][0]["TargetHealth"]["State"]
            == "healthy",
            what="a healthy target",
        )
    return built
