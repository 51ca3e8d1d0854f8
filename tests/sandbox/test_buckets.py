# SPDX-License-Identifier: MIT
"""Token buckets: AWS's numbers, and what a throttled client sees."""

import types

import pytest
from botocore.exceptions import ClientError
from sandbox.buckets import Buckets
from sandboxctl import EAST, WEST, ControlError, Sandbox

# -- the numbers --------------------------------------------------------------


class Clock:
    now = 1000.0

    def aws(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def buckets(clock):
    made = Buckets(clock)
    made.change({"on": True})
    return made


def call(service, operation, region=EAST, body=b""):
    return types.SimpleNamespace(
        service=service,
        operation=operation,
        region=region,
        request=types.SimpleNamespace(body=body),
    )


def spend(buckets, *args, **kwargs):
    """How many of these calls go through before one does not."""
    for count in range(100000):
        if not buckets.take(call(*args, **kwargs)):
            return count
    raise AssertionError("never throttled")


@pytest.mark.parametrize(
    "service, operation, burst, refill",
    [
        ("route53", "ListHealthChecks", 50, 10),
        ("route53", "GetHealthCheckStatus", 4, 1),
        ("route53", "CreateHealthCheck", 50, 0.5),
        ("route53", "UpdateHealthCheck", 50, 5),
        ("ec2", "DescribeVpcs", 100, 20),
        ("ec2", "CreateVpc", 50, 5),
        ("elasticloadbalancing", "DescribeLoadBalancers", 40, 10),
        ("elasticloadbalancing", "CreateLoadBalancer", 10, 0.2),
        ("lambda", "GetFunction", 100, 100),
        ("lambda", "GetPolicy", 15, 15),
        ("lambda", "UpdateFunctionCode", 15, 15),
        ("ssm", "GetParameters", 40, 40),
        ("ssm", "PutParameter", 3, 3),
        ("ssm", "GetParameterHistory", 3, 3),
        ("monitoring", "DescribeAlarms", 9, 9),
        ("monitoring", "PutMetricAlarm", 3, 3),
        ("monitoring", "SetAlarmState", 3, 3),
        ("dynamodb", "DescribeContinuousBackups", 10, 10),
    ],
)
def test_burst_and_refill(buckets, clock, service, operation, burst, refill):
    assert spend(buckets, service, operation) == burst
    clock.now += 2.5 / refill
    assert spend(buckets, service, operation) == 2
    clock.now += 1e6  # never more than the burst
    assert spend(buckets, service, operation) == burst


@pytest.mark.parametrize(
    "one, other, apart",
    [
        (("ec2", "DescribeVpcs"), ("ec2", "DescribeSubnets"), True),
        (("ec2", "CreateVpc"), ("ec2", "CreateSubnet"), True),
        (("ssm", "GetParameter"), ("ssm", "GetParameters"), False),
        (("ssm", "PutParameter"), ("ssm", "DescribeParameters"), False),
        (("ssm", "PutParameter"), ("ssm", "DeleteParameter"), True),
        (("lambda", "GetFunction"), ("lambda", "AddPermission"), True),
        (("lambda", "CreateFunction"), ("lambda", "AddPermission"), False),
        (
            ("elasticloadbalancing", "DescribeTags"),
            ("elasticloadbalancing", "DescribeListeners"),
            False,
        ),
        (("route53", "ListTagsForResource"), ("route53", "GetChange"), False),
        (
            ("monitoring", "PutMetricAlarm"),
            ("monitoring", "DescribeAlarms"),
            True,
        ),
    ],
)
def test_which_calls_share_a_bucket(buckets, one, other, apart):
    spend(buckets, *one)
    assert buckets.take(call(*other)) == apart


def test_each_region_has_its_own_but_route_53_has_one(buckets):
    spend(buckets, "ssm", "PutParameter", EAST)
    assert buckets.take(call("ssm", "PutParameter", WEST))
    spend(buckets, "route53", "GetHealthCheckStatus", EAST)
    assert not buckets.take(call("route53", "GetHealthCheckStatus", WEST))


def test_a_throttled_call_takes_nothing(buckets):
    """Its own bucket is empty; what all share stays as it was."""
    spend(buckets, "route53", "GetHealthCheckStatus")
    for _ in range(100):
        assert not buckets.take(call("route53", "GetHealthCheckStatus"))
    assert spend(buckets, "route53", "ListHealthChecks") == 46


def test_an_upsert_costs_two(buckets, clock):
    def batch(action, count):
        body = b"<Change><Action>%s</Action></Change>" % action * count
        operation = "ChangeResourceRecordSets"
        return buckets.take(call("route53", operation, body=body))

    assert batch(b"UPSERT", 700)
    assert batch(b"CREATE", 100)
    assert not batch(b"DELETE", 1)
    clock.now += 1
    assert not batch(b"UPSERT", 51)
    assert batch(b"UPSERT", 50)


def test_off_is_off():
    made = Buckets(Clock())
    for _ in range(1000):
        assert made.take(call("ssm", "PutParameter"))


# -- what a client sees -------------------------------------------------------


@pytest.fixture(scope="module")
def slow():
    """A sandbox in which a second is a second: at 60 nobody is too fast."""
    with Sandbox(speed=1, options=["--buckets"]) as sandbox:
        yield sandbox


@pytest.fixture
def throttling(slow):
    slow.control("POST", "/buckets", {"on": True})  # full again
    return slow


@pytest.mark.parametrize(
    "service, method, arguments, code, status",
    [
        (
            "route53",
            "get_health_check_status",
            {"HealthCheckId": "none"},
            "Throttling",
            400,
        ),
        (
            "ec2",
            "create_vpc_endpoint",
            {"VpcId": "vpc-0", "ServiceName": "none"},
            "RequestLimitExceeded",
            503,
        ),
        (
            "elbv2",
            "create_load_balancer",
            {"Name": "none", "Subnets": ["subnet-0"]},
            "ThrottlingException",
            400,
        ),
        (
            "lambda",
            "get_policy",
            {"FunctionName": "none"},
            "TooManyRequestsException",
            429,
        ),
        ("ssm", "describe_parameters", {}, "ThrottlingException", 400),
        (
            "cloudwatch",
            "delete_alarms",
            {"AlarmNames": ["none"]},
            "Throttling",
            400,
        ),
        (
            "dynamodb",
            "describe_continuous_backups",
            {"TableName": "none"},
            "ThrottlingException",
            400,
        ),
        (
            "sns",
            "tag_resource",
            {"ResourceArn": f"arn:aws:sns:{EAST}:1:none", "Tags": []},
            "Throttled",
            429,
        ),
    ],
)
def test_the_error_is_the_service_s_own(
    throttling, service, method, arguments, code, status
):
    ask = getattr(throttling.boto(service, EAST), method)
    answer = None
    while not throttling.control("GET", "/buckets")["throttled"]:
        try:
            ask(**arguments)
        except ClientError as error:  # mostly that there is no such thing
            answer = error.response
    assert answer["Error"]["Code"] == code
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert throttling.calls()[-1]["fault"] == "bucket"


def test_boto_s_retries_wait_it_out(throttling, unique):
    ssm = throttling.boto(
        "ssm", EAST, retries={"total_max_attempts": 8, "mode": "standard"}
    )
    name = "/" + unique("parameter")
    for value in range(6):
        ssm.put_parameter(
            Name=name, Value=str(value), Type="String", Overwrite=True
        )
    assert throttling.control("GET", "/buckets")["throttled"] > 0
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "5"


def test_levels_are_told(throttling):
    throttling.boto("ssm", WEST).describe_parameters()
    told = throttling.control("GET", "/buckets")
    (level,) = told["levels"]
    assert (level["region"], level["service"]) == (WEST, "ssm")
    assert level["bucket"] == "parameter writes"
    assert 2 <= level["tokens"] < 3


@pytest.mark.parametrize("bad", [{}, {"on": 1}, {"on": True, "off": True}])
def test_an_order_that_makes_no_sense_is_refused(throttling, bad):
    with pytest.raises(ControlError):
        throttling.control("POST", "/buckets", bad)
