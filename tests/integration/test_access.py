# SPDX-License-Identifier: MIT
"""Who drd is to AWS: credentials, clocks, and secrets that stay secret."""

import base64

import pytest
from outside import PRIMARY


def test_without_credentials_it_says_so_and_ends(shop, outside):
    before = outside.mark()
    shop.extra_environment = {
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
    }
    shop.launch()
    assert shop.process.wait(10) == 1
    assert "credentials" in shop.log()
    assert not shop.socket.exists()
    for verb in (["plan"], ["apply", "--yes"]):
        told = shop.verb(*verb)
        assert told.returncode == 1
        assert "credentials" in told.stderr
    assert outside.drd_calls(before) == []


def test_with_wrong_credentials_it_says_so_and_does_nothing(shop, outside):
    before = outside.mark()
    shop.extra_environment = {"AWS_SECRET_ACCESS_KEY": "not-the-secret"}
    shop.start()
    stack = shop.wait_stack(
        lambda s: s["trouble"] and s["poll"]["count"] > 3, "the trouble"
    )
    assert stack["role"] == "starting"
    assert "another signature" in stack["trouble"]
    alarms = [s for s in stack["signals"] if s["class"] == "alarm"]
    assert {s["reason"] for s in alarms} == {"denied"}
    assert shop.tool("drd-status").returncode == 1
    plan = shop.verb("plan")
    assert plan.returncode == 1
    assert "another signature" in plan.stdout
    assert [c for c in outside.drd_calls(before) if c["status"] == 200] == []
    said = shop.log() + plan.stdout + plan.stderr + shop.screen()
    assert "not-the-secret" not in said


def test_credentials_from_the_shared_file(shop, tmp_path):
    (tmp_path / "credentials").write_text(
        "[other]\n"
        "aws_access_key_id = sandbox\n"
        "aws_secret_access_key = sandbox-secret\n"
    )
    shop.extra_environment = {
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_PROFILE": "other",
    }
    assert shop.verb("plan").returncode == 0
    shop.start()
    shop.wait_well()


@pytest.mark.parametrize("seconds", [900, -900])
def test_a_wrong_clock_is_corrected(watched, outside, sandbox, seconds):
    """AWS refuses what was signed five minutes off; drd learns the offset."""
    sandbox.clock(skew_seconds=seconds)
    before = outside.mark()
    watched.wait_polls(6)
    watched.wait_role("steady")
    calls = outside.drd_calls(before, operation="DescribeAlarms")
    answered = [c["status"] for c in calls if c["status"] is not None]
    assert answered[-4:] == [200] * 4
    assert watched.verb("plan").returncode == 0


def test_no_secret_in_any_log(watched, outside, sandbox):
    """Not in drd's log either when it tells everything."""
    watched.write_config()
    text = watched.config.read_text()
    watched.config.write_text(text.replace("= info", "= debug"))
    assert watched.tool("drdctl", "reload").returncode == 0
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    watched.wait_role("failed-over")
    watched.wait_settled()
    signature = next(
        value
        for call in sandbox.calls(user_agent="drd/")
        for name, value in call["headers"]
        if name.lower() == "authorization"
    ).rpartition("Signature=")[2]
    assert len(signature) == 64
    told = watched.log() + watched.screen() + str(watched.journal())
    for secret in ("sandbox-secret", signature):
        assert secret not in told
        assert base64.b64encode(secret.encode()).decode() not in told
