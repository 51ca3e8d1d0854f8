# SPDX-License-Identifier: MIT
"""What cannot be read is neither made nor removed.

A stack that is as declared, and `drd apply`, which may write: with any of its
reads refused, broken, cut short or without its list it writes nothing, says
which read it was, and finds all well as soon as it can see again.

A sample is drawn, always the same one unless DRD_SEED=N says otherwise;
DRD_FAULTS=1/1 takes all of them.
"""

import os
import random

import pytest
from census import Census
from drdctl import Drd
from sandboxctl import Sandbox

ALL = "DRD_FAULTS" in os.environ
SEED = int(os.environ.get("DRD_SEED", 1))
SAMPLE = 24
READS = ("Describe", "Get", "List")
TOLD = "PutMetricData"  # what carries the latch is fed at each look
MODES = {
    "denied": {"mode": "denied"},
    "throttled": {"mode": "throttle"},
    "failing": {"mode": "error"},
    "reset": {"mode": "refuse"},
    "garbage": {"mode": "html", "status": 200},
    "nothing": {"mode": "empty"},
    "hollow": {"mode": "hollow"},
    "half": {"mode": "truncated", "well_formed": True},
    "cut": {"mode": "cut"},
}
LISTS_WITH_A_FLAG = (
    "ListHealthChecks",
    "ListHostedZonesByName",
    "ListResourceRecordSets",
)
# A bucket that never had versions has a document without members, and any JSON
# is a policy.
MAY_BE_HOLLOW = ("GetBucketVersioning", "GetBucketPolicy")
# It spares reads: drd does without it.
OPTIONAL = ("GetResources",)
# Which region is active: one region may do to know.
SHARED = ("GetParameter",)


@pytest.fixture(scope="module")
def steady(build, tmp_path_factory):
    """(sandbox, drd, census, the reads of a pass) of a stack as declared."""
    with Sandbox(speed=120) as sandbox:
        census = Census(sandbox)
        census.take()
        directory = tmp_path_factory.mktemp("reads")
        with Drd(build, sandbox, directory, request_timeout="5s") as drd:
            done = drd.verb("apply", "--yes", timeout=300)
            assert done.returncode == 0, done.stdout + done.stderr
            sandbox.forget_calls()
            assert drd.verb("drift").returncode == 0
            reads = {
                (c["region"], c["service"], c["operation"])
                for c in sandbox.calls(user_agent="drd/")
                if c["operation"] != TOLD
            }
            yield sandbox, drd, census, sorted(reads)


def makes_sense(operation, mode):
    if mode == "cut":
        return operation in LISTS_WITH_A_FLAG
    return mode != "hollow" or operation not in MAY_BE_HOLLOW


def cases_of(reads):
    return [
        (*read, mode)
        for read in reads
        for mode in MODES
        if makes_sense(read[2], mode)
    ]


def check(sandbox, drd, region, service, operation, mode):
    where = {"region": region, "service": service, "operation": operation}
    sandbox.forget_calls()
    sandbox.fault(**where, **MODES[mode])
    done = drd.verb("apply", "--yes", timeout=120)
    sandbox.clear()
    said = done.stdout + done.stderr
    calls = sandbox.calls(user_agent="drd/")
    assert any(c["fault"] and c["operation"] == operation for c in calls)
    writes = [
        c["operation"]
        for c in calls
        if not c["operation"].startswith(READS) and c["operation"] != TOLD
    ]
    assert writes == [], said
    if operation in OPTIONAL:
        assert done.returncode == 0, said
        return
    if operation in SHARED and done.returncode == 0:
        return
    assert done.returncode == 1, said
    assert operation in said
    if mode in ("denied", "throttled", "failing"):
        assert "request " in said


def test_what_cannot_be_read_is_left_alone(steady):
    sandbox, drd, census, reads = steady
    print(f"DRD_SEED={SEED}")
    cases = cases_of(reads)
    if not ALL:
        cases = random.Random(SEED).sample(cases, SAMPLE)
    there = census.take()
    failures = []
    for case in cases:
        try:
            check(sandbox, drd, *case)
        except AssertionError as error:
            failures.append((*case, str(error)))
            print(failures[-1])
            sandbox.clear()
            drd.verb("apply", "--yes", timeout=300)
    assert failures == []
    assert census.take() == there
    assert drd.verb("plan").returncode == 0
