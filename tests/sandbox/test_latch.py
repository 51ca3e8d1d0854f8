# SPDX-License-Identifier: MIT
"""What a latch can be made of: a metric, an object, a routing control."""

import json
import time

import pytest
from botocore.exceptions import ClientError
from sandboxctl import EAST, WEST, code_of, wait_for

ALARM = {
    "Namespace": "drd",
    "MetricName": "Latch",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}
KEY = "drd/latch"


@pytest.fixture
def cloudwatch(sandbox):
    return sandbox.boto("cloudwatch", WEST)


@pytest.fixture
def feed(cloudwatch, unique):
    """feed(value) for a metric of its own; .dimensions, .alarm(...)"""

    class Feed:
        name = unique("latch")
        dimensions = [{"Name": "Stack", "Value": name}]

        def __call__(self, value):
            cloudwatch.put_metric_data(
                Namespace="drd",
                MetricData=[
                    {
                        "MetricName": "Latch",
                        "Dimensions": self.dimensions,
                        "Value": value,
                    }
                ],
            )
            return True

        def alarm(self, **other):
            cloudwatch.put_metric_alarm(
                AlarmName=self.name,
                **{**ALARM, "Dimensions": self.dimensions, **other},
            )
            return {"Region": WEST, "Name": self.name}

        def read(self):
            now = time.time()
            return cloudwatch.get_metric_data(
                MetricDataQueries=[
                    {
                        "Id": "latch",
                        "MetricStat": {
                            "Metric": {
                                "Namespace": "drd",
                                "MetricName": "Latch",
                                "Dimensions": self.dimensions,
                            },
                            "Period": 60,
                            "Stat": "Maximum",
                        },
                    }
                ],
                StartTime=now - 300,
                EndTime=now + 60,
                ScanBy="TimestampDescending",
            )["MetricDataResults"][0]

    return Feed()


def metric_check(make_check, alarm):
    return make_check(
        Type="CLOUDWATCH_METRIC",
        AlarmIdentifier=alarm,
        InsufficientDataHealthStatus="LastKnownStatus",
    )


def healthy(sandbox, check):
    return sandbox.health_check(check)["healthy"]


# -- the metric ----------------------------------------------------------


def test_metric_data_is_counted_in_aws_time(feed):
    assert feed.read()["Values"] == []
    feed(1)
    assert feed.read()["Values"][0] == 1.0
    # A minute's maximum is what it was; the next minute has its own.
    wait_for(lambda: feed(0) and feed.read()["Values"][0] == 0.0, 10, 0.05)
    assert 1.0 in feed.read()["Values"]


def test_a_check_copies_its_alarms_settings(
    route53, make_check, feed, sandbox
):
    check = metric_check(make_check, feed.alarm())
    copy = route53.get_health_check(HealthCheckId=check)["HealthCheck"][
        "CloudWatchAlarmConfiguration"
    ]
    assert copy == {**ALARM, "Dimensions": feed.dimensions}
    wait_for(lambda: feed(1) and not healthy(sandbox, check), 10, 0.05)

    # The alarm would now never fire; the check goes by its copy ...
    feed.alarm(Threshold=7.0)
    for _ in range(5):
        feed(1)
        assert not healthy(sandbox, check)
        time.sleep(0.05)
    # ... until it is updated.
    route53.update_health_check(
        HealthCheckId=check, AlarmIdentifier={"Region": WEST, "Name": feed.name}
    )
    wait_for(lambda: feed(1) and healthy(sandbox, check), 10, 0.05)


def test_a_check_wants_an_alarm_that_it_can_watch(make_check, feed):
    with pytest.raises(ClientError) as raised:
        metric_check(make_check, {"Region": WEST, "Name": "no-such-alarm"})
    assert code_of(raised) == ("InvalidInput", 400)
    with pytest.raises(ClientError) as raised:
        metric_check(make_check, feed.alarm(Period=10))
    assert code_of(raised) == ("InvalidInput", 400)


def test_without_data_the_last_known_status_holds(sandbox, make_check, feed):
    check = metric_check(make_check, feed.alarm())
    assert healthy(sandbox, check)  # new, and nothing is known
    wait_for(lambda: feed(1) and not healthy(sandbox, check), 10, 0.05)
    wait_for(
        lambda: sandbox.boto("cloudwatch", WEST).describe_alarms(
            AlarmNames=[feed.name]
        )["MetricAlarms"][0]["StateValue"]
        == "INSUFFICIENT_DATA",
        20,
        0.1,
    )
    assert not healthy(sandbox, check)
    wait_for(lambda: feed(0) and healthy(sandbox, check), 10, 0.05)


# -- the object ----------------------------------------------------------


@pytest.fixture
def bucket(sandbox, unique):
    """A bucket of the standby region with one object for everybody."""
    s3, name = sandbox.boto("s3", WEST), unique("bucket")
    s3.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": WEST}
    )
    s3.delete_public_access_block(Bucket=name)  # AWS blocks by itself
    s3.put_bucket_policy(
        Bucket=name,
        Policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "s3:GetObject",
                        "Resource": f"arn:aws:s3:::{name}/{KEY}",
                    }
                ],
            }
        ),
    )
    return name


def object_check(make_check, bucket, **other):
    return make_check(
        Type="HTTPS",
        FullyQualifiedDomainName=f"{bucket}.s3.{WEST}.amazonaws.com",
        ResourcePath=f"/{KEY}",
        RequestInterval=10,
        FailureThreshold=1,
        Inverted=True,
        **other,
    )


def test_an_object_latches_an_inverted_check(sandbox, make_check, bucket):
    s3 = sandbox.boto("s3", WEST)
    check = object_check(make_check, bucket)
    assert not healthy(sandbox, check)  # new, inverted, without data
    wait_for(lambda: healthy(sandbox, check), 10, 0.05)
    s3.put_object(Bucket=bucket, Key=KEY)
    wait_for(lambda: not healthy(sandbox, check), 10, 0.05)
    s3.delete_object(Bucket=bucket, Key=KEY)
    wait_for(lambda: healthy(sandbox, check), 10, 0.05)


def test_a_silent_region_sets_no_latch(sandbox, make_check, bucket):
    check = object_check(make_check, bucket)
    sandbox.boto("s3", WEST).put_object(Bucket=bucket, Key=KEY)
    wait_for(
        lambda: [
            c["status"]
            for c in sandbox.health_check(check)["checkers"]
            if (c["status"] or "").startswith("Success")
        ],
        10,
        0.05,
    )
    sandbox.fault(region=WEST, plane="api", mode="drop")
    wait_for(lambda: healthy(sandbox, check), 10, 0.05)


@pytest.mark.parametrize("how", ["no policy", "blocked"])
def test_checkers_have_no_credentials(sandbox, make_check, bucket, how):
    s3 = sandbox.boto("s3", WEST)
    s3.put_object(Bucket=bucket, Key=KEY)
    if how == "no policy":
        s3.delete_bucket_policy(Bucket=bucket)
    else:
        s3.put_public_access_block(
            Bucket=bucket,
            PublicAccessBlockConfiguration={"RestrictPublicBuckets": True},
        )
    check = object_check(make_check, bucket)
    wait_for(
        lambda: sandbox.health_check(check)["checkers"]
        and all(
            (c["status"] or "").startswith("Failure: HTTP Status Code 403")
            for c in sandbox.health_check(check)["checkers"]
        ),
        10,
        0.05,
    )
    assert healthy(sandbox, check)


# -- the routing control -------------------------------------------------


@pytest.fixture
def control(sandbox, unique):
    """The ARN of a new routing control."""
    name = unique("control")
    sandbox.control("POST", "/routing-controls", {"name": name})
    return next(
        c["arn"]
        for c in sandbox.control("GET", "/routing-controls")
        if c["name"] == name
    )


def cluster(sandbox, region):
    return sandbox.boto(
        "route53-recovery-cluster",
        region,
        endpoint=sandbox.ready["cluster"][region],
    )


def test_a_routing_control_is_off_until_it_is_switched_on(
    sandbox, make_check, control
):
    check = make_check(Type="RECOVERY_CONTROL", RoutingControlArn=control)
    assert not healthy(sandbox, check)
    for region in sandbox.ready["cluster"]:
        state = cluster(sandbox, region).get_routing_control_state(
            RoutingControlArn=control
        )
        assert state["RoutingControlState"] == "Off"
    cluster(sandbox, "eu-west-1").update_routing_control_state(
        RoutingControlArn=control, RoutingControlState="On"
    )
    assert healthy(sandbox, check)


def test_a_cluster_has_five_endpoints_and_each_may_be_down(sandbox, control):
    regions = list(sandbox.ready["cluster"])
    assert len(regions) == 5
    for region in regions:
        fault = sandbox.fault(
            region=region,
            service="route53-recovery-cluster",
            mode="error",
            status=503,
            code="EndpointTemporarilyUnavailableException",
        )
        with pytest.raises(ClientError) as raised:
            cluster(sandbox, region).get_routing_control_state(
                RoutingControlArn=control
            )
        assert code_of(raised)[0] == "EndpointTemporarilyUnavailableException"
        other = regions[regions.index(region) - 1]
        cluster(sandbox, other).get_routing_control_state(
            RoutingControlArn=control
        )
        sandbox.clear(fault)


def test_a_cluster_answers_at_its_endpoints_only(sandbox, control):
    wrong = sandbox.boto("route53-recovery-cluster", EAST)
    with pytest.raises(ClientError) as raised:
        wrong.get_routing_control_state(RoutingControlArn=control)
    assert code_of(raised)[1] in (400, 403)
    ssm = sandbox.boto("ssm", EAST, endpoint=sandbox.ready["cluster"][EAST])
    with pytest.raises(ClientError) as raised:
        ssm.get_parameter(Name="/any")
    assert code_of(raised)[1] in (400, 403)


def test_status_is_not_available_for_recovery_controls(
    route53, make_check, control
):
    check = make_check(Type="RECOVERY_CONTROL", RoutingControlArn=control)
    with pytest.raises(ClientError) as raised:
        route53.get_health_check_status(HealthCheckId=check)
    assert code_of(raised) == ("InvalidInput", 400)
