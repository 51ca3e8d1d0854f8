# SPDX-License-Identifier: MIT
"""kill -9 at each step of a failover, and at any moment between.

Whatever was on disk is finished after the restart: the same end, no half
flip, no step lost, and no second decision.
"""

import json
import random
import time

import pytest
from outside import PRIMARY, REGIONS, STANDBY
from sandboxctl import wait_for

LATENCY_MS = 40  # keeps the steps apart, so that one can die between them
KEYS = [
    f"{region}/{what}"
    for region in (STANDBY, PRIMARY)
    for what in ("parameter-endpoint", "parameter-active", "notice-2")
]
RANDOM_KILLS = 10


@pytest.fixture(scope="module", autouse=True)
def broken(applied, running):
    """The primary's users are cut off all the time."""
    running.fault(region=PRIMARY, plane="data", mode="refuse")
    wait_for(applied.is_broken, 20, 0.1, "a broken primary")
    yield
    running.clear()


@pytest.fixture
def doomed(build, running, applied, drd):
    """A drd that will fail over at the third poll it is asked for."""
    applied.restore_parameters()
    drd.write_config(poll_interval="1h", poll_deadline="2s")
    drd.start()
    drd.wait_stack(lambda s: s["reconcile"]["last"], "the facts")
    wait_for(lambda: drd.poll()["streak"] == 2, 10, what="a streak of two")
    running.fault(plane="api", mode="latency", ms=LATENCY_MS)
    return drd


@pytest.fixture
def sandbox(running):
    """Of this module: the latency goes, the broken primary stays."""
    running.forget_calls()
    yield running
    for fault in running.faults():
        if fault["mode"] == "latency":
            running.clear(fault["id"])


def steps(drd):
    """The states that the journal knows: {"dns": "sent", ...}."""
    states = {}
    for record in drd.journal():
        if record["type"] == "effect":
            for step in record["steps"]:
                states[step["key"]] = step["state"]
    return states


def fail_over_and_kill(drd, when):
    """Send the third poll on its way; kill drd as soon as when() is true."""
    order = drd.begin("drdctl", "poll")
    try:
        wait_for(when, 10, 0.001, "the moment to die")
    finally:
        drd.kill()
        order.wait(10)


def check_the_end(drd, outside, before, deaths=1):
    drd.start()
    drd.wait_role("failed-over")
    stack = drd.wait_settled()
    assert (stack["active"], stack["epoch"]) == (STANDBY, 2)
    assert {e["state"] for e in stack["change"]["effects"]} == {"verified"}
    endpoint = "http://" + outside.balancer(STANDBY)["dns_name"]
    values = {outside.parameter(region, "active") for region in REGIONS}
    assert len(values) == 1  # the same instant, the same everything
    active = json.loads(values.pop())
    assert (active["active"], active["epoch"]) == (STANDBY, 2)
    for region in REGIONS:
        assert outside.parameter(region, "endpoint") == endpoint
        told = outside.notices(region, before)
        # At least once; a repeat says by its step that it is one.
        assert 1 <= len(told) <= 1 + deaths
        assert {n["step"] for n in told} == {f"{region}/notice-2"}
        assert len({json.dumps(n) for n in told}) == 1
    assert outside.region_of_users() == STANDBY
    # Repeating is allowed, for ever is not.
    writes = [
        (c["region"], outside.parameter_of(c))
        for c in outside.drd_calls(before, operation="PutParameter")
        if c["status"] == 200
    ]
    assert len(set(writes)) == 4
    assert all(writes.count(write) <= 1 + deaths for write in writes)


def test_after_the_decision(doomed, applied):
    before = applied.mark()
    fail_over_and_kill(
        doomed, lambda: any(r["type"] == "change" for r in doomed.journal())
    )
    check_the_end(doomed, applied, before)


@pytest.mark.parametrize("key", KEYS)
def test_after_a_call_has_left(doomed, applied, key):
    """The outcome of the call is unknown to the one who comes after."""
    before = applied.mark()
    fail_over_and_kill(doomed, lambda: steps(doomed).get(key))
    check_the_end(doomed, applied, before)


@pytest.mark.parametrize("key", [*KEYS, "dns"])
def test_after_a_step_is_verified(doomed, applied, key):
    before = applied.mark()
    fail_over_and_kill(doomed, lambda: steps(doomed).get(key) == "verified")
    check_the_end(doomed, applied, before)


@pytest.mark.parametrize("region", REGIONS)
def test_after_a_write_that_nobody_has_read_back(doomed, applied, region):
    before = applied.mark()
    fail_over_and_kill(doomed, lambda: applied.active(region)["epoch"] == 2)
    check_the_end(doomed, applied, before)


@pytest.mark.parametrize("seed", range(RANDOM_KILLS))
def test_at_any_moment(doomed, applied, seed):
    """One to three deaths, each at a moment that nobody has chosen."""
    before = applied.mark()
    chance = random.Random(seed)
    order = doomed.begin("drdctl", "poll")
    deaths = chance.randint(1, 3)
    for _ in range(deaths):
        # The one place where a moment, not a condition, is what counts.
        time.sleep(chance.uniform(0, 8 * LATENCY_MS / 1000))
        doomed.kill()
        doomed.launch()
    order.wait(10)
    wait_for(doomed.answers, 10, what="an answer of drd")
    if not any(r["type"] == "change" for r in doomed.journal()):
        # It died before the decision: nothing has happened, and as the
        # primary still fails, it will.
        assert applied.writes(before) == []
        wait_for(lambda: doomed.poll()["epoch"] == 2, 10, what="the failover")
    doomed.kill()
    check_the_end(doomed, applied, before, deaths + 1)
