# SPDX-License-Identifier: MIT
"""What drd makes of what it sees when those who usually tell it are gone, have
another clock, or are asked in another way."""

import pytest
from drdctl import signal_of
from outside import PRIMARY, STANDBY
from sandboxctl import wait_for

POLLS = 30


def test_us_east_1_is_gone(polled, outside, sandbox):
    """Its users, its APIs and Route 53's, all at once: three polls from the
    first that fails, and five seconds."""
    before = outside.mark()
    sandbox.fault(region=PRIMARY, mode="drop")
    wait_for(
        lambda: outside.region_of_users() == STANDBY, 20, 0.1, "Route 53"
    )
    for streak in (1, 2):
        stack = polled.poll()
        assert (stack["streak"], stack["role"]) == (streak, "suspect")
        assert {
            s["verdict"] for s in stack["signals"] if s["trigger"]
        } == {"unknown"}
    assert outside.writes(before) == []
    polls = polled.poll()["poll"]["count"]
    stack = polled.wait_stack(
        lambda s: s["change"] and s["change"]["leads_done"], "the standby", 10
    )
    assert stack["poll"]["count"] == polls
    change = stack["change"]
    leads = [e for e in change["effects"] if e["leads"]]
    assert {e["kind"] for e in leads} >= {"parameter"}
    for effect in leads:
        if effect["kind"] == "parameter":
            assert effect["verified_after_ms"] <= 5000
    assert "probe: " in change["reason"] and "dns: " in change["reason"]
    assert outside.active(STANDBY)["active"] == STANDBY
    assert {c["region"] for c in outside.writes(before)} == {STANDBY}
    assert outside.region_of_users() == STANDBY


def test_cut_off_from_everything(watched, outside, sandbox):
    before = outside.mark()
    sandbox.fault(mode="drop")
    watched.write_config(dns="127.0.0.1:9")
    assert watched.tool("drdctl", "reload").returncode == 0
    watched.wait_role("isolated")
    watched.wait_polls(POLLS)
    stack = watched.stack()
    assert (stack["role"], stack["streak"]) == ("isolated", 0)
    assert signal_of(stack, "probe")["reason"] == "unresolved"
    assert signal_of(stack, "dns")["verdict"] == "unknown"
    assert outside.writes(before) == []


def test_the_metric_in_place_of_the_status(shop, outside, sandbox):
    # Alone: a poll too late for it must not be left to the probe and DNS.
    shop.write_config(
        stack='route53_source = metric\ntrigger = "route53"\nfall = 2\n'
        "when_blind = hold"
    )
    shop.start()
    shop.wait_well(seconds=60)
    before = outside.mark()
    found = signal_of(shop.stack(), "route53")
    assert found["class"] == "metric"
    assert found["detail"].startswith("HealthCheckStatus 1 at ")
    shop.wait_polls(2)
    asked = {c["operation"] for c in outside.drd_calls(before)}
    assert "GetMetricData" in asked and "GetHealthCheckStatus" not in asked
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    shop.wait_role("failed-over", 60)
    assert "HealthCheckStatus 0 at" in shop.stack()["change"]["reason"]


@pytest.mark.parametrize("seconds", [100, -100])
def test_a_wrong_clock_makes_no_checker_stale(watched, sandbox, seconds):
    sandbox.clock(skew_seconds=seconds)
    watched.wait_polls(2)  # what they say now was observed by that clock

    def sees(stack):
        found = signal_of(stack, "route53")
        assert found["reason"] != "stale"
        return found["verdict"] == "ok"

    watched.wait_stack(sees, "fresh checkers")
