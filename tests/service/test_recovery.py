# SPDX-License-Identifier: MIT
"""What becomes of drd when something goes wrong with it, and of its work."""

import fcntl

from outside import PRIMARY, REGIONS, STANDBY
from sandboxctl import KEY, SECRET, wait_for
from service import CREDENTIALS, event

JOURNAL = "/var/lib/drd/shop.journal"
BAD_CONFIG = 78  # EX_CONFIG


def test_a_frozen_drd_is_killed_and_started_anew(watching):
    """The unit's own limit is a minute; a test is less patient."""
    assert watching.show("WatchdogUSec") == "1min"
    watching.systemctl("stop")
    watching.override("WatchdogSec=2s", "TimeoutAbortSec=2s")
    watching.systemctl("start")
    watching.wait_well()
    pid = watching.pid()
    watching.systemctl("kill", "--kill-who=main", "-s", "STOP")
    watching.wait_restarted(pid)
    watching.wait_well()
    assert watching.show("NRestarts") == "1"
    assert watching.manager_log("Watchdog timeout")


def test_a_watched_drd_keeps_running(watching):
    """The sign of life comes in time, or systemd would not wait."""
    watching.systemctl("stop")
    watching.override("WatchdogSec=1s")
    watching.systemctl("start")
    pid = watching.pid()
    count = watching.wait_well()["poll"]["count"]
    watching.wait_stack(lambda s: s["poll"]["count"] > count + 15, "15 polls")
    assert watching.pid() == pid


def test_a_bad_configuration_is_not_tried_again(service):
    service.write_config("fall = many")
    assert service.systemctl("start", check=False).returncode != 0
    assert service.show("ActiveState") == "failed"
    assert service.show("ExecMainStatus") == str(BAD_CONFIG)
    assert service.show("NRestarts") == "0"
    assert service.log("drd.conf:")


def test_what_may_mend_by_itself_is_tried_again(service):
    """Somebody else has the journal, and keeps it for many a start."""
    service.override("RestartSec=50ms")
    service.systemctl("start")
    service.systemctl("stop")
    with service.machine.path(JOURNAL).open() as journal:
        fcntl.flock(journal, fcntl.LOCK_EX)
        service.systemctl("start", check=False)
        wait_for(
            lambda: int(service.show("NRestarts")) > 12, 30, 0.1, "12 starts"
        )
    service.wait_well()
    assert service.is_active()


def test_credentials_may_come_late(service):
    """In a file of their own: drd is up, and looks again at a reload."""
    service.machine.path(CREDENTIALS).unlink()
    late = "/etc/drd/aws-credentials"
    service.override(f"Environment=AWS_SHARED_CREDENTIALS_FILE={late}")
    service.systemctl("start")
    pid = service.pid()
    assert service.log("without credentials")
    service.machine.write(
        late,
        f"[default]\naws_access_key_id = {KEY}\n"
        f"aws_secret_access_key = {SECRET}\n",
    )
    service.systemctl("reload")
    service.wait_well()
    assert service.pid() == pid
    service.machine.path(late).unlink()


def test_killed_in_the_middle_of_a_failover(watching, outside, sandbox):
    before = outside.mark()
    stuck = [
        sandbox.fault(region=r, operation="PutParameter", mode="throttle")
        for r in REGIONS
    ]
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    watching.wait_role("failing-over")
    pid = watching.pid()
    watching.systemctl("kill", "--kill-who=main", "-s", "KILL")
    watching.wait_restarted(pid)
    for region in REGIONS:
        assert outside.active(region)["active"] == PRIMARY
    assert watching.show("NRestarts") == "1"

    for fault in stuck:
        sandbox.clear(fault)
    watching.wait_role("failed-over")
    watching.wait_settled()
    for region in REGIONS:
        active = outside.active(region)
        assert (active["active"], active["epoch"]) == (STANDBY, 2)
        assert outside.notices(region, before)
    # Decided once, by the process that was killed; the next one only goes on.
    decided = watching.log("suspect -> failing-over", DRD_STACK="shop")
    assert [int(r["_PID"]) for r in decided] == [pid]
    # What it did says for whom, where, and which time.
    effects = watching.log(MESSAGE_ID=event("EFFECT"), DRD_STACK="shop")
    assert {r["DRD_REGION"] for r in effects} >= set(REGIONS)
    assert {r["DRD_EPOCH"] for r in effects} == {"2"}
