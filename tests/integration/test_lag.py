# SPDX-License-Identifier: MIT
"""drd where reads lag writes by two seconds: later, but never twice."""

import base64
import collections
import itertools
import re

import pytest
from drdctl import Drd
from outside import PRIMARY, REGIONS, Outside

LAG_MS = 2000
SERVICES = (
    "ec2",
    "elasticloadbalancing",
    "iam",
    "lambda",
    "s3",
    "ssm",
    "route53",
    "dynamodb",
    "tagging",
    "sns",
    "monitoring",
)
TOKEN = re.compile("[0-9a-f]{16,}")
CREATES = re.compile("Create|Put|Register|Request|Allocate|Run")
_numbers = itertools.count(1)


@pytest.fixture
def lag(sandbox):
    def lag(ms, **more):
        spec = {"ms": ms, "services": SERVICES, **more}
        sandbox.control("POST", "/lag", spec)

    yield lag
    lag(0)


@pytest.fixture
def slow(build, sandbox, lag, tmp_path):
    """A stack of which nothing of drd's is there yet."""
    name = f"slow{next(_numbers)}"
    zone = f"{name}.test"
    sandbox.build_stack(name=name)
    with Drd(build, sandbox, tmp_path, stacks=(name,), zone=zone) as drd:
        drd.outside = Outside(sandbox, name, zone)
        yield drd
    lag(0)
    drd.outside.retire()


def creates(sandbox):
    """How often each thing was made: {(region, operation, what): times}."""
    return collections.Counter(
        (
            c["region"],
            c["operation"],
            c["path"],
            TOKEN.sub("*", base64.b64decode(c["body"]).decode("latin-1")),
        )
        for c in sandbox.calls()
        if CREATES.match(c["operation"]) and c["status"] < 400
    )


@pytest.mark.parametrize("flap", [False, True], ids=["late", "by turns"])
def test_apply_makes_everything_once(sandbox, slow, lag, flap):
    lag(LAG_MS, flap=flap)
    sandbox.forget_calls()
    result = slow.verb("apply", "--yes")
    assert result.returncode == 0, result.stdout + result.stderr
    made = creates(sandbox)
    assert made and set(made.values()) == {1}, made

    lag(0)
    again = slow.verb("plan")
    assert again.returncode == 0, again.stdout + again.stderr


def test_a_change_is_made_once(sandbox, slow, lag):
    result = slow.verb("apply", "--yes")
    assert result.returncode == 0, result.stdout + result.stderr
    for region in REGIONS:
        slow.outside.boto("ssm", region).put_parameter(
            Name=f"{slow.outside.prefix}/{region}/endpoint",
            Value="http://wrong",
            Type="SecureString",
            Overwrite=True,
        )
    lag(LAG_MS)  # that shows; what drd writes from now on will not at once
    sandbox.forget_calls()
    result = slow.verb("apply", "--yes")
    assert result.returncode == 0, result.stdout + result.stderr
    writes = sandbox.calls(operation="PutParameter")
    assert sorted(c["region"] for c in writes) == sorted(REGIONS)
    right = "http://" + slow.outside.balancer(PRIMARY)["dns_name"]
    lag(0)
    assert slow.outside.parameter(PRIMARY, f"{PRIMARY}/endpoint") == right
