#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tests/run.py BUILD [SUITE ...]: run the C tests in BUILD, then the suites.

Each C test is a program of libcheck's, each suite a folder of pytest's, or
"sim": the simulations (tests/sim/README.md).  What
counts is the single check or test, as the runner itself wrote it down (TAP,
JUnit XML); a runner that crashes, hangs, or runs nothing is a failure, so
that silence is never success.  The last line is the sum:

    N passed, N failed, N skipped

and the exit status is 0 only if nothing failed.  BUILD/summary keeps the line.
"""

import concurrent.futures
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
from xml.etree import ElementTree

UNIT_LIMIT = 120  # seconds for one C test program
SUITE_LIMIT = 1800  # seconds for one pytest suite, many times what it takes
WORKERS = min(4, os.cpu_count() or 1)  # of pytest, each with a sandbox
FAREWELL = 60  # seconds for pytest to stop what its fixtures started
SIM_LIMIT = 1800  # seconds for the simulations; with a sanitizer they take long
SIM_SEEDS = os.environ.get("DRD_SEEDS", "2000")
SHOWN = 20000  # characters of a failing program's output
SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP

# Whoever runs the tests may be logged in to a real account behind a proxy.
# Neither must reach a process under test.
KEPT_OUT = re.compile(r"^(AWS_.*|(https?|all|no)_proxy|NOTIFY_SOCKET)$", re.I)


class Tally:
    """How many passed, failed and were skipped, and what there is to say."""

    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped
        self.notes = []

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def fault(self, note):
        """The runner itself misbehaved: one more failure."""
        self.failed += 1
        self.notes.append(note)

    def judge(self, status, limit):
        """A bad exit is a failure even when no test owned up to it, and a
        good one is worth nothing without a test."""
        if status is None:
            self.fault(f"did not end in {limit} seconds")
        elif status < 0:
            self.fault(f"killed by {signal.Signals(-status).name}")
        elif status != 0 and self.failed == 0:
            self.fault(f"exit status {status}, though no test failed")
        elif self.passed + self.failed + self.skipped == 0:
            self.fault("ran nothing")

    def __str__(self):
        return (f"{self.passed} passed, {self.failed} failed, "
                f"{self.skipped} skipped")


def environment(build, scratch):
    """What the programs under test see."""
    env = {k: v for k, v in os.environ.items() if not KEPT_OUT.match(k)}
    env["DRD_BUILD"] = str(build)
    env["TMPDIR"] = str(scratch)  # so that nothing they make outlives us
    env["AWS_EC2_METADATA_DISABLED"] = "true"
    env["AWS_CONFIG_FILE"] = env["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    env.setdefault("CK_TIMEOUT_MULTIPLIER", "10")
    return env


def run(command, limit, env, output=None, polite=signal.SIGKILL):
    """Run to the end or to the limit (then None); nothing of it lives on,
    neither then nor when we are interrupted."""
    try:
        child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL,
                                 stdout=output, stderr=subprocess.STDOUT,
                                 start_new_session=True)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=output, flush=True)
        return 127
    try:
        return child.wait(limit)
    except (subprocess.TimeoutExpired, KeyboardInterrupt) as error:
        child.send_signal(polite)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(FAREWELL)
        if isinstance(error, KeyboardInterrupt):
            raise
        return None
    finally:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()


def tally_tap(path, planned=True):
    """Count libcheck's own log; without its plan the program died midway."""
    tally = Tally()
    lines = path.read_text(errors="replace").splitlines() \
        if path.exists() else []
    failures = [line for line in lines if line.startswith("not ok ")]
    tally.passed = sum(line.startswith("ok ") for line in lines)
    tally.failed = len(failures)
    tally.notes += failures
    plan = f"1..{tally.passed + tally.failed}"
    if planned and lines and plan not in lines:
        tally.fault("its log ends early")
    return tally


def unit(program, scratch, env):
    """One C test program; its output is shown only if it failed."""
    log = scratch / f"{program.name}.tap"
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        status = run([str(program)], UNIT_LIMIT,
                     {**env, "CK_TAP_LOG_FILE_NAME": str(log)}, output)
        tally = tally_tap(log)
        tally.judge(status, UNIT_LIMIT)
        if tally.failed:
            output.seek(0)
            tally.notes += output.read()[-SHOWN:].splitlines()
    return tally


def units(build, scratch, env):
    """All C tests, as many at a time as there are processors."""
    total = Tally()
    programs = [build / "tests" / source.stem
                for source in sorted(pathlib.Path("tests/unit").glob("*.c"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        tallies = pool.map(lambda p: unit(p, scratch, env), programs)
        try:
            for program, tally in zip(programs, tallies):
                print(f"{program.name}: {tally}", flush=True)
                for note in tally.notes:
                    print(note, flush=True)
                total.add(tally)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)  # those that run, run out
            raise
    return total


def simulations(build, scratch, env):
    """drd through outages drawn from seeds and told in scenarios; a hundred
    seeds are one test, and so is a scenario."""
    log = scratch / "sim.tap"
    scenarios = sorted(pathlib.Path("tests/sim/scenarios").glob("*.sim"))
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        status = run([str(build / "sim"), "--seeds", SIM_SEEDS,
                      "--jobs", str(os.cpu_count()), "--tap", str(log),
                      *map(str, scenarios)], SIM_LIMIT, env, output)
        tally = tally_tap(log, planned=False)
        tally.judge(status, SIM_LIMIT)
        if tally.failed:
            output.seek(0)
            tally.notes += output.read()[-SHOWN:].splitlines()
    print(f"sim: {tally}", flush=True)
    for note in tally.notes:
        print(note, flush=True)
    return tally


def tally_junit(path):
    """Count pytest's own report; an error in a fixture is a failure."""
    tally = Tally()
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        return tally
    for suite in root.iter("testsuite"):
        tests, failures, errors, skipped = (
            int(suite.get(name, 0))
            for name in ("tests", "failures", "errors", "skipped"))
        tally.failed += failures + errors
        tally.skipped += skipped
        tally.passed += max(0, tests - failures - errors - skipped)
    return tally


def suite(folder, scratch, env):
    """One pytest suite, its output as it comes.  The tests of a file stay
    together, because they share what is dear to build."""
    report = scratch / f"{folder.replace('/', '-')}.xml"
    print(f"{folder}:", flush=True)
    status = run([".venv/bin/python", "-m", "pytest", "-q", "-ra",
                  "-p", "no:cacheprovider", "-o", "faulthandler_timeout=180",
                  "-n", str(WORKERS), "--dist", "loadfile",
                  f"--junitxml={report}", folder],
                 SUITE_LIMIT, env, polite=signal.SIGTERM)
    tally = tally_junit(report)
    tally.judge(status, SUITE_LIMIT)
    print(f"{folder}: {tally}", flush=True)
    for note in tally.notes:
        print(f"{folder}: {note}", flush=True)
    return tally


def main(build, *suites):
    simulate = "sim" in suites
    suites = [suite for suite in suites if suite != "sim"]
    build = pathlib.Path(build).resolve()
    os.chdir(pathlib.Path(__file__).resolve().parent.parent)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="drd-check-") as scratch:
        scratch = pathlib.Path(scratch)
        env = environment(build, scratch)
        total = units(build, scratch, env)
        if simulate:
            total.add(simulations(build, scratch, env))
        for folder in suites:
            total.add(suite(folder, scratch, env))
    print(f"in {time.monotonic() - started:.0f} seconds", flush=True)
    (build / "summary").write_text(f"{total}\n")
    print(total, flush=True)
    return 1 if total.failed else 0


def on_signal(number, _):
    """Like Ctrl-C, once: what is under way is put away, in good order."""
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__.splitlines()[0])
    for number in SIGNALS:
        signal.signal(number, on_signal)
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("tests: interrupted")
