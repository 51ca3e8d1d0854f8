# SPDX-License-Identifier: MIT
"""drd as a service: started, watched, reloaded and stopped by a manager."""

import os
import signal
import socket
import subprocess
import time

import pytest
from drdctl import Drd
from outside import PRIMARY, STANDBY
from sandboxctl import wait_for


class Manager:
    """systemd's end of sd_notify."""

    def __init__(self, directory):
        self.path = str(directory / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.told = []  # {"READY": "1"}, ...

    def listen(self):
        while True:
            try:
                message = self.socket.recv(4096).decode()
            except BlockingIOError:
                return self.told
            self.told.append(
                dict(line.split("=", 1) for line in message.splitlines())
            )

    def wait(self, name, value=None, seconds=10):
        """The first message with this assignment; it and all before it go."""

        def look():
            for i, message in enumerate(self.listen()):
                if name in message and value in (None, message[name]):
                    del self.told[: i + 1]
                    return message
            return None

        return wait_for(look, seconds, what=f"{name}={value or '...'}")

    def close(self):
        self.socket.close()


@pytest.fixture
def manager(tmp_path):
    manager = Manager(tmp_path)
    yield manager
    manager.close()


@pytest.fixture
def service(shop, manager):
    """drd as systemd starts it, not started yet."""
    shop.extra_environment["NOTIFY_SOCKET"] = manager.path
    return shop


def test_ready_and_status_are_told(service, manager, sandbox):
    service.launch()
    manager.wait("READY", "1")
    assert service.answers()  # ready means ready
    status = manager.wait("STATUS", f"shop: steady, {PRIMARY} active, epoch 1")
    assert len(status["STATUS"]) < 200
    service.wait_well()
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    assert manager.wait("STATUS", "shop: suspect 1/3, us-east-1 active, epoch 1")
    manager.wait(
        "STATUS",
        f"shop: failed-over, {STANDBY} active, epoch 2, acknowledgement needed",
    )


def test_a_reload_is_told(service, manager):
    service.start()
    manager.wait("READY", "1")
    service.hang_up()
    message = manager.wait("RELOADING", "1")
    # systemd drops it unless it is newer than its own signal.
    now = time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6
    assert now - 10e6 < int(message["MONOTONIC_USEC"]) <= now
    manager.wait("READY", "1")

    service.config.write_text("nonsense")
    service.hang_up()
    manager.wait("RELOADING", "1")
    manager.wait("READY", "1")
    assert "refused" in manager.wait("STATUS")["STATUS"]


def test_the_watchdog_is_fed_from_the_loop(service, manager):
    service.extra_environment["WATCHDOG_USEC"] = "400000"
    service.start()
    for _ in range(4):
        manager.wait("WATCHDOG", "1", seconds=2)
    # A process that stands still is not alive.
    service.process.send_signal(signal.SIGSTOP)
    manager.listen()
    manager.told.clear()
    with pytest.raises(AssertionError):
        manager.wait("WATCHDOG", "1", seconds=1)
    service.process.send_signal(signal.SIGCONT)
    manager.wait("WATCHDOG", "1", seconds=2)


def test_without_a_watchdog_none_is_fed(service, manager):
    service.start()
    service.wait_polls(3)
    assert all("WATCHDOG" not in message for message in manager.listen())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told(service, manager, number):
    service.start()
    service.process.send_signal(number)
    assert service.process.wait(5) == 0
    manager.wait("STOPPING", "1")
    assert not service.socket.exists()
    assert "stop: 0 effects pending" in service.log()


def test_what_is_pending_at_the_stop_is_done_after_the_start(
    watched, outside, sandbox
):
    before = outside.mark()
    sandbox.fault(region=PRIMARY, service="ssm", mode="drop")
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    watched.wait_role("failed-over")
    watched.wait_stack(lambda s: s["change"]["pending"] == 2, "two effects left")
    assert watched.stop() == 0
    assert "stop: 2 effects pending, kept in the journal" in watched.log()
    assert not watched.socket.exists()
    sandbox.clear()
    watched.start()
    watched.wait_settled()
    assert outside.active(PRIMARY)["epoch"] == 2
    assert len(outside.notices(PRIMARY, before)) == 1


def test_it_stops_at_once_when_nothing_answers(watched, sandbox):
    sandbox.fault(plane="api", mode="drop")
    watched.wait_role("isolated")
    began = time.monotonic()
    assert watched.stop() == 0
    assert time.monotonic() - began < 2


def test_a_second_one_is_refused(build, watched, sandbox, tmp_path):
    """On the same socket, and on the same journal."""
    second = subprocess.run(
        [build / "drd", "run", "-f", watched.config],
        env=watched.environment(),
        capture_output=True,
        text=True,
        timeout=10,
    )
    assert second.returncode == 1
    assert str(watched.socket) in second.stderr

    (tmp_path / "second").mkdir()
    with Drd(build, sandbox, tmp_path / "second") as other:
        text = other.config.read_text()
        other.config.write_text(
            text.replace(
                f'"{other.directory}/state"', f'"{watched.directory}/state"'
            )
        )
        other.launch()
        assert other.process.wait(10) == 1
        assert "shop.journal" in other.log()
        assert "another" in other.log()
    # The first one has noticed nothing.
    watched.wait_polls(2)
    watched.wait_role("steady")
    assert watched.socket.exists()


def test_a_dead_ones_socket_is_replaced(watched):
    watched.kill()
    assert watched.socket.exists()
    watched.start()
    watched.wait_well()


def test_a_state_dir_that_cannot_be_written(shop, outside):
    text = shop.config.read_text()
    shop.config.write_text(
        text.replace(f"{shop.directory}/state", "/proc/nonexistent/state")
    )
    before = outside.mark()
    shop.launch()
    assert shop.process.wait(10) == 1
    assert "/proc/nonexistent/state" in shop.log()
    assert outside.drd_calls(before) == []


def test_files_are_for_the_daemons_user_alone(watched):
    state = watched.directory / "state"
    assert state.stat().st_mode & 0o777 == 0o700
    assert (state / "shop.journal").stat().st_mode & 0o077 == 0
    assert os.stat(watched.socket).st_mode & 0o777 == 0o600
