# SPDX-License-Identifier: MIT
"""drd where reads lag writes by two seconds: later, but never twice."""

import collections
import itertools

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
    "tagging",
    "sns",
    "monitoring",
)
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
    """A stack of which there is nothing yet."""
    name = f"slow{next(_numbers)}"
    zone = f"{name}.test"
    with Drd(build, sandbox, tmp_path, stacks=(name,), zone=zone) as drd:
        drd.outside = Outside(sandbox, name, zone)
        yield drd
        lag(0)
        drd.verb("destroy", "--yes-destroy", name)


def apply(drd):
    """Build everything; how often each write was accepted."""
    before = drd.outside.mark()
    result = drd.verb("apply", "--yes", timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    return collections.Counter(
        (c["service"], c["region"], c["operation"])
        for c in drd.outside.writes(before)
        if c["status"] is not None and c["status"] < 300
    )


@pytest.mark.parametrize("flap", [False, True], ids=["late", "by turns"])
def test_apply_makes_everything_once(slow, lag, flap):
    at_once = apply(slow)
    gone = slow.verb("destroy", "--yes-destroy", slow.outside.name)
    assert gone.returncode == 0, gone.stdout + gone.stderr
    lag(LAG_MS, flap=flap)
    assert apply(slow) == at_once

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
