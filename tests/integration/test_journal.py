# SPDX-License-Identifier: MIT
"""A journal that is full, lost, old or damaged, under a real drd."""

import json
import resource

import pytest
from outside import PRIMARY, REGIONS, STANDBY
from sandboxctl import wait_for
from test_failover import PARAMETERS, break_users, fail_over, written

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def journal(drd):
    return drd.directory / "state" / "shop.journal"


def fill_disk(drd):
    """From now on no file of drd's grows beyond the journal's size."""
    size = journal(drd).stat().st_size
    resource.prlimit(
        drd.process.pid,
        resource.RLIMIT_FSIZE,
        (size, resource.RLIM_INFINITY),
    )


def free_disk(drd):
    resource.prlimit(drd.process.pid, resource.RLIMIT_FSIZE, UNLIMITED)


def test_no_decision_on_a_full_disk(watched, outside, sandbox):
    """Not before the intent is on disk; then at once."""
    before = outside.mark()
    fill_disk(watched)
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    stack = watched.wait_stack(
        lambda s: s["trouble"] and "journal" in s["trouble"], "trouble"
    )
    watched.wait_polls(3)
    watched.wait_role("suspect")
    assert "shop.journal: cannot write" in stack["trouble"]
    assert outside.writes(before) == []
    assert outside.active(STANDBY)["epoch"] == 1
    assert watched.tool("drd-status").returncode != 0

    free_disk(watched)
    watched.wait_role("failed-over")
    watched.wait_settled()
    assert outside.active(PRIMARY)["epoch"] == 2


def test_effects_go_on_when_the_disk_fills_up(polled, outside, sandbox):
    """The decision is on disk; its steps may be repeated."""
    before = outside.mark()
    break_users(outside, sandbox)
    polled.poll()
    polled.poll()
    dark = sandbox.fault(
        region=PRIMARY,
        plane="api",
        mode="drop",
        after={"operation": "GetHealthCheckStatus", "count": 1},
    )
    polled.poll()
    polled.wait_role("failed-over")
    fill_disk(polled)
    sandbox.clear(dark)
    stack = polled.wait_settled(60)
    parameters = [
        e for e in stack["change"]["effects"] if e["kind"] == "parameter"
    ]
    assert {e["state"] for e in parameters} == {"verified"}
    assert any("not in the journal" in e["note"] for e in parameters)

    # What the disk has missed is looked at again, and found done.
    polled.kill()
    polled.start()
    polled.wait_role("failed-over")
    polled.wait_settled(60)
    for region in REGIONS:
        assert outside.active(region)["epoch"] == 2
        assert written(outside, before, region) == sorted(PARAMETERS)


def test_a_journal_that_is_deleted_comes_back(watched, outside, sandbox):
    journal(watched).unlink()
    fail_over(watched, outside, sandbox)
    kinds = [r["type"] for r in watched.journal()]
    assert "facts" in kinds and "change" in kinds
    before = outside.mark()
    watched.kill()
    watched.start()
    assert watched.wait_role("failed-over")["epoch"] == 2
    watched.wait_polls(3)
    assert outside.writes(before) == []


def test_an_old_journal_believes_the_parameters(watched, outside, sandbox):
    """One restored from a backup: the higher epoch wins."""
    old = journal(watched).read_bytes()
    fail_over(watched, outside, sandbox)
    before = outside.mark()
    watched.stop()
    journal(watched).write_bytes(old)
    watched.start()
    stack = watched.wait_role("failed-over")
    watched.wait_polls(3)
    assert (stack["epoch"], stack["active"]) == (2, STANDBY)
    assert outside.writes(before) == []


def lose_journal(drd):
    drd.kill()
    journal(drd).unlink()
    drd.start()


def test_a_lost_journal_of_half_a_flip(watched, outside, sandbox):
    """The standby's half is believed, and the primary's is made to follow."""
    dark = sandbox.fault(region=PRIMARY, mode="drop")
    watched.wait_role("failed-over")
    wait_for(
        lambda: outside.active(STANDBY)["epoch"] == 2, what="half a flip"
    )
    lose_journal(watched)
    stack = watched.wait_role("failed-over")
    assert (stack["epoch"], stack["active"]) == (2, STANDBY)
    watched.wait_polls(3)
    before = outside.mark()
    sandbox.clear(dark)
    wait_for(
        lambda: outside.active(PRIMARY)["epoch"] == 2, 40, what="the other half"
    )
    watched.wait_stack(
        lambda s: all(
            p["agrees"] == "yes" for p in s["planes"] if p["region"]
        ),
        "parameters that agree",
    )
    assert outside.parameter(PRIMARY, "endpoint") == outside.parameter(
        STANDBY, "endpoint"
    )
    assert {c["region"] for c in outside.writes(before, service="ssm")} == {
        PRIMARY
    }
    assert watched.role() == "failed-over"


def test_a_lost_journal_and_a_silent_standby(watched, outside, sandbox):
    """Who is active is not guessed: drd waits, says so, and does nothing."""
    fail_over(watched, outside, sandbox)
    before = outside.mark()
    silent = sandbox.fault(region=STANDBY, service="ssm", mode="drop")
    lose_journal(watched)
    stack = watched.wait_stack(
        lambda s: s["trouble"] and s["poll"]["count"] > 5, "trouble"
    )
    assert (stack["role"], stack["active"]) == ("starting", None)
    assert "which region is active is not certain" in stack["trouble"]
    assert stack["level"] == "warning"
    refused = watched.tool("drdctl", "failback", "shop", "--reason", "guess")
    assert refused.returncode == 4
    assert outside.writes(before) == []

    sandbox.clear(silent)
    stack = watched.wait_role("failed-over")
    assert (stack["epoch"], stack["active"]) == (2, STANDBY)
    watched.wait_stack(lambda s: not s["trouble"], "no trouble")
    assert outside.writes(before, operation="PutParameter") == []


def history_since_start(drd):
    """{event: its text}, of what the history has of this life."""
    told = drd.tool("drd-status", "history", "--json", "-n", "512").stdout
    entries = json.loads(told)["entries"]
    starts = [i for i, e in enumerate(entries) if e["event"] == "start"]
    return {e["event"]: e.get("text") for e in entries[starts[-1] :]}


@pytest.mark.parametrize("where", ["first", "middle"])
def test_a_damaged_journal_is_salvaged_and_pauses(
    watched, outside, sandbox, where
):
    """Nobody edits a file at night, and nothing is done without memory."""
    fail_over(watched, outside, sandbox)
    watched.stop()
    good = journal(watched).read_bytes()
    lines = good.splitlines(keepends=True)
    bad = 0 if where == "first" else len(lines) // 2
    lines[bad] = lines[bad].replace(b'"', b"'", 1)
    journal(watched).write_bytes(b"".join(lines))
    before = outside.mark()
    watched.start()
    stack = watched.wait_role("failed-over")
    assert (stack["epoch"], stack["active"]) == (2, STANDBY)
    watched.wait_polls(3)
    # A notice may come again, if it was the damage that knew of it.
    assert outside.writes(before, operation="PutParameter") == []
    aside = journal(watched).with_name("shop.journal.damaged")
    assert aside.read_bytes() == b"".join(lines)
    assert "damaged" in watched.log()
    wait_for(
        lambda: outside.notices(STANDBY, before, "TROUBLE"), 20, what="a word"
    )
    paused = [r for r in watched.journal() if r["type"] == "pause"]
    assert paused and paused[-1]["who"] == "drd"
    told = history_since_start(watched)
    assert "shop.journal.damaged" in told["journal"]
    assert "by drd: the journal was damaged" in told["pause"]

    # It is good from then on.
    watched.stop()
    watched.start()
    assert watched.wait_role("failed-over")["epoch"] == 2
    told = history_since_start(watched)
    assert "journal" not in told and "pause" not in told


def test_paused_for_damage_until_somebody_has_looked(
    watched, outside, sandbox
):
    watched.stop()
    journal(watched).write_bytes(b"garbage\n" + journal(watched).read_bytes())
    watched.start()
    watched.wait_well()
    break_users(outside, sandbox)
    watched.wait_stack(lambda s: s["streak"] > 4, "a long streak")
    assert watched.role() == "suspect"
    done = watched.tool(
        "drdctl", "resume", "shop", "--reason", "the parameters are right"
    )
    assert done.returncode == 0, done.stderr
    watched.wait_role("failed-over")


def test_a_torn_line_never_happened(watched):
    watched.stop()
    good = journal(watched).read_bytes()
    last = good.splitlines(keepends=True)[-1]
    journal(watched).write_bytes(good + last[:-7])
    watched.start()
    watched.wait_well()
