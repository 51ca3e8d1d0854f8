# SPDX-License-Identifier: MIT
"""Building a whole stack on an empty sandbox, and taking it down again.

What AWS would take its time for passes here sixty times as fast: the figures
are drd's and the sandbox's own work.
"""

import time

from drdctl import Drd
from sandboxctl import Sandbox
from table import PATIENT, bound, row, title

BOUND_S = 20
READS = ("Describe", "Get", "List")


def timed(drd, sandbox, *words):
    """Seconds, calls, writes."""
    sandbox.forget_calls()
    begin = time.monotonic()
    result = drd.verb(*words, timeout=300)
    seconds = time.monotonic() - begin
    if result.returncode != 0:
        raise SystemExit((result.stdout + result.stderr)[-2000:])
    calls = sandbox.calls(user_agent="drd/")
    writes = [c for c in calls if not c["operation"].startswith(READS)]
    return seconds, len(calls), len(writes)


def bench_build(build, directory):
    title("building the whole stack, the sandbox 60 times as fast as AWS")
    row("", "seconds", "calls", "writes", "bound")
    with Sandbox(speed=60) as sandbox, \
            Drd(build, sandbox, directory, **PATIENT) as drd:
        for what, words in (
            ("first apply", ("apply", "--yes")),
            ("second apply", ("apply", "--yes")),
            ("destroy", ("destroy", "--yes-destroy", "shop")),
        ):
            seconds, calls, writes = timed(drd, sandbox, *words)
            if what == "second apply":
                held = bound(f"writes of a {what}", writes, most=0)
            else:
                held = bound(f"seconds of {what}", seconds, most=BOUND_S)
            row(what, f"{seconds:.1f}", calls, writes, held)
