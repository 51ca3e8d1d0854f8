# SPDX-License-Identifier: MIT
"""Unknown is not down: whatever the APIs answer, it is no outage.

First the primary is well all the time, and nobody can find out; one drd has to
live through all of it.  Then what drd finds out without AWS's APIs, and what
it makes of that when they are gone.
"""

import pytest
from drdctl import Drd
from outside import PRIMARY, REGIONS, STANDBY
from sandboxctl import wait_for

POLLS = 60
ASKED = ("route53", "metric", "alarm")  # of AWS: the classes of signals
WATCHING = ("route53", "monitoring")

# What comes back, and what drd makes of it.
NONSENSE = {
    "throttle": ({"mode": "throttle"}, {"throttled"}),
    "denied": ({"mode": "denied"}, {"denied"}),
    "expired": ({"mode": "expired"}, {"denied"}),
    "refuse": ({"mode": "refuse"}, {"unreachable"}),
    "drop": ({"mode": "drop"}, {"timeout"}),
    "error-500": ({"mode": "error"}, {"server-error"}),
    "error-503": ({"mode": "error", "status": 503}, {"server-error"}),
    "html-200": ({"mode": "html", "status": 200}, {"unreadable"}),
    "html-503": ({"mode": "html"}, {"unreadable", "server-error"}),
    "cut-off": ({"mode": "truncated"}, {"unreachable"}),
    "half": ({"mode": "truncated", "well_formed": True}, {"unreadable"}),
    "empty": ({"mode": "empty"}, {"unreadable"}),
}


def all_asked_unknown(stack):
    return all(
        s["verdict"] == "unknown"
        for s in stack["signals"]
        if s["class"] in ASKED
    )


def signal(stack, signal_id):
    return next(s for s in stack["signals"] if s["id"] == signal_id)


@pytest.fixture(scope="module")
def living(build, running, begin, tmp_path_factory):
    """Polls as fast as the sandbox can bear."""
    times = {"poll_interval": "100ms", "poll_deadline": "95ms"}
    with Drd(build, running, tmp_path_factory.mktemp("drd"), **times) as drd:
        yield begin(drd).start()


@pytest.fixture
def quick(living, sandbox):
    living.wait_well()
    return living


@pytest.mark.parametrize("name", NONSENSE)
def test_no_failover_from(quick, outside, sandbox, name):
    fault, reasons = NONSENSE[name]
    before = outside.mark()
    for service in WATCHING:
        sandbox.fault(region=PRIMARY, plane="api", service=service, **fault)
    quick.wait_polls(2)  # one may have begun before
    quick.wait_stack(
        all_asked_unknown,
        "only unknown signals",
    )
    seen = set()
    goal = quick.stack()["poll"]["count"] + POLLS

    def watch(status):
        # Isolated: on a busy machine the standby may answer too late.
        assert status["role"] in ("steady", "isolated")
        assert status["streak"] == 0
        seen.update(
            s["reason"] for s in status["signals"] if s["class"] in ASKED
        )
        return status["poll"]["count"] >= goal

    quick.wait_stack(watch, f"{POLLS} polls")
    stack = quick.stack()
    assert seen & reasons
    assert seen <= reasons | {"timeout"}
    assert quick.tool("drd-status").returncode == 1
    sandbox.clear()
    stack = quick.wait_well()
    assert (stack["epoch"], stack["change"]) == (1, None)
    assert outside.writes(before) == []
    assert outside.active(STANDBY)["epoch"] == 1


@pytest.mark.parametrize("mode", ["drop", "html", "throttle"])
def test_no_failover_when_no_region_can_be_read(quick, outside, sandbox, mode):
    before = outside.mark()
    sandbox.fault(plane="api", mode=mode)
    quick.wait_stack(
        all_asked_unknown,
        "only unknown signals",
    )
    quick.wait_polls(POLLS // 2)
    assert quick.stack()["streak"] == 0
    if mode != "throttle":  # that comes from the region itself: it is there
        assert quick.role() == "isolated"
    sandbox.clear()
    quick.wait_well()
    assert outside.writes(before) == []


# -- without AWS's APIs ------------------------------------------------------

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
    found = signal(drd.poll(), signal_id)
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
    assert signal(probing.stack(), other)["verdict"] == "ok"
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
    assert "1 to the standby" in signal(probing.stack(), "dns")["detail"]


def test_us_east_1_is_gone(watched, outside, sandbox):
    """Its users, its APIs and Route 53's, all at once."""
    before = outside.mark()
    sandbox.fault(region=PRIMARY, mode="drop")
    stack = watched.wait_stack(
        lambda s: s["change"] and s["change"]["leads_done"], "the standby"
    )
    change = stack["change"]
    took_ms = 1000 * (
        watched.seconds(change["decided_at"])
        - watched.seconds(change["first_fail_at"])
    ) + max(
        e["verified_after_ms"] for e in change["effects"] if e["leads"]
        and e["kind"] == "parameter"
    )
    assert took_ms <= 3 * 300 + 5000
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
    watched.wait_polls(POLLS // 2)
    stack = watched.stack()
    assert (stack["role"], stack["streak"]) == ("isolated", 0)
    assert signal(stack, "probe")["reason"] == "unresolved"
    assert signal(stack, "dns")["verdict"] == "unknown"
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
    found = signal(shop.stack(), "route53")
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
        found = signal(stack, "route53")
        assert found["reason"] != "stale"
        return found["verdict"] == "ok"

    watched.wait_stack(sees, "fresh checkers")
