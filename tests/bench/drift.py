# SPDX-License-Identifier: MIT
"""Reading a whole stack: `drd drift`, and a boto3 program beside it.

All three read the same stack of one sandbox, in turn, so that a busy moment
of the machine hits all of them.  What is measured is whole processes, start
and imports included, as cron or a pipeline runs them; the last rows say what
boto3's reads took alone.  That the reads are the same is not believed but
compared, in the sandbox's log of calls.
"""

import collections
import json
import statistics
import subprocess
import sys
from pathlib import Path

from drdctl import Drd
from sandboxctl import EAST, WEST, Sandbox
from table import PATIENT, bound, missed, row, title

HERE = Path(__file__).resolve().parent
ROUNDS = 5
LATENCIES_MS = (0, 40)
CALLS, WALL_TIMES, CPU_TIMES, MEMORY_TIMES = 75, 1, 4, 5
THREADS = {"boto3": 1, "boto3 x 8": 8}
NAMES = ("drd", *THREADS)
PEER = "boto3 x 8"  # whom the bounds are about


# -- one run ---------------------------------------------------------------

def command_of(name, drd, sandbox, report):
    if name == "drd":
        return [drd.build / "drd", "drift", "-f", drd.config]
    ends = [sandbox.endpoint(region) for region in (EAST, WEST)]
    program = [sys.executable, HERE / "reader.py"]
    return [*program, str(THREADS[name]), report, *ends]


def usage_of(directory, environment, command):
    """Run it; what it took, as usage.py says."""
    report = directory / "usage.json"
    subprocess.run(
        [sys.executable, "-I", "-S", HERE / "usage.py", report, *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    usage = json.loads(report.read_text())
    if usage["status"] != 0:
        raise SystemExit(f"{command[0]}: exit status {usage['status']}")
    return usage


def in_flight(calls):
    """The most calls that were unanswered at one moment."""
    events = [(c["received"], 1) for c in calls]
    events += [(c["answered"], -1) for c in calls]
    now = most = 0
    for _, change in sorted(events):
        now += change
        most = max(most, now)
    return most


def run_one(name, drd, sandbox):
    """What one of the three took, and the calls that it made."""
    alone = drd.directory / "alone.json"
    sandbox.forget_calls()
    usage = usage_of(drd.directory, drd.environment(),
                     command_of(name, drd, sandbox, alone))
    calls = sandbox.calls()
    usage["flight"] = in_flight(calls)
    usage["calls"] = collections.Counter(
        (c["service"], c["region"], c["operation"]) for c in calls)
    if name != "drd":
        reads = json.loads(alone.read_text())
        usage["alone_wall_s"] = reads["wall_s"]
        usage["alone_cpu_s"] = reads["cpu_s"]
    return usage


# -- what to say of them ---------------------------------------------------

def compare(runs):
    """Say which calls only one side has made."""
    ours = runs["drd"][-1]["calls"]
    for name in THREADS:
        theirs = runs[name][-1]["calls"]
        for side, more in (("drd", ours - theirs), (name, theirs - ours)):
            for (service, region, operation), count in sorted(more.items()):
                text = f"{service} {operation}, {region}, {count} x"
                missed.append(f"not the same reads: {side} alone has {text}")
                print("   ", missed[-1])


def tell(runs):
    """The table of what these runs took."""
    def median(name, key):
        return statistics.median(run[key] for run in runs[name])

    def figures(what, key, names=NAMES, scale=1, form="{:.1f}"):
        cells = [form.format(scale * median(n, key)) if n in names else ""
                 for n in NAMES]
        row(what, *cells)

    def times(what, key, least):
        cells = [median(n, key) / median("drd", key) for n in NAMES]
        held = bound(f"{what} than {PEER}", cells[-1], least=least)
        row(what, *(f"{cell:.1f}" for cell in cells), held)

    compare(runs)
    calls = [runs[name][-1]["calls"].total() for name in NAMES]
    row("", *NAMES, "bound")
    row("API calls", *calls, bound("API calls", calls[0], most=CALLS))
    figures("most of them in flight", "flight", form="{:.0f}")
    figures("wall, ms", "wall_s", scale=1000, form="{:.0f}")
    figures("CPU, ms", "cpu_s", scale=1000)
    figures("most memory (RSS), MB", "max_rss_mb")
    times("times drd's wall", "wall_s", WALL_TIMES)
    times("times drd's CPU", "cpu_s", CPU_TIMES)
    times("times drd's memory", "max_rss_mb", MEMORY_TIMES)
    figures("wall of the reads alone, ms", "alone_wall_s", THREADS, 1000,
            "{:.0f}")
    figures("CPU of the reads alone, ms", "alone_cpu_s", THREADS, 1000)


def bench_drift(build, directory):
    with Sandbox(speed=60) as sandbox, \
            Drd(build, sandbox, directory, **PATIENT) as drd:
        applied = drd.verb("apply", "--yes", timeout=300)
        if applied.returncode != 0:
            raise SystemExit((applied.stdout + applied.stderr)[-2000:])
        drd.write_config(api_share="50")  # as drd comes
        for name in NAMES:
            run_one(name, drd, sandbox)  # now the disk's caches have it all
        for ms in LATENCIES_MS:
            title(f"drift of the whole stack, {ms} ms added to every API "
                  f"call, median of {ROUNDS} rounds")
            fault = sandbox.fault(plane="api", mode="latency", ms=ms)
            runs = {name: [] for name in NAMES}
            for _ in range(ROUNDS):
                for name in NAMES:
                    runs[name].append(run_one(name, drd, sandbox))
            sandbox.clear(fault)
            tell(runs)
