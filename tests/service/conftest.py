# SPDX-License-Identifier: MIT
"""drd as `make install` leaves it, on a machine with a systemd of its own.

run.sh made the machine's tree and a network that is loopback and nothing
else.  One machine and one sandbox serve all tests; each test finds the
service stopped, without state, and the stack at its beginning.
"""

import os
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "integration"), str(TESTS.parent)]

from machine import Machine  # noqa: E402
from outside import Outside  # noqa: E402
from sandboxctl import Sandbox, wait_for  # noqa: E402
from service import Service  # noqa: E402

SPEED = 60  # an AWS minute is a second


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    """Set up as the README says, once it has booted."""
    root = os.environ.get("DRD_SERVICE_ROOT")
    if root is None:
        pytest.exit("run tests/service/run.sh", returncode=1)
    log_file = tmp_path_factory.mktemp("machine") / "log"
    with Machine(root, log_file) as machine:
        machine.run("systemd-sysusers")
        machine.run("journalctl", "--update-catalog")
        machine.run("systemctl", "daemon-reload")
        machine.run("useradd", "--groups", "drd", "member")
        # Not "operator": Debian has a group of that name.
        machine.run("useradd", "--groups", "drd,drd-operator", "deputy")
        machine.run("useradd", "stranger")
        yield machine


@pytest.fixture(scope="session")
def running():
    with Sandbox(speed=SPEED) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    """Whatever a test breaks is mended after it."""
    yield running
    running.clear()


@pytest.fixture(scope="session")
def outside(machine, running):
    """The stack as everybody but drd sees it, applied once."""
    service = Service(machine, running)
    service.write_config()
    machine.run(
        "env", *(f"{k}={v}" for k, v in running.environment().items()),
        "drd", "apply", "--yes",
    )  # fmt: skip
    outside = Outside(running)
    outside.remember_parameters()
    return outside


@pytest.fixture
def service(machine, sandbox, outside):
    """Configured, not started."""
    service = Service(machine, sandbox)
    service.clean()
    service.write_config()
    service.write_credentials()
    outside.restore_parameters()
    wait_for(outside.is_healthy, 20, 0.1, "a healthy primary")
    yield service
    service.clean()


@pytest.fixture
def watching(service):
    """Started by systemd, and all is well."""
    service.systemctl("start")
    service.wait_well()
    return service
