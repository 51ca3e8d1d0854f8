# SPDX-License-Identifier: MIT
"""Unknown is not down: whatever the APIs answer, it is no outage.

The primary is well all the time, and nobody can find out; one drd has to live
through all of it.
"""

import pytest
from drdctl import Drd
from outside import PRIMARY, STANDBY

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
