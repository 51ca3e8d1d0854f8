# SPDX-License-Identifier: MIT
"""What `drd plan --failover` prints is what a failover does."""

import json
from collections import Counter

import pytest
from outside import PRIMARY, STANDBY
from sandboxctl import wait_for
from test_failover import break_users, mend_users

# The names that calls are logged under.
LOGGED = {"ssm": "ssm", "sns": "sns", "cloudwatch": "monitoring"}


def planned(drd, direction):
    done = drd.verb("plan", f"--{direction}", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def as_logged(plan):
    """The calls of a plan as a recording of them would look.  The latch's
    metric is left out: it is fed and looked at all the time."""
    return Counter(
        (c["region"], LOGGED.get(c["service"], c["service"]), c["operation"])
        for c in plan["calls"]
        if c["plane"] != "dns" and not c["effect"].endswith("/latch")
    )


def recorded(outside, since):
    """What was called for the change: no poll, no look at the readiness, and
    no notice but that of the change itself."""
    return Counter(
        (c["region"], c["service"], c["operation"])
        for c in outside.drd_calls(since)
        if c["service"] in LOGGED.values()
        and not c["operation"].startswith(("Describe", "List", "GetMetric"))
        and not outside.only_tells(c)
    )


@pytest.fixture
def quiet(shop):
    """A drd that asks for nothing by itself: what is called is called for."""
    shop.write_config(
        poll_interval="1h", poll_deadline="2s", reconcile_interval="1h"
    )
    shop.start()
    shop.poll_until_well()
    return shop


def test_a_failover_and_a_failback_are_as_planned(quiet, outside, sandbox):
    there = planned(quiet, "failover")
    assert (there["from"], there["to"]) == (PRIMARY, STANDBY)
    assert there["epoch"] == 2 and not there["guessed"]
    fault = break_users(outside, sandbox)
    quiet.poll()
    quiet.poll()
    before = outside.mark()
    quiet.poll()
    quiet.wait_role("failed-over")
    quiet.wait_settled()
    assert recorded(outside, before) == as_logged(there)
    # The hosts are those that were called.
    hosts = {c["host"] for c in there["calls"] if c["plane"] != "dns"}
    assert hosts == {
        sandbox.endpoint(region).split("//")[1]
        for region in (PRIMARY, STANDBY)
    }

    back = planned(quiet, "failback")
    assert (back["from"], back["to"], back["epoch"]) == (STANDBY, PRIMARY, 3)
    mend_users(outside, sandbox, fault)

    def order():
        nonlocal before
        assert quiet.poll()["poll"]["verdict"] == "ok"
        before = outside.mark()
        words = ("failback", "shop", "--reason", "test")
        return quiet.tool("drdctl", *words).returncode == 0

    wait_for(order, 20, 0.2, "a primary that is ready")
    quiet.wait_role("steady")
    quiet.wait_settled()
    assert recorded(outside, before) == as_logged(back)


def test_it_is_the_data_plane_and_the_standby_first(quiet):
    plan = planned(quiet, "failover")
    assert {c["plane"] for c in plan["calls"]} <= {"data", "dns"}
    for call in plan["calls"]:
        if call["users_wait"]:
            assert call["region"] == STANDBY
    regions = [c["region"] for c in plan["calls"]]
    assert regions == sorted(regions, key=[STANDBY, PRIMARY].index)


def test_the_words_say_the_same(quiet):
    plan = planned(quiet, "failover")
    text = quiet.verb("plan", "--failover").stdout
    for call in plan["calls"]:
        assert f"{call['service']}:{call['operation']}" in text
        assert call["target"] in text
    assert text.count(": users wait for it\n") == len(
        {c["effect"] for c in plan["calls"] if c["users_wait"]}
    )
    assert max(map(len, text.splitlines())) < 100


def test_nothing_is_asked_of_aws(drd, outside):
    """Before anything exists, and without credentials."""
    before = outside.mark()
    drd.extra_environment = {"AWS_ACCESS_KEY_ID": ""}
    plan = planned(drd, "failover")
    assert plan["guessed"] and len(plan["calls"]) >= 8
    assert outside.drd_calls(before) == []


def test_only_plan_knows_the_way(drd):
    assert drd.verb("drift", "--failover").returncode == 64
    assert drd.verb("plan", "--failover", "--failback").returncode == 64


def test_a_key_of_one_region_is_refused_by_line(drd):
    key = f"arn:aws:kms:{PRIMARY}:123456789012:key/1234"
    drd.write_config(stack=f'parameter_key = "{key}"')
    line = 1 + drd.config.read_text().split("parameter_key")[0].count("\n")
    for verb in ("check", "plan", "apply"):
        refused = drd.verb(verb)
        assert refused.returncode == 78
        assert refused.stderr.startswith(
            f"{drd.config}:{line}: parameter_key: {key} is of one region"
        )
