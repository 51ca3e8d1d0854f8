#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make bench: what the README claims, measured, with the peer beside it.

    run.py [drift] [build] [decision] [footprint]

SECONDS=3600 makes the footprint's run an hour of one-second polls, which is
what the claim is about; by default it is two minutes, long enough to see the
figures but not their growth.  A bound that is missed is marked, and the exit
status is 1; where the figure depends on how busy the machine is, the bound is
only printed beside it.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from drdctl import Drd  # noqa: E402
from sandboxctl import Sandbox, wait_for  # noqa: E402
from build import bench_build  # noqa: E402
from drift import bench_drift  # noqa: E402
from table import bound, missed, row, title  # noqa: E402

LATENCY_MS = 40
BOUND_MS = 3 * LATENCY_MS + 50
ROUNDS = 5
SECONDS = float(os.environ.get("SECONDS", "120"))
WARM_UP = min(600.0, SECONDS / 4)
RSS_MB, DIRTY_MB = 18, 6


# -- decision to done ------------------------------------------------------

def decision_of(calls):
    """Milliseconds from the answer that completed the third failing poll to
    the answer that confirmed the last effect in the standby region."""
    west = [c for c in calls if c["region"] == "us-west-2"]
    first = next(c for c in west if c["operation"] == "PutParameter")
    polls = [c for c in calls
             if c["operation"] in ("GetHealthCheckStatus", "DescribeAlarms")
             and c["answered"] is not None
             and c["answered"] <= first["received"]]
    effects = [c for c in west if c["operation"] in
               ("PutParameter", "Publish", "GetParameter")
               and c["received"] >= first["received"]]
    # What a parameter needs is two calls each: written, read back.
    done = max(c["answered"] for c in effects[:5])
    return 1000 * (done - max(c["answered"] for c in polls))


def bench_decision(build, directory):
    title(f"decision to done, {LATENCY_MS} ms added to every API call, "
          f"{ROUNDS} failovers")
    times = []
    with Sandbox(speed=60) as sandbox, \
            Drd(build, sandbox, directory, poll_interval="500ms",
                poll_deadline="450ms", reconcile_interval="2s",
                stack="max_per_day = 0") as drd:
        assert drd.verb("apply", "--yes").returncode == 0
        drd.start()
        drd.wait_role("steady")
        wait_for(drd.all_signals_ok, 30, what="every trigger signal")
        sandbox.fault(plane="api", mode="latency", ms=LATENCY_MS)
        for _ in range(ROUNDS):
            wait_for(drd.all_signals_ok, 60, what="every trigger signal")
            seq = max((c["seq"] for c in sandbox.calls()), default=0)
            broken = sandbox.fault(region="us-east-1", plane="data",
                                   mode="refuse")
            drd.wait_role("failed-over")
            wait_for(lambda: drd.pending() == 0, 30, what="every effect")
            times.append(decision_of(
                sandbox.calls(since=seq, user_agent="drd/")))
            sandbox.clear(broken)
            wait_for(drd.all_signals_ok, 60, what="every trigger signal")
            drd.wait_able_to_fail_back()
            drd.tool("drdctl", "failback", "shop", "--reason", "again")
            drd.wait_role("steady")
    row("", "measured", "bound")
    row("median, ms", f"{statistics.median(times):.0f}", f"{BOUND_MS}")
    row("worst, ms", f"{max(times):.0f}", f"{BOUND_MS}")


# -- footprint -------------------------------------------------------------

def footprint(pid):
    """RSS and private dirty memory in MB, descriptors, CPU seconds."""
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    kb = {line.split(":")[0]: int(line.split()[1])
          for line in rollup.splitlines() if line.endswith("kB")}
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1]
    ticks = sum(map(int, stat.split()[11:13]))
    return {"rss": kb["Rss"] / 1024, "dirty": kb["Private_Dirty"] / 1024,
            "fds": len(os.listdir(f"/proc/{pid}/fd")),
            "cpu": ticks / os.sysconf("SC_CLK_TCK")}


def bench_footprint(build, directory):
    title(f"footprint with the whole stack, one-second polls for "
          f"{SECONDS:.0f} s, a boto3 program with the same polls beside it")
    with Sandbox(speed=1) as sandbox, \
            Drd(build, sandbox, directory, poll_interval="1s",
                poll_deadline="900ms", reconcile_interval="30s") as drd:
        assert drd.verb("apply", "--yes").returncode == 0
        check = next(s["name"] for s in started(drd)["signals"]
                     if s["id"] == "route53")
        peer = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__).parent / "poller.py",
             sandbox.endpoint("us-east-1"), sandbox.endpoint("us-west-2"),
             check, str(SECONDS + 60)])
        try:
            time.sleep(WARM_UP)
            before = [footprint(p) for p in (drd.process.pid, peer.pid)]
            polls = drd.stack()["poll"]["count"]
            time.sleep(SECONDS - WARM_UP)
            after = [footprint(p) for p in (drd.process.pid, peer.pid)]
            polls = drd.stack()["poll"]["count"] - polls
        finally:
            peer.kill()
            peer.wait()
    ours, theirs = after
    row("", "drd", "boto3", "bound")
    for key, what, most in (("rss", "RSS, MB", RSS_MB),
                            ("dirty", "private dirty memory, MB", DIRTY_MB)):
        row(what, f"{ours[key]:.1f}", f"{theirs[key]:.1f}",
            bound(what, ours[key], most=most))
    row("open descriptors", ours["fds"], theirs["fds"])
    for key, unit in (("rss", "kB"), ("dirty", "kB")):
        row(f"growth of {key} since {WARM_UP:.0f} s, {unit}",
            f"{1024 * (ours[key] - before[0][key]):.0f}",
            f"{1024 * (theirs[key] - before[1][key]):.0f}", "0")
    row("growth of descriptors", ours["fds"] - before[0]["fds"],
        theirs["fds"] - before[1]["fds"], "0")
    row(f"CPU ms a poll, {polls} polls",
        f"{1000 * (ours['cpu'] - before[0]['cpu']) / polls:.2f}",
        f"{1000 * (theirs['cpu'] - before[1]['cpu']) / polls:.2f}")


def started(drd):
    drd.start()
    drd.wait_role("steady")
    wait_for(lambda: drd.stack()["poll"]["count"] > 3, 20, what="polls")
    wait_for(lambda: drd.stack()["signals"][0]["name"], 20,
             what="the health check")
    return drd.stack()


def main():
    build = pathlib.Path(os.environ.get("DRD_BUILD", ROOT / "build"))
    benches = {"drift": bench_drift, "build": bench_build,
               "decision": bench_decision, "footprint": bench_footprint}
    for name in sys.argv[1:] or benches:
        with tempfile.TemporaryDirectory(prefix="drd-bench-") as directory:
            benches[name](build, pathlib.Path(directory))
    print("".join(f"\n  missed: {text}" for text in missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
