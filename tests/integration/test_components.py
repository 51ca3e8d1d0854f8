# SPDX-License-Identifier: MIT
"""Each part of a stack is managed, observed or ignored, as it was declared."""

import pytest
from drdctl import Drd
from outside import STANDBY, Outside

NAME, ZONE = "parts", "parts.test"
PARTS = (
    "network",
    "roles",
    "function",
    "entry",
    "certificate",
    "table",
    "bucket",
    "zone",
    "health_checks",
    "records",
    "alarms",
    "topics",
    "parameters",
)
SERVICES = {  # whose calls show that a part was read
    "network": "ec2",
    "roles": "iam",
    "function": "lambda",
    "table": "dynamodb",
    "bucket": "s3",
}


def manage(**parts):
    return "manage {\n" + "".join(f"{k} = {v}\n" for k, v in parts.items()) + "}"


@pytest.fixture(scope="module")
def built(build, running, tmp_path_factory):
    """A stack that drd has built."""
    directory = tmp_path_factory.mktemp("parts")
    with Drd(build, running, directory, stacks=(NAME,), zone=ZONE) as drd:
        drd.outside = Outside(running, NAME, ZONE)
        result = drd.verb("apply", "--yes")
        assert result.returncode == 0, result.stdout + result.stderr
        yield drd
        drd.write_config(stack="")
        result = drd.verb("destroy", "--yes-destroy", NAME)
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture
def parts(built, sandbox):
    yield built
    built.write_config(stack="")
    result = built.verb("apply", "--yes")
    assert result.returncode == 0, result.stdout + result.stderr


def test_what_is_observed_is_told_and_not_written(parts):
    parts.write_config(stack=manage(**dict.fromkeys(PARTS, "observe")))
    plan = parts.verb("plan")
    assert plan.returncode == 0, plan.stdout

    outside = parts.outside
    outside.boto("lambda", STANDBY).update_function_configuration(
        FunctionName=outside.full_name(STANDBY, "function"), MemorySize=256
    )
    outside.boto("s3", STANDBY).put_bucket_versioning(
        Bucket=outside.full_name(STANDBY, "data"),
        VersioningConfiguration={"Status": "Suspended"},
    )
    before = outside.mark()
    plan = parts.verb("plan")
    assert plan.returncode == 2
    for line in ("MemorySize: 256 -> 512", "(observed)", "2 to change"):
        assert line in plan.stdout
    assert parts.verb("apply", "--yes").returncode == 2
    assert outside.writes(before) == []


def test_what_is_ignored_is_not_even_read(parts):
    ignored = dict.fromkeys(SERVICES, "ignore")
    parts.write_config(stack=manage(**ignored, entry="observe"))
    before = parts.outside.mark()
    plan = parts.verb("plan")
    assert plan.returncode == 0, plan.stdout
    asked = {c["service"] for c in parts.outside.drd_calls(before)}
    assert asked.isdisjoint(SERVICES.values()), asked
    assert "route53" in asked


def test_a_managed_part_may_not_stand_on_an_ignored_one(parts):
    parts.write_config(stack=manage(network="ignore"))
    check = parts.verb("check")
    assert check.returncode == 78
    assert "network: cannot be ignored while drd manages entry" in check.stderr
