# SPDX-License-Identifier: MIT
"""Route 53's rules for health checks, each of which moto lacks."""

import pytest
from botocore.exceptions import ClientError
from sandboxctl import code_of

CONFIG = {
    "Type": "HTTP",
    "FullyQualifiedDomainName": "nowhere.example",
    "ResourcePath": "/health",
}


def test_same_reference_and_settings_return_the_existing_check(route53, unique):
    reference = unique("ref")
    one = route53.create_health_check(
        CallerReference=reference, HealthCheckConfig=CONFIG
    )
    two = route53.create_health_check(
        CallerReference=reference, HealthCheckConfig=CONFIG
    )
    assert one["HealthCheck"]["Id"] == two["HealthCheck"]["Id"]


def test_same_reference_other_settings_conflict(route53, unique):
    reference = unique("ref")
    route53.create_health_check(
        CallerReference=reference, HealthCheckConfig=CONFIG
    )
    with pytest.raises(ClientError) as raised:
        route53.create_health_check(
            CallerReference=reference,
            HealthCheckConfig={**CONFIG, "ResourcePath": "/other"},
        )
    assert code_of(raised) == ("HealthCheckAlreadyExists", 409)


def test_reference_of_a_deleted_check_stays_taken(route53, unique):
    reference = unique("ref")
    check = route53.create_health_check(
        CallerReference=reference, HealthCheckConfig=CONFIG
    )["HealthCheck"]
    route53.delete_health_check(HealthCheckId=check["Id"])
    with pytest.raises(ClientError) as raised:
        route53.create_health_check(
            CallerReference=reference, HealthCheckConfig=CONFIG
        )
    assert code_of(raised) == ("HealthCheckAlreadyExists", 409)


def test_version_counts_and_guards(route53, make_check):
    check = make_check(**CONFIG)
    updated = route53.update_health_check(
        HealthCheckId=check, HealthCheckVersion=1, Disabled=True
    )
    assert updated["HealthCheck"]["HealthCheckVersion"] == 2
    with pytest.raises(ClientError) as raised:
        route53.update_health_check(
            HealthCheckId=check, HealthCheckVersion=1, Disabled=False
        )
    assert code_of(raised) == ("HealthCheckVersionMismatch", 409)


def test_update_keeps_what_it_does_not_name(route53, make_check):
    child = make_check(**CONFIG)
    regions = ["us-east-1", "eu-west-1", "sa-east-1"]
    check = make_check(**CONFIG, Regions=regions, FailureThreshold=2)
    parent = make_check(
        Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=[child]
    )
    route53.update_health_check(HealthCheckId=check, Inverted=True)
    route53.update_health_check(HealthCheckId=parent, Inverted=True)
    config = route53.get_health_check(HealthCheckId=check)["HealthCheck"][
        "HealthCheckConfig"
    ]
    assert sorted(config["Regions"]) == sorted(regions)
    assert (config["FailureThreshold"], config["Inverted"]) == (2, True)
    config = route53.get_health_check(HealthCheckId=parent)["HealthCheck"][
        "HealthCheckConfig"
    ]
    assert config["ChildHealthChecks"] == [child]


def test_metric_check_keeps_alarm_and_policy(sandbox, route53, make_check):
    alarm = {"Region": "us-west-2", "Name": "some-alarm"}
    sandbox.boto("cloudwatch", "us-west-2").put_metric_alarm(
        AlarmName="some-alarm",
        Namespace="test",
        MetricName="some",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    check = make_check(
        Type="CLOUDWATCH_METRIC",
        AlarmIdentifier=alarm,
        InsufficientDataHealthStatus="LastKnownStatus",
    )
    config = route53.get_health_check(HealthCheckId=check)["HealthCheck"][
        "HealthCheckConfig"
    ]
    assert config["AlarmIdentifier"] == alarm
    assert config["InsufficientDataHealthStatus"] == "LastKnownStatus"
    assert "Port" not in config and "RequestInterval" not in config


@pytest.mark.parametrize(
    "wrong",
    [
        {"FailureThreshold": 99},
        {"FailureThreshold": 0},
        {"RequestInterval": 20},
        {"Regions": ["us-east-1"]},
        {
            "Type": "CALCULATED",
            "HealthThreshold": 1,
            "ChildHealthChecks": ["no-such-check"],
        },
    ],
)
def test_bad_settings_are_invalid_input(make_check, wrong):
    from botocore.exceptions import ParamValidationError

    with pytest.raises((ClientError, ParamValidationError)) as raised:
        make_check(**{**CONFIG, **wrong})
    if isinstance(raised.value, ClientError):
        assert code_of(raised) == ("InvalidInput", 400)


def test_unknown_check_is_not_found(route53):
    for call in (
        route53.get_health_check,
        route53.delete_health_check,
        route53.get_health_check_status,
        route53.update_health_check,
    ):
        with pytest.raises(ClientError) as raised:
            call(HealthCheckId="00000000-0000-0000-0000-000000000000")
        assert code_of(raised) == ("NoSuchHealthCheck", 404)


def test_child_of_a_calculated_check_cannot_be_deleted(route53, make_check):
    child = make_check(**CONFIG)
    make_check(Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=[child])
    with pytest.raises(ClientError) as raised:
        route53.delete_health_check(HealthCheckId=child)
    assert code_of(raised) == ("HealthCheckInUse", 400)


def test_listing_pages(route53, make_check):
    made = {make_check(**CONFIG) for _ in range(3)}
    seen, marker = [], {}
    while True:
        page = route53.list_health_checks(MaxItems="2", **marker)
        assert len(page["HealthChecks"]) <= 2
        seen += [c["Id"] for c in page["HealthChecks"]]
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert made <= set(seen) and len(seen) == len(set(seen))


def test_status_is_not_available_for_calculated_checks(route53, make_check):
    check = make_check(Type="CALCULATED", HealthThreshold=0)
    with pytest.raises(ClientError) as raised:
        route53.get_health_check_status(HealthCheckId=check)
    assert code_of(raised) == ("InvalidInput", 400)
