# SPDX-License-Identifier: MIT
"""Load balancers, target groups, listeners: what AWS refuses and moto does
not."""

import pytest
from botocore.exceptions import ClientError
from builder import package
from sandboxctl import EAST, WEST, code_of, wait_for


@pytest.fixture
def elb(sandbox):
    return sandbox.boto("elbv2", EAST)


@pytest.fixture(scope="module")
def network(running):
    """The demo stack's VPC, subnets and security group."""
    ec2 = running.boto("ec2", EAST)
    ours = [{"Name": "tag:drd:stack", "Values": ["demo"]}]
    subnets = ec2.describe_subnets(Filters=ours)["Subnets"]
    groups = ec2.describe_security_groups(Filters=ours)["SecurityGroups"]
    return {
        "Subnets": sorted(s["SubnetId"] for s in subnets),
        "SecurityGroups": [groups[0]["GroupId"]],
    }


@pytest.fixture
def make(elb, network, unique):
    """Make load balancers; what is made is removed after the test."""
    made = []

    def balancer(**more):
        more.setdefault("Name", unique("lb"))
        arn = elb.create_load_balancer(**{**network, **more})["LoadBalancers"][
            0
        ]["LoadBalancerArn"]
        made.append(arn)
        return arn

    yield balancer
    for arn in made:
        elb.delete_load_balancer(LoadBalancerArn=arn)


def look(elb, arn):
    return elb.describe_load_balancers(LoadBalancerArns=[arn])[
        "LoadBalancers"
    ][0]


@pytest.fixture
def make_group(elb, unique):
    made = []

    def group(**more):
        more.setdefault("Name", unique("tg"))
        more.setdefault("TargetType", "lambda")
        answer = elb.create_target_group(**more)["TargetGroups"][0]
        made.append(answer["TargetGroupArn"])
        return answer

    yield group
    for arn in made:
        try:
            elb.delete_target_group(TargetGroupArn=arn)
        except ClientError:
            pass  # gone with the test, or still in use


def refused(call, **kwargs):
    """(code, HTTP status) of a call that AWS refuses."""
    with pytest.raises(ClientError) as raised:
        call(**kwargs)
    return code_of(raised)


def state_of(elb, arn):
    return look(elb, arn)["State"]["Code"]


# -- load balancers ----------------------------------------------------------


def test_a_new_balancer_is_provisioning_then_active(elb, make):
    arn = make()
    assert state_of(elb, arn) == "provisioning"
    wait_for(lambda: state_of(elb, arn) == "active")


def test_the_same_balancer_twice_is_one(elb, make, network, unique):
    name = unique("lb")
    arn = make(Name=name)
    assert make(Name=name) == arn
    for other in (
        {"Subnets": network["Subnets"][:2]},
        {"Scheme": "internal"},
        {"SecurityGroups": []},
    ):
        assert refused(
            elb.create_load_balancer, **{**network, "Name": name, **other}
        ) == ("DuplicateLoadBalancerName", 400)


@pytest.mark.parametrize(
    "name", ["x" * 33, "under_score", "-x", "x-", "internal-x", "a.b"]
)
def test_names_have_rules(elb, network, name):
    assert refused(elb.create_load_balancer, Name=name, **network) == (
        "ValidationError",
        400,
    )


def test_a_balancer_needs_two_zones(sandbox, elb, network, unique):
    def make(subnets):
        return refused(
            elb.create_load_balancer,
            Name=unique("lb"),
            Subnets=subnets,
            SecurityGroups=network["SecurityGroups"],
        )

    one = network["Subnets"][0]
    assert make([one]) == ("ValidationError", 400)
    assert make([one, one]) == ("InvalidConfigurationRequest", 400)
    assert make([one, "subnet-12345678"]) == ("SubnetNotFound", 400)
    default = sandbox.boto("ec2", EAST).describe_subnets(
        Filters=[{"Name": "default-for-az", "Values": ["true"]}]
    )["Subnets"]
    zone = {
        s["SubnetId"]: s["AvailabilityZone"]
        for s in sandbox.boto("ec2", EAST).describe_subnets()["Subnets"]
    }
    other = next(
        s["SubnetId"] for s in default if s["AvailabilityZone"] != zone[one]
    )
    assert make([one, other]) == ("InvalidConfigurationRequest", 400)


def test_the_internet_needs_a_gateway(sandbox, elb, unique):
    default = sandbox.boto("ec2", EAST).describe_subnets(
        Filters=[{"Name": "default-for-az", "Values": ["true"]}]
    )["Subnets"]
    subnets = [s["SubnetId"] for s in default[:2]]
    assert refused(
        elb.create_load_balancer, Name=unique("lb"), Subnets=subnets
    ) == ("InvalidSubnet", 400)
    inside = elb.create_load_balancer(
        Name=unique("lb"), Subnets=subnets, Scheme="internal"
    )["LoadBalancers"][0]["LoadBalancerArn"]
    elb.delete_load_balancer(LoadBalancerArn=inside)


def test_security_groups_exist(elb, make, network, unique):
    assert refused(
        elb.create_load_balancer,
        Name=unique("lb"),
        Subnets=network["Subnets"],
        SecurityGroups=["sg-12345678"],
    ) == ("InvalidSecurityGroup", 400)
    assert refused(
        elb.set_security_groups,
        LoadBalancerArn=make(),
        SecurityGroups=["sg-12345678"],
    ) == ("InvalidSecurityGroup", 400)


def test_subnets_are_set_by_the_same_rules(elb, make, network):
    arn, one = make(), network["Subnets"][0]
    assert refused(
        elb.set_subnets, LoadBalancerArn=arn, Subnets=[one]
    ) == ("ValidationError", 400)
    elb.set_subnets(LoadBalancerArn=arn, Subnets=network["Subnets"][:2])
    found = look(elb, arn)["AvailabilityZones"]
    assert {z["SubnetId"] for z in found} == set(network["Subnets"][:2])


def attributes_of(elb, arn):
    answer = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)
    return {a["Key"]: a["Value"] for a in answer["Attributes"]}


def test_attributes_have_defaults_and_bounds(elb, make):
    arn = make()
    assert attributes_of(elb, arn)["client_keep_alive.seconds"] == "3600"
    assert attributes_of(elb, arn)["idle_timeout.timeout_seconds"] == "60"
    for value, good in (("59", False), ("604801", False), ("300", True)):
        wanted = {
            "LoadBalancerArn": arn,
            "Attributes": [
                {"Key": "client_keep_alive.seconds", "Value": value}
            ],
        }
        if good:
            elb.modify_load_balancer_attributes(**wanted)
        else:
            assert refused(elb.modify_load_balancer_attributes, **wanted) == (
                "InvalidConfigurationRequest",
                400,
            )
    assert attributes_of(elb, arn)["client_keep_alive.seconds"] == "300"


def test_a_protected_balancer_is_not_deleted(elb, make):
    arn = make()

    def protect(value):
        elb.modify_load_balancer_attributes(
            LoadBalancerArn=arn,
            Attributes=[
                {"Key": "deletion_protection.enabled", "Value": value}
            ],
        )

    protect("true")
    assert refused(elb.delete_load_balancer, LoadBalancerArn=arn) == (
        "OperationNotPermitted",
        400,
    )
    protect("false")
    elb.delete_load_balancer(LoadBalancerArn=arn)
    elb.delete_load_balancer(LoadBalancerArn=arn)  # gone is gone


def test_what_is_not_found_is_400(elb, make):
    assert refused(elb.describe_load_balancers, Names=["none"]) == (
        "LoadBalancerNotFound",
        400,
    )
    assert refused(elb.describe_target_groups, Names=["none"]) == (
        "TargetGroupNotFound",
        400,
    )
    gone = make()
    elb.delete_load_balancer(LoadBalancerArn=gone)
    assert refused(elb.describe_listeners, LoadBalancerArn=gone) == (
        "LoadBalancerNotFound",
        400,
    )
    assert refused(elb.describe_tags, ResourceArns=[gone]) == (
        "LoadBalancerNotFound",
        400,
    )


def test_tags_of_twenty_at_most(elb, make):
    arn = make()
    assert refused(elb.describe_tags, ResourceArns=[arn] * 21) == (
        "ValidationError",
        400,
    )
    assert elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]


# -- target groups and targets -----------------------------------------------


def test_the_same_group_twice_is_one(elb, make_group, unique):
    name = unique("tg")
    first = make_group(Name=name, HealthCheckEnabled=True)
    again = make_group(Name=name, HealthCheckEnabled=True)
    assert again["TargetGroupArn"] == first["TargetGroupArn"]
    for other in ({"HealthCheckEnabled": False}, {"HealthCheckPath": "/x"}):
        assert refused(
            elb.create_target_group,
            **{
                "Name": name,
                "TargetType": "lambda",
                "HealthCheckEnabled": True,
                **other,
            },
        ) == ("DuplicateTargetGroupName", 400)
    found = elb.describe_target_groups(Names=[name])["TargetGroups"]
    assert len(found) == 1


def test_checks_of_functions_are_off_unless_asked_for(make_group):
    group = make_group()
    assert group["HealthCheckEnabled"] is False
    assert group["HealthCheckIntervalSeconds"] == 35


def test_checks_of_functions_change(elb, make_group):
    arn = make_group()["TargetGroupArn"]
    group = elb.modify_target_group(
        TargetGroupArn=arn,
        HealthCheckEnabled=True,
        HealthCheckIntervalSeconds=10,
        HealthCheckTimeoutSeconds=5,
        Matcher={"HttpCode": "200-299"},
    )["TargetGroups"][0]
    assert group["HealthCheckEnabled"] is True
    assert group["Matcher"] == {"HttpCode": "200-299"}
    assert refused(
        elb.modify_target_group,
        TargetGroupArn=arn,
        HealthCheckTimeoutSeconds=11,
    ) == ("ValidationError", 400)
    again = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    assert again[0]["HealthCheckTimeoutSeconds"] == 5


@pytest.fixture
def function(sandbox, unique):
    """A function that lets nobody in."""
    client = sandbox.boto("lambda", EAST)
    role = sandbox.boto("iam").list_roles()["Roles"][0]["Arn"]
    name = unique("function")
    arn = client.create_function(
        FunctionName=name,
        Role=role,
        Runtime="nodejs22.x",
        Handler="index.handler",
        Code={"ZipFile": package()},
    )["FunctionArn"]
    yield arn
    client.delete_function(FunctionName=name)


def permit(sandbox, function, group, **more):
    sandbox.boto("lambda", EAST).add_permission(
        **{
            "FunctionName": function,
            "StatementId": f"s{len(group)}-{len(more)}",
            "Action": "lambda:InvokeFunction",
            "Principal": "elasticloadbalancing.amazonaws.com",
            "SourceArn": group,
            **more,
        }
    )


def test_a_function_lets_its_group_in(sandbox, elb, make_group, function):
    group = make_group(HealthCheckEnabled=True)["TargetGroupArn"]

    def register(target):
        return elb.register_targets(
            TargetGroupArn=group, Targets=[{"Id": target}]
        )

    assert refused(register, target=function)[0] == "AccessDenied"
    permit(sandbox, function, group + "0")
    assert refused(register, target=function)[0] == "AccessDenied"
    permit(sandbox, function, group, Principal="sns.amazonaws.com")
    assert refused(register, target=function)[0] == "AccessDenied"
    permit(sandbox, function, group)
    register(function)
    register(function)
    assert refused(register, target=function + "-none") == (
        "TooManyTargets",
        400,
    )
    wait_for(
        lambda: elb.describe_target_health(TargetGroupArn=group)[
            "TargetHealthDescriptions"
        ][0]["TargetHealth"]["State"]
        == "healthy"
    )


def test_an_unknown_function_is_no_target(elb, make_group):
    group = make_group()["TargetGroupArn"]
    assert refused(
        elb.register_targets,
        TargetGroupArn=group,
        Targets=[
            {"Id": f"arn:aws:lambda:{EAST}:123456789012:function:none"}
        ],
    ) == ("InvalidTarget", 400)


def test_what_is_no_target_is_deregistered(elb, make_group):
    group = make_group()["TargetGroupArn"]
    elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": "none"}])


# -- listeners ---------------------------------------------------------------


def forward(group):
    return [{"Type": "forward", "TargetGroupArn": group}]


def test_the_same_listener_twice_is_one(elb, make, make_group):
    balancer = make()
    group, other = (make_group()["TargetGroupArn"] for _ in range(2))

    def listen(target=group, **more):
        return elb.create_listener(
            LoadBalancerArn=balancer,
            **{
                "Protocol": "HTTP",
                "Port": 80,
                "DefaultActions": forward(target),
                **more,
            },
        )["Listeners"][0]

    first = listen()
    assert listen()["ListenerArn"] == first["ListenerArn"]
    assert "SslPolicy" not in first
    assert refused(listen, target=other) == ("DuplicateListener", 400)
    found = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    assert len(found) == 1
    assert refused(listen, Port=81, target=group + "0") == (
        "TargetGroupNotFound",
        400,
    )


def test_a_group_in_use_stays(elb, make, make_group):
    balancer, group = make(), make_group()["TargetGroupArn"]
    listener = elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=forward(group),
    )["Listeners"][0]["ListenerArn"]

    def balancers():
        return elb.describe_target_groups(TargetGroupArns=[group])[
            "TargetGroups"
        ][0]["LoadBalancerArns"]

    assert balancers() == [balancer]
    assert refused(elb.delete_target_group, TargetGroupArn=group) == (
        "ResourceInUse",
        400,
    )
    elb.delete_listener(ListenerArn=listener)
    assert balancers() == []
    elb.delete_target_group(TargetGroupArn=group)
    assert refused(elb.delete_listener, ListenerArn=listener) == (
        "ListenerNotFound",
        400,
    )


def test_listeners_go_with_their_balancer(elb, make, make_group):
    balancer, group = make(), make_group()["TargetGroupArn"]
    listener = elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=forward(group),
        Tags=[{"Key": "k", "Value": "v"}],
    )["Listeners"][0]["ListenerArn"]
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    assert refused(elb.describe_listeners, ListenerArns=[listener]) == (
        "ListenerNotFound",
        400,
    )
    elb.delete_target_group(TargetGroupArn=group)


# -- HTTPS -------------------------------------------------------------------


@pytest.fixture
def https(elb, make, make_group):
    """Ask for an HTTPS listener; https(CertificateArn or None, ...)."""
    balancer, group = make(), make_group()["TargetGroupArn"]

    def listen(certificate, **more):
        if certificate:
            more["Certificates"] = [{"CertificateArn": certificate}]
        return elb.create_listener(
            LoadBalancerArn=balancer,
            Protocol="HTTPS",
            Port=443,
            DefaultActions=forward(group),
            **more,
        )["Listeners"][0]

    return listen


def test_https_needs_a_certificate(https):
    none = f"arn:aws:acm:{EAST}:123456789012:certificate/none"
    assert refused(https, certificate=None) == ("ValidationError", 400)
    assert refused(https, certificate=none) == ("CertificateNotFound", 400)


def test_https_needs_an_issued_certificate(
    sandbox, elb, https, zone, publish
):
    acm = sandbox.boto("acm", EAST)
    arn = acm.request_certificate(
        DomainName=zone["Name"], ValidationMethod="DNS"
    )["CertificateArn"]
    assert refused(https, certificate=arn) == ("UnsupportedCertificate", 400)
    publish(acm, arn, zone)
    assert refused(https, certificate=arn, SslPolicy="Strong") == (
        "SSLPolicyNotFound",
        400,
    )
    listener = https(arn)
    assert listener["Certificates"] == [{"CertificateArn": arn}]
    assert refused(acm.delete_certificate, CertificateArn=arn) == (
        "ResourceInUseException",
        400,
    )
    plain = elb.modify_listener(
        ListenerArn=listener["ListenerArn"], Protocol="HTTP", Port=443
    )["Listeners"][0]
    assert "SslPolicy" not in plain and not plain.get("Certificates")
    acm.delete_certificate(CertificateArn=arn)


def test_a_certificate_is_of_its_region(sandbox, https, zone, publish):
    acm = sandbox.boto("acm", WEST)
    arn = acm.request_certificate(
        DomainName=zone["Name"], ValidationMethod="DNS"
    )["CertificateArn"]
    publish(acm, arn, zone)
    assert refused(https, certificate=arn) == ("CertificateNotFound", 400)
