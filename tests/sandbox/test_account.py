# SPDX-License-Identifier: MIT
"""What the account may do, as each service tells it."""

import pytest
from botocore.exceptions import ClientError
from sandboxctl import EAST, WEST, code_of


@pytest.fixture(autouse=True)
def as_before(sandbox):
    yield
    known = sandbox.control("GET", "/account")
    sandbox.account(
        quotas=dict.fromkeys(known["quotas"]),
        opt_in=dict.fromkeys(known["opt_in"], "opt-in-not-required"),
    )


def quota_of(quotas, service, code):
    return quotas.get_service_quota(ServiceCode=service, QuotaCode=code)[
        "Quota"
    ]["Value"]


def test_a_quota_that_nobody_changed_has_only_a_default(sandbox):
    quotas = sandbox.boto("service-quotas", WEST)
    with pytest.raises(ClientError) as raised:
        quota_of(quotas, "vpc", "L-F678F1CE")
    assert code_of(raised) == ("NoSuchResourceException", 400)
    told = quotas.get_aws_default_service_quota(
        ServiceCode="vpc", QuotaCode="L-F678F1CE"
    )["Quota"]
    assert (told["Value"], told["QuotaName"]) == (5.0, "VPCs per Region")
    with pytest.raises(ClientError) as raised:
        quota_of(quotas, "vpc", "L-00000000")
    assert code_of(raised)[0] == "NoSuchResourceException"


def test_a_quota_is_changed_in_one_region(sandbox):
    sandbox.account(quotas={f"{WEST}/vpc/L-F678F1CE": 7})
    west = sandbox.boto("service-quotas", WEST)
    assert quota_of(west, "vpc", "L-F678F1CE") == 7
    with pytest.raises(ClientError):
        quota_of(sandbox.boto("service-quotas", EAST), "vpc", "L-F678F1CE")


def test_quotas_of_route53_are_known_in_one_region(sandbox):
    ask = {"ServiceCode": "route53", "QuotaCode": "L-ACB674F3"}
    east = sandbox.boto("service-quotas", EAST)
    assert east.get_aws_default_service_quota(**ask)["Quota"]["Value"] == 200
    west = sandbox.boto("service-quotas", WEST)
    with pytest.raises(ClientError):
        west.get_aws_default_service_quota(**ask)


def test_concurrency_of_the_account(sandbox, unique):
    functions = sandbox.boto("lambda", WEST)
    limit = functions.get_account_settings()["AccountLimit"]
    assert limit["ConcurrentExecutions"] == 1000
    sandbox.account(quotas={f"{WEST}/lambda/L-B99A9384": 10})
    again = functions.get_account_settings()["AccountLimit"]
    assert again["ConcurrentExecutions"] == 10
    lost = limit["ConcurrentExecutions"] - again["ConcurrentExecutions"]
    assert lost == 990 == (
        limit["UnreservedConcurrentExecutions"]
        - again["UnreservedConcurrentExecutions"]
    )


def test_what_is_reserved_is_not_unreserved(sandbox):
    functions = sandbox.boto("lambda", WEST)
    name = functions.list_functions()["Functions"][0]["FunctionName"]

    def unreserved():
        return functions.get_account_settings()["AccountLimit"][
            "UnreservedConcurrentExecutions"
        ]

    functions.delete_function_concurrency(FunctionName=name)
    before = unreserved()
    functions.put_function_concurrency(
        FunctionName=name, ReservedConcurrentExecutions=30
    )
    assert unreserved() == before - 30
    functions.delete_function_concurrency(FunctionName=name)


def test_account_limits_of_route53(sandbox, route53, make_check, zone):
    make_check(IPAddress="127.0.0.1", Port=80, ResourcePath="/")
    for kind, limit, used in (
        (
            "MAX_HEALTH_CHECKS_BY_OWNER",
            200,
            len(route53.list_health_checks()["HealthChecks"]),
        ),
        (
            "MAX_HOSTED_ZONES_BY_OWNER",
            500,
            len(route53.list_hosted_zones()["HostedZones"]),
        ),
    ):
        told = route53.get_account_limit(Type=kind)
        assert told["Limit"] == {"Type": kind, "Value": limit}
        assert told["Count"] == used > 0


@pytest.mark.parametrize(
    "quota, service, listing, create, code",
    [
        (
            "vpc/L-F678F1CE",
            "ec2",
            ("describe_vpcs", "Vpcs"),
            ("create_vpc", {"CidrBlock": "10.9.0.0/16"}),
            "VpcLimitExceeded",
        ),
        (
            "vpc/L-A4707A72",
            "ec2",
            ("describe_internet_gateways", "InternetGateways"),
            ("create_internet_gateway", {}),
            "InternetGatewayLimitExceeded",
        ),
        (
            "elasticloadbalancing/L-B22855CB",
            "elbv2",
            ("describe_target_groups", "TargetGroups"),
            ("create_target_group", {"Name": "limited", "TargetType": "lambda"}),
            "TooManyTargetGroups",
        ),
        (
            "route53/L-4EA4796A",
            "route53",
            ("list_hosted_zones", "HostedZones"),
            (
                "create_hosted_zone",
                {"Name": "limited.example", "CallerReference": "limited"},
            ),
            "TooManyHostedZones",
        ),
    ],
)
def test_a_quota_that_is_set_is_kept(
    sandbox, quota, service, listing, create, code
):
    client = sandbox.boto(service, EAST)
    used = len(getattr(client, listing[0])()[listing[1]])
    sandbox.account(quotas={f"{EAST}/{quota}": used})
    with pytest.raises(ClientError) as raised:
        getattr(client, create[0])(**create[1])
    assert code_of(raised) == (code, 400)
    sandbox.account(quotas={f"{EAST}/{quota}": used + 1})
    getattr(client, create[0])(**create[1])


def test_a_load_balancer_that_is_there_is_none_more(sandbox, balancers):
    elb = sandbox.boto("elbv2", EAST)
    known = elb.describe_load_balancers(Names=[balancers[EAST]["name"]])[
        "LoadBalancers"
    ][0]
    used = len(elb.describe_load_balancers()["LoadBalancers"])
    sandbox.account(quotas={f"{EAST}/elasticloadbalancing/L-53DA6B97": used})
    subnets = [zone["SubnetId"] for zone in known["AvailabilityZones"]]

    def create(name):
        return elb.create_load_balancer(
            Name=name,
            Subnets=subnets,
            SecurityGroups=known["SecurityGroups"],
            Scheme=known["Scheme"],
        )["LoadBalancers"][0]["LoadBalancerArn"]

    with pytest.raises(ClientError) as raised:
        create("limited")
    assert code_of(raised) == ("TooManyLoadBalancers", 400)
    assert create(known["LoadBalancerName"]) == known["LoadBalancerArn"]


def test_a_region_that_is_not_enabled(sandbox):
    def listed(**ask):
        regions = sandbox.boto("ec2", EAST).describe_regions(**ask)["Regions"]
        return {r["RegionName"]: r["OptInStatus"] for r in regions}

    assert listed()[WEST] == "opt-in-not-required"
    sandbox.account(opt_in={WEST: "not-opted-in"})
    assert WEST not in listed()
    assert listed(AllRegions=True)[WEST] == "not-opted-in"
    for service, operation, code in (
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("ec2", "describe_vpcs", "AuthFailure"),
        ("lambda", "list_functions", "UnrecognizedClientException"),
    ):
        with pytest.raises(ClientError) as raised:
            getattr(sandbox.boto(service, WEST), operation)()
        assert code_of(raised)[0] == code
    assert sandbox.boto("sts", EAST).get_caller_identity()["Account"]


def test_nonsense_is_refused(sandbox):
    from sandboxctl import ControlError

    for spec in (
        {"quotas": {"us-east-1/vpc/L-1": 1}},
        {"opt_in": {"mars-east-1": "opted-in"}},
        {"opt_in": {WEST: "perhaps"}},
        {"limit": 1},
    ):
        with pytest.raises(ControlError):
            sandbox.account(**spec)
