# SPDX-License-Identifier: MIT
"""What drd finds out without AWS's APIs: its probes and its look at DNS."""

import pytest
from drdctl import Drd, signal_of
from outside import PRIMARY, REGIONS
from sandboxctl import wait_for

PROBE = 'timeout = 2s\nslow = 1s\nbody = "ok"'

# What befalls a region's users, and what drd's probe of it calls that.
PROBED = {
    "refuse": ({"mode": "refuse"}, "fail", "refused"),
    "drop": ({"mode": "drop"}, "fail", "no-connect"),
    "error": ({"mode": "error"}, "fail", "status"),
    "html-200": ({"mode": "html", "status": 200}, "fail", "body"),
    "truncated": ({"mode": "truncated"}, "fail", "broken"),
    "latency": ({"mode": "latency", "ms": 1200}, "unknown", "slow"),
}


@pytest.fixture(scope="module")
def probing(build, running, begin, tmp_path_factory):
    """One that only looks: no number of failing polls is enough."""
    settings = {"stack": "fall = 100", "probe": PROBE, "poll_deadline": "4s"}
    settings["poll_interval"] = "5s"
    with Drd(build, running, tmp_path_factory.mktemp("drd"), **settings) as drd:
        yield begin(drd).start()


def probed(drd, signal_id, verdict, reason):
    """Whether a poll that begins now says so of a probe."""
    found = signal_of(drd.poll(), signal_id)
    return (found["verdict"], found["reason"]) == (verdict, reason)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("name", PROBED)
def test_a_probe_sees(probing, sandbox, name, region):
    fault, verdict, reason = PROBED[name]
    this, other = ("probe", "probe:standby")[:: 1 if region == PRIMARY else -1]
    wait_for(lambda: probed(probing, this, "ok", None), 20, 0.1, "a good probe")
    sandbox.fault(region=region, plane="data", **fault)
    wait_for(
        lambda: probed(probing, this, verdict, reason), 20, 0.1, f"a {reason}"
    )
    assert signal_of(probing.stack(), other)["verdict"] == "ok"
    assert probing.role() in ("steady", "suspect")


def test_neither_probe_blames_a_region_when_neither_answers(probing, sandbox):
    sandbox.fault(plane="data", mode="drop")
    wait_for(
        lambda: probed(probing, "probe", "unknown", "isolated")
        and probed(probing, "probe:standby", "unknown", "isolated"),
        20,
        0.1,
        "two probes that know nothing",
    )


def test_dns_tells_where_the_users_are_led(probing, sandbox):
    wait_for(lambda: probed(probing, "dns", "ok", None), 20, 0.1, "users here")
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    wait_for(
        lambda: probed(probing, "dns", "fail", "elsewhere"),
        20,
        0.1,
        "users led elsewhere",
    )
    assert "1 to the standby" in signal_of(probing.stack(), "dns")["detail"]


def test_dns_that_does_not_fit_into_udp(probing, outside, sandbox):
    """The name servers cut every answer: drd asks again over TCP."""
    sandbox.fault(service="dns", mode="truncated")
    assert outside.address() is None  # nothing in it, for who asks by UDP
    wait_for(lambda: probed(probing, "dns", "ok", None), 20, 0.1, "TCP")
    assert "1 lead to the primary" in signal_of(probing.stack(), "dns")["detail"]
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    wait_for(
        lambda: probed(probing, "dns", "fail", "elsewhere"),
        20,
        0.1,
        "users led elsewhere",
    )
