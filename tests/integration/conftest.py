# SPDX-License-Identifier: MIT
"""Real drd processes on a real sandbox.

One sandbox and one stack serve all tests, because building both takes seconds.
Each test has a drd and a state directory of its own, and finds the stack at
its beginning: us-east-1 active, epoch 1, all well.
"""

import os
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "aws"), str(TESTS.parent)]

from drdctl import Drd  # noqa: E402
from outside import PRIMARY, Outside  # noqa: E402
from sandboxctl import Sandbox, wait_for  # noqa: E402

SPEED = 120  # an AWS minute is half a second


@pytest.fixture(scope="session")
def build():
    """Where the programs under test are."""
    named, root = os.environ.get("DRD_BUILD"), TESTS.parent
    for path in [named] if named else [root / "build/check", root / "build"]:
        if (Path(path) / "drd").exists():
            return Path(path)
    pytest.exit("no drd to test: run make, or set DRD_BUILD", returncode=1)


@pytest.fixture(scope="session")
def running():
    with Sandbox(speed=SPEED) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    """The sandbox; whatever a test breaks is mended after it."""
    wait_for(running.has_answered, 30, 0.05, "the answers to the dead")
    running.forget_calls()
    yield running
    running.clear()
    running.clock(skew_seconds=0, speed=SPEED)


@pytest.fixture(scope="session")
def outside(running):
    """The stack as everybody but drd sees it."""
    return Outside(running)


@pytest.fixture(scope="session")
def life(build, tmp_path_factory):
    """A whole life of a stack, lived once; several files judge it."""
    from life import live

    return live(build, tmp_path_factory.mktemp("life"), SPEED)


@pytest.fixture
def drd(build, sandbox, tmp_path):
    """A drd with a directory of its own, not started."""
    with Drd(build, sandbox, tmp_path) as drd:
        yield drd


@pytest.fixture(scope="session")
def applied(build, running, outside, tmp_path_factory):
    """The stack as `drd apply` has made it, once for all tests."""
    drd = Drd(
        build, running, tmp_path_factory.mktemp("apply"), request_timeout="20s"
    )
    result = drd.verb("apply", "--yes")
    assert result.returncode == 0, result.stdout + result.stderr
    outside.remember_parameters()
    return outside


@pytest.fixture(scope="session")
def begin(applied):
    """begin(drd): the stack at its beginning, whatever has been made of it."""

    def is_calm():
        if applied.region_of_users() == PRIMARY:
            return applied.is_calm()
        applied.clear_latch()
        return False

    def begin(drd):
        applied.restore_parameters()
        timeout = drd.settings["request_timeout"]
        drd.write_config(request_timeout="20s")  # the machine may be busy
        result = drd.verb("apply", "--yes")
        assert result.returncode == 0, result.stdout + result.stderr
        drd.write_config(request_timeout=timeout)
        wait_for(is_calm, 30, 0.1, "a primary that stays healthy")
        return drd

    return begin


@pytest.fixture
def shop(drd, begin):
    """The stack at its beginning, and a drd for it that is not started."""
    return begin(drd)


@pytest.fixture
def watched(shop):
    """The stack, and a drd that watches it and finds all well."""
    shop.start()
    shop.wait_well()
    return shop


@pytest.fixture
def polled(shop):
    """Like `watched`, but the test says when to poll."""
    shop.write_config(poll_interval="1h", poll_deadline="2s")
    shop.start()
    shop.poll_until_well()
    return shop
