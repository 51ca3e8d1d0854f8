# SPDX-License-Identifier: MIT
"""Everything that a drd says in its life, judged by AWS's service models.

One life, all of it: plan, apply, polls, a repair, a failover and the way
back.  The sandbox has checked each signature; where the packets went is seen
from below, by strace.
"""

import ipaddress
import re
import shutil
import subprocess

import pytest
from conformance import problems
from drdctl import Drd
from outside import PRIMARY, STANDBY, Outside
from sandboxctl import wait_for

# What a whole life has to contain, or this proves nothing.
OPERATIONS = {
    "ChangeResourceRecordSets",
    "ChangeTagsForResource",
    "CreateHealthCheck",
    "CreateHostedZone",
    "CreateTopic",
    "DescribeAlarms",
    "DescribeLoadBalancers",
    "GetCallerIdentity",
    "GetHealthCheckStatus",
    "GetHostedZone",
    "GetParameter",
    "GetParameters",
    "GetTopicAttributes",
    "ListHealthChecks",
    "ListHostedZonesByName",
    "ListResourceRecordSets",
    "ListSubscriptionsByTopic",
    "ListTagsForResource",
    "Publish",
    "PutMetricAlarm",
    "PutParameter",
    "SetTopicAttributes",
    "Subscribe",
    "UpdateHealthCheck",
}


def live(drd, outside, sandbox):
    """The whole life of a drd, in ten seconds."""
    assert drd.verb("plan").returncode == 2
    applied = drd.verb("apply", "--yes")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    wait_for(outside.is_calm, 20, 0.1, "a primary that stays healthy")
    drd.start()
    drd.wait_well(stack="life")

    check = outside.health_check("standby")
    outside.boto("route53").update_health_check(
        HealthCheckId=check, FailureThreshold=5
    )
    arn = outside.topic(STANDBY)
    outside.boto("sns", STANDBY).tag_resource(
        ResourceArn=arn, Tags=[{"Key": "DR-Role", "Value": "nobody"}]
    )
    drd.wait_stack(
        lambda s: s["reconcile"]["last"]["written"], "a repair", stack="life"
    )
    drd.wait_well(stack="life")

    alb = outside.full_name(PRIMARY, "alb")
    fault = sandbox.fault(load_balancer=alb, mode="refuse")
    drd.wait_role("failed-over", stack="life")
    drd.wait_settled(stack="life")
    sandbox.clear(fault)
    drd.wait_stack(
        lambda s: s["poll"]["verdict"] == "ok", "a primary", stack="life"
    )
    order = drd.tool("drdctl", "failback", "life", "--reason", "déjà vu & co")
    assert order.returncode == 0, order.stderr
    drd.wait_role("steady", stack="life")
    drd.wait_settled(stack="life")
    assert drd.stop() == 0


def strace(target):
    """The words that have strace write the network calls to `target`."""
    if shutil.which("strace") is None:
        return None
    words = ["strace", "-D", "-f", "-e", "trace=connect,sendto,sendmsg"]
    words += ["-e", "signal=none", "-A", "-o", str(target)]
    tried = subprocess.run([*words, "true"], capture_output=True)
    return words if tried.returncode == 0 else None


@pytest.fixture(scope="module")
def life(build, running, tmp_path_factory):
    """The calls of a whole life, and what strace saw of it (or None)."""
    directory = tmp_path_factory.mktemp("life")
    outside = Outside(running, "life", "life.test")
    before = outside.mark()
    names = {"stacks": ("life",), "zone": outside.zone}
    told = 'subscriptions = { "email:ops@example.com" }'
    with Drd(build, running, directory, stack=told, **names) as drd:
        drd.wrapper = strace(directory / "trace") or ()
        live(drd, outside, running)
        trace = directory / "trace" if drd.wrapper else None
        outside.retire()
        return running.calls(before["calls"]), trace and trace.read_text()


@pytest.fixture
def calls(life):
    """drd's part of the calls."""
    return [c for c in life[0] if "Boto3/" not in header(c, "User-Agent")]


def header(call, name):
    return next(
        (v for k, v in call["headers"] if k.lower() == name.lower()), ""
    )


def test_it_was_a_whole_life(calls):
    assert OPERATIONS <= {c["operation"] for c in calls}


def test_every_request_conforms(calls):
    found = {what for call in calls for what in problems(call)}
    assert found == set()


def test_every_request_is_signed_and_answered(calls):
    for call in calls:
        authorization = header(call, "Authorization")
        assert authorization.startswith("AWS4-HMAC-SHA256 Credential=sandbox/")
        assert call["status"] != 403, call["operation"]


def test_every_request_says_who_sent_it(calls):
    assert {header(c, "User-Agent").split("/")[0] for c in calls} == {"drd"}


def test_nothing_that_was_refused(calls):
    """Only looking for what is not there; everything else was right."""
    refused = {
        (c["operation"], c["status"])
        for c in calls
        if c["status"] is not None and c["status"] >= 400
    }
    assert {
        (operation, status)
        for operation, status in refused
        if not operation.startswith(("Get", "Describe", "List"))
        or status not in (400, 404)
    } == set()


def test_no_packet_left_the_machine(life, running):
    trace = life[1]
    if trace is None:
        pytest.skip("strace is not there or not allowed to trace")
    addresses = set(re.findall(r'sin_addr=inet_addr\("([^"]+)"\)', trace))
    addresses |= set(re.findall(r'inet_pton\(AF_INET6, "([^"]+)"', trace))
    assert addresses, "strace has seen no connection at all"
    assert all(ipaddress.ip_address(a).is_loopback for a in addresses)
    regions = running.ready["regions"].values()
    known = {r["api"].split("/")[2].split(":")[0] for r in regions}
    assert addresses <= known | {running.dns()[0]}
