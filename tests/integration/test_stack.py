# SPDX-License-Identifier: MIT
"""plan, apply, drift, and the daemon's own repairs."""

import itertools
import json

import pytest
from drdctl import Drd
from outside import PRIMARY, REGIONS, STANDBY, Outside
from sandboxctl import wait_for

_numbers = itertools.count(1)


@pytest.fixture
def fresh(build, sandbox, tmp_path):
    """A stack of the test's own, of which there is nothing yet."""
    name = f"fresh{next(_numbers)}"
    zone = f"{name}.test"
    with Drd(build, sandbox, tmp_path, stacks=(name,), zone=zone) as drd:
        drd.name = name
        drd.outside = Outside(sandbox, name, zone)
        yield drd
        sandbox.clear()
        drd.stop()
        drd.verb("destroy", "--yes-destroy", name)
    drd.outside.retire()


def apply(drd, code=0):
    result = drd.verb("apply", "--yes")
    assert result.returncode == code, result.stdout + result.stderr
    return result


# -- plan and apply ------------------------------------------------------


def test_a_plan_without_knowing_who_is_active(shop, outside, sandbox):
    """It shows all that does not depend on it; nobody writes."""
    alarm = outside.full_name(PRIMARY, "elb-5xx")
    outside.boto("cloudwatch").delete_alarms(AlarmNames=[alarm])
    before = outside.mark()
    sandbox.fault(region=STANDBY, operation="GetParameter", mode="denied")
    for verb in ("plan", "drift"):
        done = shop.verb(verb)
        assert done.returncode == 1
        assert "stack shop: which region is active is not known" in done.stdout
        assert "GetParameter" in done.stdout
        plan = json.loads(shop.verb(verb, "--json").stdout)
        assert {(c["id"], c["state"]) for c in plan["changes"]} == {
            (f"{PRIMARY}/alarm-elb-5xx", "absent"),
            *(
                (f"{region}/parameter-{name}", "failed")
                for region in REGIONS
                for name in ("endpoint", "active")
            ),
        }
    for words in ("apply", "--yes"), ("destroy", "--yes-destroy", "shop"):
        done = shop.verb(*words)
        assert done.returncode == 1
        assert "which region is active is not known" in done.stderr
    assert outside.writes(before) == []
    sandbox.clear()
    apply(shop)



def test_plan_lists_what_apply_would_create(fresh):
    before = fresh.outside.mark()
    plan = fresh.verb("plan")
    assert plan.returncode == 2
    creates = [x for x in plan.stdout.splitlines() if x.startswith("+ ")]
    listed = [" ".join(x.split()) for x in creates]
    for line in (
        f"+ us-west-2 sns-topic {fresh.name}-us-west-2-prod-notice",
        f"+ us-east-1 ssm-parameter /dr/{fresh.name}-prod/active",
        f"+ us-east-1 hosted-zone {fresh.name}.test",
        f"+ us-east-1 record {fresh.outside.record} A PRIMARY",
        f"+ us-west-2 vpc {fresh.name}-us-west-2-prod-vpc",
        f"+ us-east-1 lambda-function {fresh.name}-us-east-1-prod-function",
    ):
        assert line in listed
    assert f"{len(creates)} to create, 0 to change" in plan.stdout
    assert fresh.outside.writes(before) == []


def test_apply_asks_first(fresh):
    before = fresh.outside.mark()
    result = fresh.verb("apply")
    assert result.returncode == 2
    assert "--yes" in result.stderr
    assert fresh.outside.writes(before) == []


def test_apply_builds_it_and_then_leaves_it_alone(fresh):
    outside = fresh.outside
    apply(fresh)

    for region, role in ((PRIMARY, "primary"), (STANDBY, "secondary")):
        arn = outside.topic(region)
        sns = outside.boto("sns", region)
        tags = sns.list_tags_for_resource(ResourceArn=arn)["Tags"]
        assert {t["Key"]: t["Value"] for t in tags} == {
            "Name": outside.full_name(region, "notice"),
            "Environment": "prod",
            "DR-Role": role,
            "drd:stack": fresh.name,
            "drd:owner": "drd",
        }
        policy = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
        allowed = [s["Principal"] for s in json.loads(policy)["Statement"]]
        assert {"Service": "cloudwatch.amazonaws.com"} in allowed
        assert outside.active(region)["active"] == PRIMARY
        own = "http://" + outside.balancer(region)["dns_name"]
        assert outside.parameter(region, f"{region}/endpoint") == own
        for purpose in ("elb-5xx", "elb-unhealthy", "lambda-errors"):
            assert outside.alarm(purpose, region)["AlarmActions"] == [arn]
    assert outside.alarm("health-check")["MetricName"] == "HealthCheckStatus"
    assert outside.region_of_users() == PRIMARY

    before = outside.mark()
    again = fresh.verb("plan")
    assert (again.returncode, again.stderr) == (0, "")
    assert "0 to create, 0 to change, 0 foreign, 0 failed" in again.stdout
    apply(fresh)
    assert fresh.verb("drift").returncode == 0
    assert outside.writes(before) == []


def test_apply_goes_on_after_a_failure(fresh, sandbox):
    """Half an apply is not lost, and the other half is not repeated."""
    fault = sandbox.fault(
        region=PRIMARY, operation="PutMetricAlarm", mode="denied"
    )
    result = apply(fresh, code=1)
    assert "6 failed" in result.stdout
    assert fresh.outside.alarm("elb-5xx") is None
    assert fresh.outside.active(STANDBY)["active"] == PRIMARY
    sandbox.clear(fault)
    before = fresh.outside.mark()
    apply(fresh)
    assert {
        (c["region"], c["operation"]) for c in fresh.outside.writes(before)
    } == {(PRIMARY, "PutMetricAlarm")}


def test_without_a_latch_the_record_is_not_made(fresh, sandbox):
    """Nor is one that exists ever left without a check."""
    fault = sandbox.fault(
        region=STANDBY, operation="PutMetricAlarm", mode="denied"
    )
    apply(fresh, code=1)
    assert fresh.outside.records() == []
    assert fresh.outside.active(STANDBY)["active"] == PRIMARY
    sandbox.clear(fault)
    apply(fresh)
    primary, secondary = sorted(
        fresh.outside.records(), key=lambda r: r["Failover"]
    )
    assert primary["HealthCheckId"] == fresh.outside.health_check("calculated")
    assert secondary["HealthCheckId"] == fresh.outside.health_check("standby")


# -- drift ---------------------------------------------------------------


def alarm_settings(outside, purpose):
    """What PutMetricAlarm would have to be given again."""
    alarm = outside.alarm(purpose)
    members = outside.boto("cloudwatch").meta.service_model.operation_model(
        "PutMetricAlarm"
    ).input_shape.members
    return {k: v for k, v in alarm.items() if k in members}


class AlarmThreshold:
    kind, member, told = "alarm", "Threshold", "99 -> 10"

    @staticmethod
    def drift(outside):
        settings = alarm_settings(outside, "elb-5xx")
        outside.boto("cloudwatch").put_metric_alarm(
            **{**settings, "Threshold": 99.0}
        )

    @staticmethod
    def mended(outside):
        return outside.alarm("elb-5xx")["Threshold"] == 10


class TopicPolicy:
    kind, member, told = "sns-topic-policy", "Policy.Statement", "Everybody"

    @staticmethod
    def drift(outside):
        arn = outside.topic(STANDBY)
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
        outside.boto("sns", STANDBY).set_topic_attributes(
            TopicArn=arn,
            AttributeName="Policy",
            AttributeValue=json.dumps(policy),
        )

    @staticmethod
    def mended(outside):
        attributes = outside.boto("sns", STANDBY).get_topic_attributes(
            TopicArn=outside.topic(STANDBY)
        )["Attributes"]
        return "Everybody" not in attributes["Policy"]


class ParameterValue:
    kind, member, told = "ssm-parameter", "Value", "(secret) -> (secret)"

    @staticmethod
    def drift(outside):
        outside.boto("ssm", STANDBY).put_parameter(
            Name=f"{outside.prefix}/endpoint",
            Value="http://elsewhere.invalid",
            Type="SecureString",
            Overwrite=True,
        )

    @staticmethod
    def mended(outside):
        own = "http://" + outside.balancer(PRIMARY)["dns_name"]
        return outside.parameter(STANDBY, "endpoint") == own


class HealthCheckThreshold:
    kind, member, told = "health-check", "FailureThreshold", "5 -> 3"

    @staticmethod
    def drift(outside):
        outside.boto("route53").update_health_check(
            HealthCheckId=outside.health_check("standby"), FailureThreshold=5
        )

    @staticmethod
    def mended(outside):
        check = outside.boto("route53").get_health_check(
            HealthCheckId=outside.health_check("standby")
        )["HealthCheck"]
        return check["HealthCheckConfig"]["FailureThreshold"] == 3


class RecordTarget:
    kind, member = "record", "AliasTarget.EvaluateTargetHealth"
    told = "false -> true"

    @classmethod
    def drift(cls, outside):
        record = cls.secondary(outside)
        record["AliasTarget"]["EvaluateTargetHealth"] = False
        outside.change_records(("UPSERT", record))

    @classmethod
    def mended(cls, outside):
        return cls.secondary(outside)["AliasTarget"]["EvaluateTargetHealth"]

    @staticmethod
    def secondary(outside):
        return next(
            r for r in outside.records() if r.get("Failover") == "SECONDARY"
        )


class Tags:
    kind, member, told = "ssm-parameter", "Tags.DR-Role", "nobody -> primary"

    @staticmethod
    def drift(outside):
        outside.boto("ssm").add_tags_to_resource(
            ResourceType="Parameter",
            ResourceId=f"{outside.prefix}/active",
            Tags=[{"Key": "DR-Role", "Value": "nobody"}],
        )

    @staticmethod
    def mended(outside):
        tags = outside.boto("ssm").list_tags_for_resource(
            ResourceType="Parameter", ResourceId=f"{outside.prefix}/active"
        )["TagList"]
        return {"Key": "DR-Role", "Value": "primary"} in tags


DRIFTS = [
    AlarmThreshold,
    TopicPolicy,
    ParameterValue,
    HealthCheckThreshold,
    RecordTarget,
    Tags,
]


@pytest.mark.parametrize("what", DRIFTS, ids=lambda d: d.__name__)
def test_drift_is_told_and_applied_away(shop, outside, what):
    what.drift(outside)
    before = outside.mark()

    drift = shop.verb("drift")
    assert drift.returncode == 2
    assert "0 to create, 1 to change" in drift.stdout
    line = next(x for x in drift.stdout.splitlines() if what.member + ":" in x)
    assert what.told in line

    document = json.loads(shop.verb("drift", "--json").stdout)
    assert document["schema"] == "drd.plan/1"
    [change] = document["changes"]
    assert (change["kind"], change["state"]) == (what.kind, "drifted")
    assert list(change["differences"]) == [what.member]
    assert outside.writes(before) == []

    apply(shop)
    assert what.mended(outside)
    assert len(outside.writes(before)) == 1


def test_secrets_are_never_shown(shop, outside):
    ParameterValue.drift(outside)
    wanted = outside.balancer(PRIMARY)["dns_name"]
    for words in (["plan"], ["plan", "--json"], ["drift"], ["apply", "--yes"]):
        told = shop.verb(*words)
        said = told.stdout + told.stderr
        if words[-1] == "--json":
            value = json.loads(said)["changes"][0]["differences"]["Value"]
            assert value == {"have": "(secret)", "want": "(secret)"}
        assert "elsewhere.invalid" not in said
        assert f"http://{wanted}" not in said


@pytest.mark.parametrize("what", DRIFTS, ids=lambda d: d.__name__)
def test_the_daemon_mends_drift_in_its_next_cycle(watched, outside, what):
    what.drift(outside)
    wait_for(lambda: what.mended(outside), 5, 0.05, "the repair")
    assert f"reconcile: shop: {what.kind} " in watched.log()
    stack = watched.wait_well()
    assert stack["reconcile"]["last"]["drift"] == 0
    assert "elsewhere.invalid" not in watched.log()


def test_the_daemon_makes_again_what_was_deleted(watched, outside):
    name = f"{outside.prefix}/endpoint"
    outside.boto("cloudwatch", STANDBY).delete_alarms(
        AlarmNames=[outside.full_name(STANDBY, "elb-5xx")]
    )
    outside.boto("ssm", STANDBY).delete_parameter(Name=name)
    arn = outside.topic(STANDBY)
    outside.boto("sns", STANDBY).delete_topic(TopicArn=arn)

    wait_for(lambda: outside.alarm("elb-5xx", STANDBY), 5, 0.05, "the alarm")
    own = "http://" + outside.balancer(PRIMARY)["dns_name"]
    watched.wait_well()
    assert outside.parameter(STANDBY, "endpoint") == own
    assert outside.topic(STANDBY) == arn
    assert TopicPolicy.mended(outside)
    assert watched.verb("drift").returncode == 0


def test_a_daemon_that_finds_all_well_writes_nothing(watched, outside):
    before = outside.mark()
    watched.wait_polls(6)
    assert outside.drd_calls(before, operation="GetParameters")  # it looked
    assert outside.writes(before) == []


# -- what is not ours ----------------------------------------------------


class ForeignAlarm:
    kind = "alarm"

    @staticmethod
    def make(outside):
        outside.boto("cloudwatch", STANDBY).put_metric_alarm(
            AlarmName=outside.full_name(STANDBY, "elb-5xx"),
            Namespace="Somebody/Else",
            MetricName="Queue",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=7.0,
            ComparisonOperator="GreaterThanThreshold",
        )

    @staticmethod
    def untouched(outside):
        return outside.alarm("elb-5xx", STANDBY)["Namespace"] == "Somebody/Else"


class ForeignParameter:
    kind = "ssm-parameter"

    @staticmethod
    def make(outside):
        outside.boto("ssm", STANDBY).put_parameter(
            Name=f"{outside.prefix}/endpoint", Value="mine", Type="String"
        )

    @staticmethod
    def untouched(outside):
        return outside.parameter(STANDBY, "endpoint") == "mine"


class ForeignTopic:
    kind = "sns-topic"

    @staticmethod
    def make(outside):
        outside.boto("sns", STANDBY).create_topic(
            Name=outside.full_name(STANDBY, "notice"),
            Tags=[{"Key": "drd:stack", "Value": "another"}],
        )

    @staticmethod
    def untouched(outside):
        arn = outside.topic(STANDBY)
        tags = outside.boto("sns", STANDBY).list_tags_for_resource(
            ResourceArn=arn
        )["Tags"]
        return tags == [{"Key": "drd:stack", "Value": "another"}]


@pytest.mark.parametrize(
    "foreign",
    [ForeignAlarm, ForeignParameter, ForeignTopic],
    ids=lambda f: f.__name__,
)
def test_a_foreign_object_is_left_alone(fresh, foreign):
    outside = fresh.outside
    foreign.make(outside)
    plan = fresh.verb("plan")
    assert plan.returncode == 1
    lines = [x for x in plan.stdout.splitlines() if x.startswith("! ")]
    assert any(f"us-west-2  {foreign.kind} " in x for x in lines)
    assert "1 foreign" in plan.stdout

    apply(fresh, code=1)
    assert foreign.untouched(outside)
    # The others went on.
    assert outside.alarm("elb-5xx", PRIMARY)
    assert outside.active(STANDBY)["active"] == PRIMARY

    fresh.start()
    stack = fresh.wait_stack(
        lambda s: s["reconcile"]["last"], "a pass", stack=fresh.name
    )
    assert stack["reconcile"]["last"]["foreign"] == 1
    troubles = stack["reconcile"]["troubles"]
    assert (foreign.kind, "foreign") in {
        (t["kind"], t["state"]) for t in troubles
    }
    screen = fresh.tool("drd-status")
    assert screen.returncode == 1
    assert "foreign" in screen.stdout
    fresh.wait_polls(4, stack=fresh.name)
    assert foreign.untouched(outside)


def test_a_simple_record_of_the_failover_name_is_left_alone(fresh):
    outside = fresh.outside
    apply(fresh)
    ours = outside.records()
    simple = {
        "Name": outside.record,
        "Type": "A",
        "TTL": 300,
        "ResourceRecords": [{"Value": "127.9.9.9"}],
    }
    outside.change_records(
        *(("DELETE", record) for record in ours), ("CREATE", simple)
    )
    before = outside.mark()
    plan = fresh.verb("plan")
    assert plan.returncode == 1
    assert "2 foreign" in plan.stdout
    apply(fresh, code=1)
    assert outside.address() == "127.9.9.9"
    assert outside.writes(before) == []


# -- limits --------------------------------------------------------------


def test_the_brake_stops_a_cycle_with_too_many_changes(shop, outside):
    purposes = ("elb-5xx", "elb-unhealthy", "lambda-errors")
    shop.write_config(stack="max_changes = 2")
    shop.start()
    shop.wait_well()
    before = outside.mark()
    outside.boto("cloudwatch", STANDBY).delete_alarms(
        AlarmNames=[outside.full_name(STANDBY, p) for p in purposes]
    )
    stack = shop.wait_stack(
        lambda s: s["reconcile"]["brake"], "the brake"
    )
    assert stack["reconcile"]["brake"]["changes"] == 3
    screen = shop.tool("drd-status")
    assert screen.returncode == 1
    assert "BRAKED" in screen.stdout
    shop.wait_polls(5)
    assert outside.writes(before) == []
    assert shop.log().count("more than the 2 that max_changes allows") == 1

    told = shop.tool("drd-status", "history", "--json").stdout
    [latched] = [
        e for e in json.loads(told)["entries"] if e["event"] == "brake"
    ]
    assert latched["stack"] == "shop"
    assert "more than the 2 that max_changes allows" in latched["text"]

    # With fewer to change it stays on, until somebody has looked.
    ack = shop.tool("drdctl", "ack", "shop", "--reason", "it was me")
    assert ack.returncode == 0, ack.stderr
    shop.wait_well()
    assert outside.alarm("elb-5xx", STANDBY)
    again = shop.tool("drdctl", "ack", "shop", "--reason", "and again")
    assert again.returncode == 4 and "nothing-to-ack" in again.stderr


def test_two_stacks_of_one_configuration(drd, sandbox, applied):
    second = Outside(sandbox, "second", "second.test")
    drd.write_config(stacks=("shop", "second"))
    plan = drd.verb("plan", "second")
    assert plan.returncode == 2
    assert "shop" not in plan.stdout
    apply(drd)
    wait_for(second.is_healthy, 20, 0.1, "a healthy primary")
    drd.start()
    drd.wait_well(stack="shop")
    drd.wait_well(stack="second")

    sandbox.fault(
        load_balancer=second.full_name(PRIMARY, "alb"), mode="refuse"
    )
    drd.wait_role("failed-over", stack="second")
    drd.wait_settled(stack="second")
    assert {second.active(r)["epoch"] for r in REGIONS} == {2}
    assert {applied.active(r)["epoch"] for r in REGIONS} == {1}
    stack = drd.wait_well(stack="shop")
    assert (stack["epoch"], stack["change"]) == (1, None)
    assert (drd.directory / "state" / "shop.journal").exists()
    assert (drd.directory / "state" / "second.journal").exists()
    assert drd.tool("drd-status", "shop").returncode in (0, 1)
    assert drd.tool("drd-status", "second").returncode == 2
    assert drd.tool("drd-status").returncode == 2
    drd.stop()
    gone = drd.verb("destroy", "--yes-destroy", "second", "second")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert applied.is_healthy()
