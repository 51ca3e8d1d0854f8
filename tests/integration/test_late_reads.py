# SPDX-License-Identifier: MIT
"""drd where reads lag writes by two seconds: later, but never twice."""

import collections
import itertools
import subprocess

import pytest
from drdctl import Drd
from outside import PRIMARY, REGIONS, Outside
from sandboxctl import Sandbox, wait_for

LAG_MS = 2000
CREATES = (
    "Associate",
    "Attach",
    "Authorize",
    "Create",
    "Register",
    "Request",
    "Subscribe",
)
SPEED = 120
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


@pytest.fixture(scope="module")
def own():
    """A sandbox of these tests' own: each write copies all there is."""
    with Sandbox(speed=SPEED) as sandbox:
        yield sandbox


@pytest.fixture
def lag(own):
    def lag(ms, **more):
        spec = {"ms": ms, "services": SERVICES, **more}
        own.control("POST", "/lag", spec)

    yield lag
    lag(0)


@pytest.fixture
def slow(build, own, lag, tmp_path):
    """A stack of which there is nothing yet."""
    name = f"slow{next(_numbers)}"
    zone = f"{name}.test"
    names = {"stacks": (name,), "zone": zone, "request_timeout": "10s"}
    with Drd(build, own, tmp_path, **names) as drd:
        drd.outside = Outside(own, name, zone)
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


def creations(writes):
    """Without what only sets something: to set it again changes nothing."""
    return {k: n for k, n in writes.items() if k[2].startswith(CREATES)}


@pytest.mark.parametrize("flap", [False, True], ids=["late", "by turns"])
def test_apply_makes_everything_once(slow, lag, flap):
    at_once = apply(slow)
    gone = slow.verb("destroy", "--yes-destroy", slow.outside.name)
    assert gone.returncode == 0, gone.stdout + gone.stderr
    lag(LAG_MS, flap=flap)
    assert creations(apply(slow)) == creations(at_once)

    lag(0)
    again = slow.verb("plan")
    assert again.returncode == 0, again.stdout + again.stderr


def test_a_change_is_made_once(own, slow, lag):
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
    own.forget_calls()
    result = slow.verb("apply", "--yes")
    assert result.returncode == 0, result.stdout + result.stderr
    writes = own.calls(operation="PutParameter")
    assert sorted(c["region"] for c in writes) == sorted(REGIONS)
    right = "http://" + slow.outside.balancer(PRIMARY)["dns_name"]
    lag(0)
    assert slow.outside.parameter(PRIMARY, f"{PRIMARY}/endpoint") == right


def test_a_killed_apply_is_followed_by_no_second_zone(own, slow, lag):
    """What it made does not show yet when the next one looks."""
    slow.write_config(settle="4s")
    lag(LAG_MS)
    own.forget_calls()
    command = [slow.build / "drd", "apply", "-f", slow.config, "--yes"]
    with subprocess.Popen(
        command, env=slow.environment(), stdout=subprocess.DEVNULL
    ) as killed:
        wait_for(
            lambda: own.calls(operation="CreateHealthCheck", status=201),
            60,
            what="a health check",
        )
        killed.kill()
    result = slow.verb("apply", "--yes", timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    lag(0)
    route53 = slow.outside.boto("route53")
    zones = route53.list_hosted_zones()["HostedZones"]
    assert [z["Name"] for z in zones].count(slow.outside.zone + ".") == 1
    ours = f"drd:{slow.outside.name}:"
    checks = route53.list_health_checks()["HealthChecks"]
    # Of the primary and the standby, the latch, and what counts them.
    assert sum(c["CallerReference"].startswith(ours) for c in checks) == 4
    for region in REGIONS:
        vpcs = slow.outside.boto("ec2", region).describe_vpcs(
            Filters=[
                {"Name": "tag:drd:stack", "Values": [slow.outside.name]}
            ]
        )["Vpcs"]
        assert len(vpcs) == 1
