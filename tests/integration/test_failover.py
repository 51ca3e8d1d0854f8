# SPDX-License-Identifier: MIT
"""The whole way: the primary fails, the stack moves, somebody moves it back."""

import pytest
from outside import PRIMARY, REGIONS, STANDBY
from sandboxctl import wait_for

PARAMETERS = {"/dr/shop-prod/endpoint", "/dr/shop-prod/active"}


def written(outside, since, region):
    """Names of the parameters that drd has written there, repeats included."""
    return sorted(
        outside.parameter_of(c)
        for c in outside.drd_calls(since, operation="PutParameter")
        if c["region"] == region and c["status"] == 200
    )


def break_users(outside, sandbox, mode="refuse"):
    """The primary's users are cut off, and everybody who looks knows it."""
    fault = sandbox.fault(region=PRIMARY, plane="data", mode=mode)
    wait_for(outside.is_broken, 20, 0.05, "a broken primary")
    return fault


def mend_users(outside, sandbox, fault):
    sandbox.clear(fault)
    wait_for(outside.is_healthy, 20, 0.05, "a healthy primary")


def fail_over(drd, outside, sandbox):
    """As quickly as it goes; the fault that did it."""
    fault = sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    drd.wait_role("failed-over")
    drd.wait_settled()
    return fault


@pytest.mark.parametrize("mode", ["refuse", "drop"])
def test_the_whole_failover(watched, outside, sandbox, mode):
    before = outside.mark()
    assert outside.region_of_users() == PRIMARY
    sandbox.fault(region=PRIMARY, plane="data", mode=mode)
    watched.wait_role("failed-over")
    watched.wait_settled()

    endpoint = "http://" + outside.balancer(STANDBY)["dns_name"]
    for region in REGIONS:
        active = outside.active(region)
        assert (active["active"], active["epoch"]) == (STANDBY, 2)
        assert active["endpoint"] == endpoint
        assert outside.parameter(region, "endpoint") == endpoint
        [notice] = outside.notices(region, before)
        assert (notice["from"], notice["to"]) == (PRIMARY, STANDBY)
        assert notice["epoch"] == 2
        assert "failing polls in a row" in notice["reason"]
    assert outside.region_of_users() == STANDBY

    stack = watched.stack()
    assert (stack["active"], stack["epoch"]) == (STANDBY, 2)
    assert {e["state"] for e in stack["change"]["effects"]} == {"verified"}
    screen = watched.tool("drd-status")
    assert screen.returncode == 2
    assert "failed-over" in screen.stdout


def test_the_standby_region_comes_first(watched, outside, sandbox):
    before = outside.mark()
    fail_over(watched, outside, sandbox)
    regions = [
        c["region"] for c in outside.writes(before) if c["service"] == "ssm"
    ]
    assert regions == [STANDBY] * 2 + [PRIMARY] * 2


def test_the_failover_path_is_data_plane_alone(watched, outside, sandbox):
    before = outside.mark()
    fail_over(watched, outside, sandbox)
    assert {
        (c["service"], c["operation"]) for c in outside.writes(before)
    } == {("ssm", "PutParameter"), ("sns", "Publish")}
    fed = outside.drd_calls(before, operation="PutMetricData")
    assert {c["region"] for c in fed} == {STANDBY}


def test_nothing_happens_before_the_third_failing_poll(
    polled, outside, sandbox
):
    before = outside.mark()
    fault = break_users(outside, sandbox)
    for streak in (1, 2):
        stack = polled.poll()
        assert (stack["streak"], stack["role"]) == (streak, "suspect")
    mend_users(outside, sandbox, fault)
    stack = polled.poll()
    assert (stack["streak"], stack["role"]) == (0, "steady")

    # The streak starts from nothing again.
    break_users(outside, sandbox)
    for streak in (1, 2):
        assert polled.poll()["streak"] == streak
    assert outside.writes(before) == []
    assert outside.active(STANDBY)["epoch"] == 1


def test_unknown_neither_advances_nor_resets_a_streak(
    polled, outside, sandbox
):
    # Or the probe and DNS, which see the broken primary, would speak.
    polled.write_config(stack="when_blind = hold")
    assert polled.tool("drdctl", "reload").returncode == 0
    break_users(outside, sandbox)
    assert [polled.poll()["streak"] for _ in range(2)] == [1, 2]
    for mode in ("throttle", "html", "empty"):
        faults = [
            sandbox.fault(region=PRIMARY, service=service, mode=mode)
            for service in ("route53", "monitoring")
        ]
        for _ in range(3):
            stack = polled.poll()
            assert (stack["streak"], stack["role"]) == (2, "suspect")
        for fault in faults:
            sandbox.clear(fault)
    assert outside.active(STANDBY)["epoch"] == 1
    polled.poll()
    polled.wait_role("failed-over")


@pytest.mark.parametrize(
    "mode, restart",
    [("refuse", None), ("drop", None), ("drop", "stop"), ("drop", "kill")],
)
def test_the_primarys_apis_go_dark_at_the_flip(
    polled, outside, sandbox, mode, restart
):
    """The standby is flipped now, the primary once it is back, and once."""
    before = outside.mark()
    users = break_users(outside, sandbox)
    polled.poll()
    polled.poll()
    dark = sandbox.fault(
        region=PRIMARY,
        plane="api",
        mode=mode,
        after={"operation": "GetHealthCheckStatus", "count": 1},
    )
    polled.poll()
    polled.wait_role("failed-over")
    assert outside.active(STANDBY)["epoch"] == 2
    assert written(outside, before, STANDBY) == sorted(PARAMETERS)
    wait_for(lambda: outside.notices(STANDBY, before), what="the notice")
    assert written(outside, before, PRIMARY) == []
    assert polled.stack()["change"]["pending"] >= 3  # and perhaps DNS
    assert polled.tool("drd-status").returncode == 2

    if restart == "stop":
        assert polled.stop() == 0
    elif restart == "kill":
        polled.kill()
    if restart:
        polled.start()
        polled.wait_role("failed-over")
    sandbox.clear(dark)
    polled.wait_settled(40)
    for region in REGIONS:
        assert outside.active(region)["epoch"] == 2
        assert written(outside, before, region) == sorted(PARAMETERS)
        assert len(outside.notices(region, before)) == 1
    sandbox.clear(users)


def test_a_lasting_failure_makes_one_failover(watched, outside, sandbox):
    before = outside.mark()
    fail_over(watched, outside, sandbox)
    watched.wait_polls(8)
    for region in REGIONS:
        assert written(outside, before, region) == sorted(PARAMETERS)
        assert len(outside.notices(region, before)) == 1
    stack = watched.stack()
    assert (stack["role"], stack["epoch"]) == ("failed-over", 2)


def test_a_restart_makes_no_second_failover(watched, outside, sandbox):
    fail_over(watched, outside, sandbox)
    before = outside.mark()
    assert watched.stop() == 0
    watched.start()
    watched.wait_role("failed-over")
    watched.wait_polls(5)
    assert watched.stack()["epoch"] == 2
    assert outside.writes(before) == []


def test_a_lost_journal_makes_no_second_failover(watched, outside, sandbox):
    """The parameters remember what another machine, or this one, has done."""
    fail_over(watched, outside, sandbox)
    before = outside.mark()
    watched.stop()
    (watched.directory / "state" / "shop.journal").unlink()
    watched.start()
    stack = watched.wait_role("failed-over")
    watched.wait_polls(5)
    assert (stack["epoch"], stack["active"]) == (2, STANDBY)
    assert outside.writes(before) == []


def test_lost_parameters_make_no_failback(watched, outside, sandbox):
    """The journal of this machine remembers too, for apply as for drd."""
    fail_over(watched, outside, sandbox)
    active = outside.parameter(STANDBY, "active")
    watched.stop()
    for region in REGIONS:
        outside.boto("ssm", region).delete_parameters(Names=[*PARAMETERS])
    applied = watched.verb("apply", "--yes")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert {outside.parameter(r, "active") for r in REGIONS} == {active}
    watched.start()
    assert watched.wait_role("failed-over")["epoch"] == 2


def test_no_failback_by_itself(watched, outside, sandbox):
    """Neither by drd nor by Route 53: that is what the latch is for."""
    fault = fail_over(watched, outside, sandbox)
    before = outside.mark()
    mend_users(outside, sandbox, fault)
    watched.wait_polls(8)
    assert watched.role() == "failed-over"
    assert watched.stack()["apart"] is None
    assert outside.region_of_users() == STANDBY
    assert outside.active(STANDBY)["active"] == STANDBY
    assert outside.writes(before) == []


def test_failback_is_ordered_and_has_gates(watched, outside, sandbox):
    def order(*words):
        return watched.tool("drdctl", "failback", "shop", *words)

    refused = order("--reason", "too early")
    assert refused.returncode == 4
    assert "not-failed-over" in refused.stderr

    fault = fail_over(watched, outside, sandbox)
    assert order().returncode == 64  # no reason
    refused = order("--reason", "the primary still fails")
    assert refused.returncode == 4
    assert any(
        gate in refused.stderr for gate in ("primary-not-ok", "readiness")
    )
    assert watched.role() == "failed-over"

    mend_users(outside, sandbox, fault)
    watched.wait_able_to_fail_back()
    before = outside.mark()
    done = order("--reason", "the primary is repaired")
    assert done.returncode == 0, done.stderr
    watched.wait_role("steady")
    watched.wait_settled()
    endpoint = "http://" + outside.balancer(PRIMARY)["dns_name"]
    for region in REGIONS:
        active = outside.active(region)
        assert (active["active"], active["epoch"]) == (PRIMARY, 3)
        assert outside.parameter(region, "endpoint") == endpoint
        [notice] = outside.notices(region, before)
        assert (notice["from"], notice["to"]) == (STANDBY, PRIMARY)
        assert notice["reason"] == "the primary is repaired"
    assert outside.region_of_users() == PRIMARY
    watched.wait_well()
    assert watched.tool("drd-status").returncode == 0


def test_what_a_failover_wrote_is_not_undone(watched, outside, sandbox):
    """Neither by the daemon's reconcile nor by an apply from elsewhere."""
    fail_over(watched, outside, sandbox)
    before = outside.mark()
    passes = watched.stack()["poll"]["count"]
    applied = watched.verb("apply", "--yes")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    watched.wait_stack(
        lambda s: s["poll"]["count"] > passes + 4, "reconcile passes"
    )
    assert outside.writes(before) == []
    assert outside.active(STANDBY)["active"] == STANDBY


def test_isolated_it_does_nothing(watched, outside, sandbox):
    """Without the standby region drd could not act, and says so."""
    before = outside.mark()
    sandbox.fault(region=STANDBY, plane="api", mode="drop")
    watched.wait_role("isolated")
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    watched.wait_stack(lambda s: s["streak"] >= 5, "a long streak")
    stack = watched.stack()
    assert stack["role"] == "isolated"
    assert stack["isolation"].startswith(STANDBY)
    # The primary is down, and nothing can be done.
    assert watched.tool("drd-status").returncode == 2
    assert outside.writes(before) == []
