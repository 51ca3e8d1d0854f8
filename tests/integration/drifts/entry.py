# SPDX-License-Identifier: MIT
"""Load balancers, their targets and listeners, certificates."""

from drifts.base import NOBODY, drift, package
from outside import PRIMARY, STANDBY


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
