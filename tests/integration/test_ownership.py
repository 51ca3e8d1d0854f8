# SPDX-License-Identifier: MIT
"""Whose it is, and what drd may do about it.

A part that is observed is told about and never written, one that is ignored is
not even read, and the stack of somebody else who happens to use our names is
neither changed, nor adopted, nor destroyed.
"""

import pytest
from census import Census
from drdctl import Drd
from drifts import DRIFTS, Things
from outside import Outside
from sandboxctl import Sandbox

READS = ("Describe", "Get", "List")


def drift_of(kind):
    """The one that the tests of a whole life have for it."""
    return next(d for d in DRIFTS if d.kind == kind and d.round == 1).make


def threshold_of_check(it):
    it.boto("route53").update_health_check(
        HealthCheckId=it.outside.health_check("standby"), FailureThreshold=5
    )


def target_health_of_record(it):
    record = next(
        r for r in it.outside.records() if r["Failover"] == "SECONDARY"
    )
    record["AliasTarget"]["EvaluateTargetHealth"] = False
    it.outside.change_records(("UPSERT", record))


# part of the configuration: what of it is changed, of what kind that is
CHANGES = {
    "network": ("subnet", drift_of("subnet")),
    "roles": ("iam-role", drift_of("iam-role")),
    "function": ("lambda-concurrency", drift_of("lambda-concurrency")),
    "entry": ("target-group", drift_of("target-group")),
    "table": ("table-backups", drift_of("table-backups")),
    "bucket": ("s3-public-access", drift_of("s3-public-access")),
    "health_checks": ("health-check", threshold_of_check),
    "records": ("record", target_health_of_record),
    "alarms": ("alarm", drift_of("alarm")),
    "topics": ("sns-topic-policy", drift_of("sns-topic-policy")),
    "parameters": ("ssm-parameter", drift_of("ssm-parameter")),
}
# ... and a read that only it needs.  Zone, health checks and alarms cannot be
# ignored where others are looked at by them, nor can the entry.
READ_OF = {
    "network": "DescribeSubnets",
    "roles": "GetRole",
    "function": "GetFunction",
    "table": "DescribeTable",
    "bucket": "GetPublicAccessBlock",
    "records": "ListResourceRecordSets",
    "topics": "GetTopicAttributes",
    "parameters": "GetParameters",
}


def manage(**parts):
    """The block of the configuration."""
    lines = "\n".join(f"{part} = {how}" for part, how in parts.items())
    return f"manage {{\n{lines}\n}}"


@pytest.fixture(scope="module")
def built(build, tmp_path_factory):
    """A stack of its own sandbox, and a drd that keeps it."""
    directory = tmp_path_factory.mktemp("ownership")
    with Sandbox(speed=120) as sandbox:
        with Drd(build, sandbox, directory, request_timeout="5s") as drd:
            apply(drd)
            yield drd


@pytest.fixture
def drd(built):
    """As configured by default, and as declared."""
    built.sandbox.forget_calls()
    yield built
    built.write_config(stack="")
    apply(built)


def apply(drd):
    done = drd.verb("apply", "--yes", timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def operations(drd):
    return {c["operation"] for c in drd.sandbox.calls(user_agent="drd/")}


def writes(drd):
    return {o for o in operations(drd) if not o.startswith(READS)}


@pytest.mark.parametrize("part", CHANGES)
def test_what_is_observed_is_told_and_not_written(drd, part):
    kind, change = CHANGES[part]
    drd.write_config(stack=manage(**{part: "observe"}))
    apply(drd)  # the record leaves a latch that nobody may set up
    drd.sandbox.forget_calls()
    change(Things(Outside(drd.sandbox)))
    plan = drd.verb("drift")
    assert plan.returncode == 2, plan.stdout + plan.stderr
    told = [x for x in plan.stdout.splitlines() if x.startswith(("~", "+"))]
    assert told and all(x.split()[2] == kind for x in told), plan.stdout
    assert all("(observed)" in x for x in told)
    drd.verb("apply", "--yes")
    assert writes(drd) == set()


@pytest.mark.parametrize("part", READ_OF)
def test_what_is_ignored_is_not_read(drd, part):
    # What is managed may need it; what is observed does without.
    others = {p: "observe" for p in (*CHANGES, "zone")}
    drd.write_config(stack=manage(**others))
    assert drd.verb("drift").returncode == 0
    assert READ_OF[part] in operations(drd)
    drd.sandbox.forget_calls()
    drd.write_config(stack=manage(**{**others, part: "ignore"}))
    done = drd.verb("drift")
    assert done.returncode == 0, done.stdout + done.stderr
    assert READ_OF[part] not in operations(drd)


def test_the_stack_of_somebody_else(drd, build, tmp_path):
    """Of the same names, and tagged as another stack's."""
    census = Census(drd.sandbox)
    there = census.take()
    with Drd(
        build,
        drd.sandbox,
        tmp_path,
        stacks=("other",),
        stack="service = shop",
        request_timeout="5s",
    ) as other:
        plan = other.verb("plan", "--adopt")
        assert plan.returncode == 1
        assert "tag drd:stack is shop" in plan.stdout
        assert " 0 foreign" not in plan.stdout
        assert "to adopt" not in plan.stdout
        done = other.verb("apply", "--adopt", "--yes", timeout=120)
        assert done.returncode == 1
        assert there - census.take() == {}
        plan = drd.verb("plan")
        assert plan.returncode == 0, plan.stdout
        other.verb("destroy", "--yes-destroy", "other", timeout=120)
    assert census.take() == there
    assert drd.verb("plan").returncode == 0


def test_another_environment_of_the_same_name(drd, build, tmp_path):
    """Two stacks, though one name: neither writes what the other has."""
    census = Census(drd.sandbox)
    there = census.take()
    with Drd(
        build,
        drd.sandbox,
        tmp_path,
        environment="staging",
        request_timeout="5s",
    ) as staging:
        plan = staging.verb("plan", "--adopt")
        assert plan.returncode == 1, plan.stdout + plan.stderr
        assert "drd:owner is drd, Environment is prod;" in plan.stdout
        assert "to adopt" not in plan.stdout
        # The zone is in the way, and who needs it waits for it.
        done = staging.verb("apply", "--adopt", "--yes", timeout=120)
        assert done.returncode == 1
        assert there - census.take() == {}
        assert census.take() != there
        plan = drd.verb("drift")
        assert plan.returncode == 0, plan.stdout
        staging.verb("destroy", "--yes-destroy", "shop", timeout=120)
        assert there - census.take() == {}
        plan = drd.verb("drift")
        assert plan.returncode == 0, plan.stdout
        # A zone may serve both, and a record only one.
        staging.write_config(stack=manage(zone="observe"))
        done = staging.verb("apply", "--yes", timeout=120)
        assert done.returncode == 1
        assert "2 foreign" in done.stdout, done.stdout
        assert there - census.take() == {}
        plan = drd.verb("drift")
        assert plan.returncode == 0, plan.stdout
        staging.verb("destroy", "--yes-destroy", "shop", timeout=120)
    assert census.take() == there
    assert drd.verb("drift").returncode == 0
