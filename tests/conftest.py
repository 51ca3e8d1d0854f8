# SPDX-License-Identifier: MIT
"""What all suites share: told to end, say what was under way, in one line.

Whoever has a limit for a suite (run.py) sends SIGTERM.  Fixtures then put away
what they started, as after Ctrl-C, but without a trace of wherever the
interpreter happened to be.
"""

import os
import signal

import pytest

_under_way = set()


def pytest_runtest_logstart(nodeid):
    _under_way.add(nodeid)


def pytest_runtest_logfinish(nodeid):
    _under_way.discard(nodeid)


def _on_sigterm(*_):
    tests = ", ".join(sorted(_under_way)) or "no test"
    pytest.exit(f"told to end while in {tests}", returncode=1)


def pytest_sessionstart():
    if "PYTEST_XDIST_WORKER" not in os.environ:  # its master tells it
        signal.signal(signal.SIGTERM, _on_sigterm)
