# SPDX-License-Identifier: MIT
"""Another configuration for a running daemon: all of it or nothing."""

import base64
import re

import pytest
from outside import PRIMARY, REGIONS, STANDBY, Outside
from sandboxctl import wait_for


def reload(drd):
    return drd.tool("drdctl", "reload")


def fail_twice(drd, outside, sandbox):
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    wait_for(outside.is_broken, 20, 0.05, "a broken primary")
    assert [drd.poll()["streak"] for _ in range(2)] == [1, 2]


def line_of(drd, text):
    """Number of the line of the configuration in which `text` stands."""
    lines = drd.config.read_text().splitlines()
    return 1 + next(i for i, line in enumerate(lines) if text in line)


def change(drd, *replacements):
    """Edit drd.conf as an operator would: (this, that), ..."""
    text = drd.config.read_text()
    for this, that in replacements:
        assert this in text
        text = text.replace(this, that, 1)
    drd.config.write_text(text)


def body_of(call):
    return call["path"] + base64.b64decode(call["body"]).decode()


def test_a_good_one_keeps_the_streak(polled, outside, sandbox):
    fail_twice(polled, outside, sandbox)
    digest = polled.status()["config"]["digest"]
    change(polled, ("log_level = info", "log_level = debug"))
    done = reload(polled)
    assert (done.returncode, done.stderr) == (0, "")
    assert "in force" in done.stdout
    status = polled.status()
    assert status["config"]["digest"] != digest
    assert status["config"]["reload"]["ok"] is True
    stack = polled.stack()
    assert (stack["streak"], stack["role"]) == (2, "suspect")
    # The third poll is the third poll.
    polled.poll()
    polled.wait_role("failed-over")
    assert outside.active(STANDBY)["epoch"] == 2


def test_a_bad_one_is_refused_whole(polled, outside, sandbox):
    fail_twice(polled, outside, sandbox)
    digest = polled.status()["config"]["digest"]
    change(
        polled,
        ("log_level = info", "log_level = loud"),
        ("poll_deadline = 2s", "poll_deadline = 2 parsecs"),
        ("role = standby", "role = primary"),
        ("environment = prod", "enviroment = prod"),
    )
    done = reload(polled)
    assert done.returncode == 78
    for text in ("log_level", "poll_deadline", "enviroment"):
        line = line_of(polled, text)
        assert f"{polled.config}:{line}: " in done.stderr
    assert len(re.findall(r"drd\.conf:\d+: ", done.stderr)) >= 4

    status = polled.status()
    assert status["config"]["digest"] == digest
    assert status["config"]["reload"]["ok"] is False
    assert "REFUSED" in polled.screen()
    stack = polled.stack()
    assert (stack["streak"], stack["role"]) == (2, "suspect")
    polled.poll()
    polled.wait_role("failed-over")

    # And mended it is taken.
    polled.write_config()
    assert reload(polled).returncode == 0
    assert polled.role() == "failed-over"


def test_a_hangup_is_a_reload_with_its_verdict_in_the_log(watched):
    change(watched, ("log_level = info", "log_level = nonsense"))
    line = line_of(watched, "nonsense")
    watched.hang_up()
    wait_for(lambda: "reload: refused" in watched.log(), what="the verdict")
    assert f"drd.conf:{line}: " in watched.log()
    watched.write_config()
    watched.hang_up()
    wait_for(
        lambda: "the new configuration is in force" in watched.log(),
        what="the verdict",
    )
    watched.wait_well()


def test_what_is_declared_anew_is_made(watched, outside):
    watched.write_config(stack="alarms { elb_5xx = 42 }")
    assert reload(watched).returncode == 0
    wait_for(lambda: outside.alarm("elb-5xx")["Threshold"] == 42)
    watched.write_config(stack="")
    assert reload(watched).returncode == 0
    wait_for(lambda: outside.alarm("elb-5xx")["Threshold"] == 10)


def test_a_stack_comes_and_goes(watched, outside, sandbox):
    guest = Outside(sandbox, "guest", "guest.test")
    pid = watched.status()["pid"]
    watched.write_config(stacks=("shop", "guest"))
    assert reload(watched).returncode == 0
    # A whole new stack is more than the daemon makes without being asked.
    watched.wait_stack(
        lambda s: s["reconcile"]["brake"],
        "the brake",
        stack="guest",
    )
    assert watched.verb("apply", "--yes", "guest").returncode == 0
    watched.wait_well(stack="guest")
    assert guest.active(STANDBY)["active"] == PRIMARY
    watched.wait_role("steady")

    watched.write_config(stacks=("shop",))
    assert reload(watched).returncode == 0
    status = watched.status()
    assert [s["name"] for s in status["stacks"]] == ["shop"]
    assert status["pid"] == pid
    # Nothing of it is deleted, and what is remembered stays.
    assert guest.active(STANDBY)["active"] == PRIMARY
    assert (watched.directory / "state" / "guest.journal").exists()
    before = outside.mark()
    watched.wait_polls(3)
    assert all(
        "guest" not in str(c["body"]) for c in outside.drd_calls(before)
    )


def test_pending_effects_are_kept(polled, outside, sandbox):
    before = outside.mark()
    fail_twice(polled, outside, sandbox)
    dark = sandbox.fault(
        region=PRIMARY,
        plane="api",
        mode="refuse",
        after={"operation": "GetHealthCheckStatus", "count": 1},
    )
    polled.poll()
    polled.wait_role("failed-over")
    assert polled.pending() >= 3
    polled.write_config(stack="alarms { elb_5xx = 11 }")
    assert reload(polled).returncode == 0
    stack = polled.stack()
    assert (stack["role"], stack["epoch"]) == ("failed-over", 2)
    assert stack["change"]["pending"] >= 3
    sandbox.clear(dark)
    polled.wait_settled()
    for region in REGIONS:
        assert outside.active(region)["epoch"] == 2
        assert len(outside.notices(region, before)) == 1


@pytest.mark.parametrize(
    "replacements",
    [
        # The primary and the standby change places.
        [
            ("role = primary", "role = x"),
            ("role = standby", "role = primary"),
            ("role = x", "role = standby"),
        ],
        [('region "us-west-2"', 'region "eu-west-1"')],
    ],
    ids=["swapped", "another"],
)
def test_the_regions_of_a_running_stack_cannot_change(watched, replacements):
    before = watched.stack()
    change(watched, *replacements)
    done = reload(watched)
    assert done.returncode == 78
    assert 'stack "shop": the regions' in done.stderr
    after = watched.stack()
    for member in ("primary", "standby", "active", "epoch"):
        assert after[member] == before[member]
    watched.wait_role("steady")


def test_a_bad_configuration_starts_nothing(drd):
    change(
        drd,
        ("\npoll_interval = ", "\npoll_interval = soon # "),
        ("socket_mode = 0600", "socket_modus = 0600"),
        ("role = standby", "role = primary"),
        ('region "us-west-2"', 'region "us-east-1x!"'),
    )
    drd.launch()
    assert drd.process.wait(10) == 78
    told = drd.log()
    for text in ("poll_interval", "socket_modus", "us-east-1x!"):
        assert f"drd.conf:{line_of(drd, text)}: " in told
    assert not drd.socket.exists()
    assert not (drd.directory / "state").exists()
    checked = drd.verb("check")
    assert checked.returncode == 78
    assert checked.stderr == told


def test_without_a_configuration_nothing_starts(drd):
    drd.config.unlink()
    drd.launch()
    assert drd.process.wait(10) == 78
    assert "drd.conf" in drd.log()


def test_check_says_that_a_good_one_is_good(drd):
    checked = drd.verb("check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "1 stack" in checked.stdout
