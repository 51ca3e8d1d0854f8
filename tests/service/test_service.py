# SPDX-License-Identifier: MIT
"""Start, ask, reload and stop: what an operator does with systemctl."""

import re

import pytest
from service import CONFIG, CREDENTIALS, SOCKET, event

UNIT = "/usr/lib/systemd/system/drd.service"
NO_PERMISSION = 77  # EX_NOPERM


def test_systemd_finds_nothing_to_say_about_the_unit(machine):
    """Not asked about the manual: the machine has no man(1)."""
    done = machine.run("systemd-analyze", "verify", "--man=no", UNIT)
    assert done.stdout + done.stderr == ""


def test_exposure(machine):
    """0 is shut, 10 wide open; what is left is the network above all."""
    said = machine.run("systemd-analyze", "security", "drd").stdout
    [score] = re.findall(r"exposure level for drd\.service: ([0-9.]+)", said)
    assert float(score) <= 1.5, said


def test_start_returns_when_drd_is_ready(service):
    service.systemctl("start")
    assert service.is_active()
    assert service.show("SubState") == "running"
    # The socket is there as soon as systemd says so, not some time later.
    assert service.machine.run("drdctl", "poll").returncode == 0
    [started] = service.log(MESSAGE_ID=event("STARTED"))
    assert "keeps 1 stack of /etc/drd/drd.conf" in started["MESSAGE"]


def test_status_is_a_line_for_people(watching):
    line = "shop: steady, us-east-1 active, epoch 1"
    shown = watching.systemctl("status").stdout
    assert f'Status: "{line}' in shown
    assert watching.show("StatusText").startswith(line)


def test_it_runs_as_nobody_special(watching):
    status = watching.machine.path(f"/proc/{watching.pid()}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines())
    uid = watching.machine.run("id", "-u", "drd").stdout.strip()
    assert set(fields["Uid"].split()) == {uid} != {"0"}
    assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")


@pytest.mark.parametrize(
    "path, mode, owner",
    [
        ("/var/lib/drd", 0o700, "drd:drd"),
        ("/var/lib/drd/shop.journal", 0o600, "drd:drd"),
        ("/run/drd", 0o755, "drd:drd"),
        (SOCKET, 0o660, "drd:drd"),
    ],
)
def test_its_files(watching, path, mode, owner):
    stat = watching.machine.run("stat", "-c", "%a %U:%G", path).stdout.split()
    assert stat == [f"{mode:o}", owner]


# ---- who may ask, who may order --------------------------------------------


def test_root_asks_and_orders(watching):
    status = watching.machine.run("drd-status", check=False)
    assert status.returncode in (0, 1)
    assert "shop" in status.stdout
    watching.machine.run("drdctl", "poll", "shop")


def test_a_member_of_the_group_asks(watching):
    status = watching.machine.run("drd-status", user="member", check=False)
    assert status.returncode in (0, 1)
    assert "us-east-1" in status.stdout


def test_a_member_does_not_order(watching):
    order = watching.machine.run(
        "drdctl", "poll", user="member", check=False
    )
    assert order.returncode == NO_PERMISSION, order.stderr
    assert "drd-operator" in order.stderr


def test_an_operator_orders(watching):
    watching.machine.run("drdctl", "poll", "shop", user="deputy")
    [said] = watching.log(" orders: poll")
    uid = watching.machine.run("id", "-u", "deputy").stdout.strip()
    assert f"uid {uid} (pid" in said["MESSAGE"]


def test_a_stranger_neither_asks_nor_orders(watching):
    order = watching.machine.run(
        "drdctl", "poll", user="stranger", check=False
    )
    assert order.returncode == NO_PERMISSION, order.stderr
    status = watching.machine.run("drd-status", user="stranger", check=False)
    assert status.returncode == 3
    assert "not permitted" in status.stderr


def test_where_everybody_may_ask_a_stranger_does_not_order(service):
    text = service.machine.path(CONFIG).read_text()
    service.machine.write(CONFIG, "socket_mode = 0666\n" + text)
    service.systemctl("start")
    service.wait_well()
    machine = service.machine
    status = machine.run("drd-status", user="stranger", check=False)
    assert status.returncode in (0, 1), status.stderr
    order = machine.run("drdctl", "poll", user="stranger", check=False)
    assert order.returncode == NO_PERMISSION
    assert "denied" in order.stderr


# ---- the journal -----------------------------------------------------------


def test_fields_of_the_journal(watching):
    [role] = watching.log("starting -> steady")
    assert role["MESSAGE_ID"] == event("ROLE_CHANGED")
    assert (role["DRD_STACK"], role["DRD_EPOCH"]) == ("shop", "1")
    assert role["SYSLOG_IDENTIFIER"] == "drd"
    assert role["PRIORITY"] == "6"


def test_the_catalogue_explains(watching):
    shown = watching.machine.run(
        "journalctl", "-x", "MESSAGE_ID=" + event("ROLE_CHANGED")
    ).stdout
    assert "Subject: Stack shop has changed its role" in shown
    assert "man:drd(8)" in shown


def test_no_secret_in_the_journal(watching):
    for record in watching.machine.journal(watching.since):
        assert "sandbox-secret" not in str(record)


# ---- reload ----------------------------------------------------------------


def test_reload(watching):
    pid = watching.pid()
    watching.write_config("fall = 5")
    watching.systemctl("reload")
    watching.wait_stack(lambda s: s["fall"] == 5, "the new fall")
    assert watching.is_active()
    assert watching.pid() == pid
    [said] = watching.log(MESSAGE_ID=event("RELOADED"))
    assert "the new configuration is in force" in said["MESSAGE"]


def test_a_bad_reload_fails_and_changes_nothing(watching):
    pid = watching.pid()
    watching.write_config("fall = many")
    done = watching.systemctl("reload", check=False)
    assert done.returncode != 0
    assert watching.is_active()
    assert watching.pid() == pid
    assert watching.stack()["fall"] == 3
    assert [r for r in watching.log("drd.conf:") if "fall" in r["MESSAGE"]]


def test_ready_follows_a_refused_reload(watching):
    """By SIGHUP alone, which is all that some tools send."""
    pid = watching.pid()
    watching.write_config("fall = many")
    watching.systemctl("kill", "--kill-who=main", "-s", "HUP")
    watching.wait_event("RELOAD_REFUSED")
    watching.wait_active()
    assert watching.pid() == pid
    assert watching.stack()["fall"] == 3
    assert "the last reload was refused" in watching.show("StatusText")

    watching.write_config("fall = 4")
    watching.systemctl("reload")
    watching.wait_stack(lambda s: s["fall"] == 4, "the new fall")
    assert "refused" not in watching.show("StatusText")


# ---- credentials -----------------------------------------------------------


def test_credentials_by_systemd(service):
    machine = service.machine
    machine.path(CREDENTIALS).unlink()
    machine.write(
        "/etc/drd/aws-credentials",
        "[default]\naws_access_key_id = sandbox\n"
        "aws_secret_access_key = sandbox-secret\n",
        0o600,
    )
    service.override(
        "LoadCredential=aws:/etc/drd/aws-credentials",
        "Environment=AWS_SHARED_CREDENTIALS_FILE=%d/aws",
    )
    service.systemctl("start")
    service.wait_well()


# ---- stop ------------------------------------------------------------------


def test_stop(watching):
    watching.systemctl("stop")
    assert watching.show("ActiveState") == "inactive"
    assert watching.show("Result") == "success"
    assert watching.show("ExecMainStatus") == "0"
    [said] = watching.log(MESSAGE_ID=event("STOPPING"))
    assert "0 effects pending" in said["MESSAGE"]
    assert not watching.machine.path(SOCKET).exists()
    assert watching.machine.run("drd-status", check=False).returncode == 3
