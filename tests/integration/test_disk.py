# SPDX-License-Identifier: MIT
"""A state directory on a disk that fills up, or that fails, under a real drd.

The disk is mounted in a mount namespace that drd alone is in, so that it goes
with the process.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
from outside import PRIMARY, STANDBY
from sandboxctl import wait_for
from test_failover import break_users, mend_users


def mounting(what, where):
    """The words that start a program with `what` mounted at `where`."""
    script = f'mount {what} "$0" && exec "$@"'
    return ("unshare", "--mount", "sh", "-c", script, str(where))


def may_mount(what, where):
    where.mkdir(exist_ok=True)
    done = subprocess.run(
        [*mounting(what, where), "true"], capture_output=True, text=True
    )
    if done.returncode != 0:
        pytest.skip(f"mount: {done.stderr.strip()}")


def state(drd):
    """The state directory, as drd sees it."""
    return Path(f"/proc/{drd.process.pid}/root{drd.directory}/state")


def inside(drd, *words):
    subprocess.run(
        ["nsenter", "--mount", f"--target={drd.process.pid}", *words],
        check=True,
    )


def wait_trouble(drd, text):
    stack = drd.wait_stack(
        lambda s: s["trouble"] and text in s["trouble"], text
    )
    assert stack["level"] != "ok"
    assert stack["trouble"] in stack["level_why"]
    return stack


def journal_samples(drd):
    """(drd_journal_writable, drd_journal_disk_low)"""
    samples = dict(
        line.rsplit(" ", 1)
        for line in drd.tool("drd-status", "--prom").stdout.splitlines()
        if line.startswith("drd_journal_")
    )
    return tuple(
        int(samples[f'drd_journal_{name}{{stack="shop"}}'])
        for name in ("writable", "disk_low")
    )


def told_withheld(drd):
    """Why a failover that was due was not made, as the history has it."""
    reply = drd.tool("drd-status", "history", "--json", "-n", "512").stdout
    return [
        entry["why"]
        for entry in json.loads(reply)["entries"]
        if entry["event"] == "withheld"
    ]


@pytest.fixture
def small(shop):
    """A drd whose state has a disk of its own, with a megabyte in all."""
    tmpfs = "-t tmpfs -o size=1m none"
    may_mount(tmpfs, shop.directory / "state")
    shop.wrapper = mounting(tmpfs, shop.directory / "state")
    shop.start()
    shop.wait_well()
    return shop


def fill(drd):
    ballast = state(drd) / "ballast"
    with open(ballast, "wb", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


def use_up(drd):
    """The last page of the journal has room: orders are kept in it, too."""
    reason = "x" * 200
    for _ in range(4096 // len(reason)):
        done = drd.tool(
            "drdctl", "pause", "shop", "--for", "1s", "--reason", reason
        )
        if done.returncode != 0:
            assert "No space left" in done.stderr
            return
    pytest.fail("there is still room")


def test_a_full_disk_is_told_before_the_day(small, outside):
    before = outside.mark()
    ballast = fill(small)
    stack = wait_trouble(small, "0 KiB are left on its disk")
    assert stack["trouble"].startswith("once its disk is full no decision")
    assert (stack["role"], stack["level"]) == ("steady", "warning")
    assert stack["earliest"]["in_ms"] is not None
    assert journal_samples(small) == (1, 1)
    wait_for(
        lambda: outside.notices(STANDBY, before, "TROUBLE"), 20, what="a page"
    )
    [page] = outside.notices(STANDBY, before, "TROUBLE")
    assert "KiB are left" in page["reason"]
    ballast.unlink()
    small.wait_stack(lambda s: s["level"] == "ok", "no complaint")
    assert journal_samples(small) == (1, 0)
    assert len(outside.notices(STANDBY, before, "TROUBLE")) == 1


def test_no_failover_on_a_full_disk(small, outside, sandbox):
    before = outside.mark()
    ballast = fill(small)
    use_up(small)
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    stack = wait_trouble(small, "cannot fail over: journal")
    assert "No space left on device" in stack["trouble"]
    stack = small.wait_stack(lambda s: s["streak"] > 5, "a long streak")
    assert stack["role"] == "suspect"
    assert outside.writes(before) == []
    earliest = small.stack()["earliest"]
    assert earliest["in_ms"] is None
    assert earliest["why"].startswith("no decision can be kept: journal")
    explained = " ".join(
        small.tool("drd-status", "explain", "shop").stdout.split()
    )
    assert "no failover by itself: no decision can be kept" in explained
    assert journal_samples(small)[0] == 0
    [why] = told_withheld(small)
    assert why.startswith("cannot fail over: journal")
    refused = small.tool(
        *("drdctl", "failover", "shop", "--to", STANDBY),
        *("--reason", "now", "--yes"),
    )
    assert refused.returncode != 0
    assert "No space left" in refused.stderr
    assert outside.active(STANDBY)["epoch"] == 1

    ballast.unlink()
    small.wait_role("failed-over")
    small.wait_settled()
    assert outside.active(PRIMARY)["epoch"] == 2
    assert not small.stack()["trouble"]
    assert journal_samples(small) == (1, 0)
    assert "change" in [
        line.split('"type":"')[1].split('"')[0]
        for line in (state(small) / "shop.journal").read_text().splitlines()
    ]


def test_no_failover_on_a_disk_that_has_failed(shop, outside, sandbox):
    """A file system that finds itself broken takes no writes any more."""
    image = shop.directory / "disk"
    with open(image, "wb") as file:
        os.truncate(file.fileno(), 8 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    ext4 = f"-o loop,errors=remount-ro {image}"
    may_mount(ext4, shop.directory / "state")
    shop.wrapper = mounting(ext4, shop.directory / "state")
    shop.start()
    shop.wait_well()
    before = outside.mark()
    inside(
        shop, "mount", "-o", "remount,abort", shop.directory / "state"
    )
    fault = break_users(outside, sandbox)
    stack = wait_trouble(shop, "cannot fail over: journal")
    assert "read-only" in stack["trouble"].lower() or (
        "I/O error" in stack["trouble"]
    ), stack["trouble"]
    shop.wait_stack(lambda s: s["streak"] > 5, "a long streak")
    assert shop.role() == "suspect"
    assert outside.writes(before) == []

    # Repaired, it is the same journal, and the failover is made.
    mend_users(outside, sandbox, fault)
    shop.stop()
    shop.start()
    shop.wait_well()
    assert shop.stack()["epoch"] == 1
    break_users(outside, sandbox)
    assert shop.wait_role("failed-over")["epoch"] == 2
