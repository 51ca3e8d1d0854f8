# SPDX-License-Identifier: MIT
"""The operator's side: orders and who may give them, what is told afterwards,
why drd does what it does, and what a monitor scrapes."""

import grp
import json
import os
import pty
import re
import socket
import subprocess
import time

import pytest
from outside import PRIMARY, STANDBY
from sandboxctl import wait_for

AUDIT = r"[0-9a-z]{8}"


@pytest.fixture
def shop(shop):
    """With time for polls on a busy machine: none here is about speed."""
    shop.write_config(poll_interval="1s", poll_deadline="950ms")
    return shop


@pytest.fixture
def watched(shop):
    shop.start()
    shop.wait_well(60)
    return shop


def order(drd, *words, **options):
    return drd.tool("drdctl", *words, **options)


def history(drd, *words):
    told = drd.tool("drd-status", "history", "--json", "-n", "500", *words)
    assert told.returncode == 0, told.stderr
    reply = json.loads(told.stdout)
    assert reply["schema"] == "drd.history/1"
    return reply["entries"]


def orders(drd):
    return [e for e in history(drd) if e["event"] == "order"]


def gates(drd):
    return {g["name"]: g for g in drd.stack()["gates"]}


def audit_of(done):
    return re.match(rf"({AUDIT}) ", done.stdout).group(1)


# ---- orders ----------------------------------------------------------------


def test_a_failover_by_order_and_back(watched, outside):
    done = order(
        watched,
        *("failover", "shop", "--to", STANDBY, "--yes", "--wait=60s"),
        *("--reason", "rehearsal, ticket 4711"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    first = audit_of(done)
    assert f"{STANDBY}/parameter-active verified" in done.stdout
    assert f"DONE: {STANDBY} is active, epoch 2" in done.stdout
    assert outside.active(STANDBY)["active"] == STANDBY
    assert outside.region_of_users() == STANDBY

    stack = watched.stack()
    assert stack["role"] == "failed-over"
    assert stack["ack_needed"] is None  # somebody has looked: who ordered it
    assert stack["change"]["audit"] == first
    assert "rehearsal, ticket 4711" in stack["change"]["reason"]
    assert f"audit={first}" in watched.log()

    watched.wait_able_to_fail_back()
    done = order(
        watched,
        *("failback", "shop", "--wait=60s", "--reason", "rehearsed"),
    )
    assert outside.region_of_users() == PRIMARY
    assert done.returncode == 0, done.stdout + done.stderr
    second = audit_of(done)
    assert second != first
    assert f"DONE: {PRIMARY} is active, epoch 3" in done.stdout
    watched.wait_role("steady")

    entries = history(watched, "shop")
    of_first = [e for e in entries if e.get("audit") == first]
    assert {e["event"] for e in of_first} == {
        "order",
        "decision",
        "effect",
        "role",
        "completed",
    }
    [decision] = [e for e in of_first if e["event"] == "decision"]
    assert (decision["from"], decision["to"]) == (PRIMARY, STANDBY)
    assert {i["id"] for i in decision["inputs"]} >= {"route53"}
    [told] = [e for e in of_first if e["event"] == "order"]
    assert told["outcome"] == "done"
    assert told["uid"] == os.getuid()
    assert told["reason"] == "rehearsal, ticket 4711"


def test_a_failover_that_is_refused_says_why(watched):
    wrong = order(
        watched,
        *("failover", "shop", "--to", "eu-west-1", "--yes", "-r", "typo"),
    )
    assert wrong.returncode == 4, wrong.stdout + wrong.stderr
    there = order(
        watched,
        *("failover", "shop", "--to", PRIMARY, "--yes", "-r", "muddled"),
    )
    assert there.returncode == 4
    gate = order(
        watched,
        *("failover", "shop", "--to", STANDBY, "--yes", "-r", "x"),
        *("--override", "no-such-gate"),
    )
    assert gate.returncode == 4
    assert watched.stack()["epoch"] == 1
    assert [e["outcome"] for e in orders(watched)] == ["refused"] * 3


def test_nobody_to_ask_is_a_no(watched):
    before = len(orders(watched))
    result = subprocess.run(
        [watched.build / "drdctl", "-s", watched.socket, "failover", "shop"]
        + ["--to", STANDBY, "-r", "x"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=10,
    )
    assert result.returncode == 1
    assert "--yes" in result.stderr
    assert len(orders(watched)) == before


def answer_on_a_terminal(drd, answer):
    """drdctl failover on a terminal of its own; what is typed, and the end."""
    ours, theirs = pty.openpty()
    tool = subprocess.Popen(
        [drd.build / "drdctl", "-s", drd.socket, "failover", "shop"]
        + ["--to", STANDBY, "-r", "x", "--override", "no-such-gate"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.close(theirs)
    os.write(ours, answer)
    out, _ = tool.communicate(timeout=20)
    os.close(ours)
    return tool.returncode, out


def test_a_person_types_the_name_of_the_stack(watched):
    for wrong in (b"yes\n", b"\n", b"shop-2\n", b"\x04"):
        code, out = answer_on_a_terminal(watched, wrong)
        assert code == 1, out
    assert f"moved to {STANDBY}, overriding no-such-gate" in out
    assert orders(watched) == []
    code, out = answer_on_a_terminal(watched, b"shop\n")
    assert code == 4, out  # asked for, and refused: there is no such gate
    assert len(orders(watched)) == 1


def test_an_order_that_takes_long_is_still_running(watched, sandbox):
    sandbox.fault(region=STANDBY, service="ssm", operation="PutParameter", mode="drop")
    slow = order(
        watched,
        *("failover", "shop", "--to", STANDBY, "--yes", "--wait=1s"),
        *("-r", "and its region is down"),
    )
    assert slow.returncode == 6, slow.stdout + slow.stderr
    assert "STILL RUNNING" in slow.stdout
    sandbox.clear()
    watched.wait_role("failed-over", 60)


def test_users_whom_dns_leaves_behind_are_waited_for(watched, outside, sandbox):
    sandbox.fault(region=STANDBY, operation="PutMetricData", mode="refuse")
    left = order(
        watched,
        *("failover", "shop", "--to", STANDBY, "--yes", "--wait=3s"),
        *("-r", "and the latch cannot be set"),
    )
    assert outside.region_of_users() == PRIMARY
    assert left.returncode == 6, left.stdout + left.stderr
    assert "STILL RUNNING: the parameters are verified, and DNS" in left.stdout
    sandbox.clear()
    watched.wait_settled(60)
    assert outside.region_of_users() == STANDBY


def test_a_full_disk_undoes_no_order(watched, outside):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [watched.build / "drdctl", "-s", watched.socket, "failover", "shop"]
            + ["--to", STANDBY, "--yes", "--wait=60s", "-r", "x"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=90,
        )
    assert done.returncode == 0, done.stderr
    assert outside.region_of_users() == STANDBY
    audit = orders(watched)[-1]["audit"]
    assert f"drdctl: cannot be printed: No space left on device: {audit} " in done.stderr
    assert f"DONE: {STANDBY} is active" in done.stderr


def test_waiting_outlives_the_daemon(watched, sandbox):
    sandbox.fault(region=STANDBY, service="ssm", operation="PutParameter", mode="drop")
    waiting = subprocess.Popen(
        [watched.build / "drdctl", "-s", watched.socket, "failover", "shop"]
        + ["--to", STANDBY, "--yes", "--wait=60s", "-r", "x"],
        stdout=subprocess.PIPE,
        text=True,
    )
    watched.wait_role("failing-over")
    watched.kill()
    sandbox.clear()
    watched.start()
    out, _ = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, out
    assert "DONE" in out


def test_a_pause_holds_and_survives_a_restart(watched, outside, sandbox):
    assert order(watched, "pause", "shop", "--for", "2h").returncode == 64
    assert order(watched, "pause", "shop", "-r", "x").returncode == 64
    done = order(
        watched, *("pause", "shop", "--for", "2h", "-r", "maintenance")
    )
    assert done.returncode == 0, done.stderr
    told = watched.tool("drd-status")
    assert told.returncode == 1
    assert "paused until" in told.stdout and "maintenance" in told.stdout
    assert watched.stop() == 0
    watched.start()
    watched.wait_stack(lambda s: s["poll"]["verdict"] == "ok", "a good poll")
    pause = watched.stack()["pause"]
    assert pause["reason"] == "maintenance"
    assert pause["who"].startswith(f"uid {os.getuid()} ")
    assert 7_000_000 < pause["left_ms"] <= 7_200_000
    assert gates(watched)["paused"]["blocks"]
    watched.wait_stack(
        lambda s: (s["earliest"]["in_ms"] or 0) > 7_000_000,
        "a failover when the pause ends",
    )
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    watched.wait_stack(lambda s: s["streak"] > s["fall"], "failing polls")
    assert watched.stack()["epoch"] == 1
    watched.wait_stack(lambda s: s["withheld"].get("paused"), "a word on it")
    why = watched.stack()["level_why"]
    assert why.count("paused until") == 1, why
    assert any(
        e["event"] == "withheld" and "paused" in e["why"]
        for e in history(watched)
    )
    assert order(watched, "resume", "shop", "-r", "enough").returncode == 0
    watched.wait_role("failed-over")
    assert order(watched, "resume", "shop", "-r", "again").returncode == 4


def test_a_failover_is_acknowledged(watched, sandbox):
    assert order(watched, "ack", "shop", "-r", "nothing").returncode == 4
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    watched.wait_role("failed-over")
    assert watched.stack()["ack_needed"]["epoch"] == 2
    told = watched.tool("drd-status")
    assert told.returncode == 2
    assert "not acknowledged" in told.stdout
    done = order(watched, "ack", "shop", "-r", "seen it")
    assert done.returncode == 0, done.stderr
    assert "acknowledged" in done.stdout
    assert watched.stack()["ack_needed"] is None
    assert "not acknowledged" not in watched.screen()


# ---- who may ---------------------------------------------------------------


def as_user(drd, gids, *words):
    """Run a tool as somebody who is in these groups and nobody else."""
    groups = f"--groups={','.join(map(str, gids))}" if gids else "--clear-groups"
    return subprocess.run(
        ["setpriv", "--reuid=54321", "--regid=54321", groups]
        + [drd.build / words[0], "-s", drd.socket, *words[1:]],
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.fixture
def open_to_all(shop, tmp_path):
    """A drd whose socket everybody reaches, with groups for two levels."""
    if os.getuid() != 0:
        pytest.skip("only root can be somebody else")
    for path in [tmp_path, *tmp_path.parents]:
        if path.stat().st_mode & 0o001 == 0:
            if path.parts[:2] != ("/", "tmp"):
                pytest.skip(f"{path} is closed to others")
            path.chmod(path.stat().st_mode | 0o011)
    operators, admins = grp.getgrgid(1), grp.getgrgid(2)
    text = shop.render_config().replace("socket_mode = 0600", "socket_mode = 0666")
    shop.config.write_text(
        f"operator_group = {operators.gr_name}\n"
        f"admin_group = {admins.gr_name}\n" + text
    )
    shop.start()
    shop.wait_well()
    return shop, [operators.gr_gid], [admins.gr_gid]


def test_three_levels(open_to_all):
    drd, operators, admins = open_to_all

    def codes(gids):
        return [
            as_user(drd, gids, *words).returncode
            for words in (
                ("drd-status",),
                ("drdctl", "poll"),
                ("drdctl", "pause", "shop", "--for", "1s", "-r", "x"),
                ("drdctl", "failover", "shop", "--to", "nowhere", "-y", "-r", "x"),
                ("drdctl", "failover", "shop", "--to", "nowhere", "-y", "-r", "x")
                + ("--override", "readiness"),
                ("drdctl", "reload"),
            )
        ]

    nobody, operator, admin = codes([]), codes(operators), codes(admins)
    assert nobody[0] in (0, 1) and nobody[1:] == [77] * 5
    assert operator[0] in (0, 1) and operator[1:] == [0, 0, 4, 77, 77]
    assert admin[0] in (0, 1) and admin[1:] == [0, 0, 4, 4, 0]

    denied = as_user(drd, operators, "drdctl", "reload")
    assert grp.getgrgid(admins[0]).gr_name in denied.stderr
    assert "uid 54321, an operator" in denied.stderr
    last = orders(drd)[-1]
    assert (last["order"], last["outcome"], last["uid"]) == (
        "reload",
        "denied",
        54321,
    )


def test_viewers_can_be_few(open_to_all):
    drd, operators, _ = open_to_all
    drd.stop()
    drd.config.write_text(
        f"viewer_group = {grp.getgrgid(3).gr_name}\n" + drd.config.read_text()
    )
    drd.start()
    stranger = as_user(drd, [], "drd-status")
    assert stranger.returncode == 77
    assert grp.getgrgid(3).gr_name in stranger.stderr
    for gids in ([3], operators):
        assert as_user(drd, gids, "drd-status").returncode in (0, 1, 2)


def test_groups_do_not_change_while_it_runs(watched):
    watched.config.write_text("admin_group = \"\"\n" + watched.render_config())
    refused = order(watched, "reload")
    assert refused.returncode == 78
    assert "admin_group cannot change" in refused.stderr


# ---- what is told ----------------------------------------------------------


def test_the_history_survives_and_is_verified(polled):
    """Nothing may happen while the file is edited: polled by hand only, and
    the first poll of the second life is over."""
    polls = [e for e in orders(polled) if e["order"] == "poll"]
    order(polled, "pause", "shop", "--for", "1s", "-r", "déjà vu")
    polled.stop()
    polled.start()
    polled.wait_role("steady")
    words = [e.get("order") for e in orders(polled)]
    assert words == ["poll"] * len(polls) + ["pause"]
    assert [e["event"] for e in history(polled)].count("start") == 2
    told = polled.tool("drd-status", "history")
    assert told.returncode == 0
    assert "déjà vu" in told.stdout
    assert all(len(line) <= 80 for line in told.stdout.splitlines())

    whole = polled.tool("drd-status", "history", "--verify")
    assert whole.returncode == 0, whole.stderr
    path = polled.directory / "state" / "history.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    assert len(lines) >= 4
    path.write_text("".join(lines).replace("pause", "poll ", 1))
    broken = polled.tool("drd-status", "history", "--verify")
    assert broken.returncode == 2
    assert "changed" in broken.stdout
    path.write_text("".join(lines[:-1]))
    assert polled.tool("drd-status", "history", "--verify").returncode == 2
    path.write_text("".join(lines))
    assert polled.tool("drd-status", "history", "--verify").returncode == 0


def test_a_history_that_cannot_be_written_stops_nothing(
    shop, outside, sandbox
):
    (shop.directory / "state").mkdir(mode=0o700)
    (shop.directory / "state" / "history.jsonl").mkdir()
    shop.start()
    shop.wait_well()
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    shop.wait_role("failed-over")
    assert "history: " in shop.log()
    assert "is a directory" in shop.status()["history_trouble"].lower()
    assert "history NOT WRITTEN" in shop.screen()
    assert any(e["event"] == "decision" for e in history(shop))


def test_explain_says_what_is_in_the_way(watched):
    told = watched.tool("drd-status", "explain", "shop")
    assert told.returncode == 0, told.stderr
    assert all(len(line) <= 80 for line in told.stdout.splitlines())
    assert "\033" not in told.stdout
    for text in ("route53 in us-east-1: ok", "dies with us-east-1", "pass   paused"):
        assert text in told.stdout
    assert "a failover by itself in" in told.stdout
    assert f"when {PRIMARY} is gone no trigger" in told.stdout
    assert "time to recovery" in told.stdout
    assert f"* PutParameter in {STANDBY}, at once: /dr/" in told.stdout
    order(watched, "pause", "shop", "--for", "1h", "-r", "a rehearsal")
    told = watched.tool("drd-status", "explain", "shop")
    assert told.returncode == 1
    assert "BLOCK  paused" in told.stdout
    assert "a rehearsal" in told.stdout
    assert "cleared by: " in told.stdout
    every = watched.tool("drd-status", "explain")
    assert "STACK shop" in every.stdout


# ---- metrics ---------------------------------------------------------------

NAME = r"[a-z_][a-z0-9_]*"
SAMPLE = re.compile(
    rf'({NAME})(?:\{{({NAME}="(?:[^"\\\n]|\\[\\"n])*"'
    rf'(?:,{NAME}="(?:[^"\\\n]|\\[\\"n])*")*)\}})? (-?\d+(?:\.\d+)?)$'
)


def scrape(drd):
    """Parse as a Prometheus would; whatever it would refuse is an error."""
    told = drd.tool("drd-status", "--prom")
    assert told.returncode == 0, told.stderr
    assert told.stdout.endswith("\n")
    families, samples, family = {}, {}, None
    for line in told.stdout.splitlines():
        if line.startswith("# HELP "):
            family, text = line[7:].split(" ", 1)
            assert family not in families, f"{family} is told twice"
            assert text
            families[family] = None
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            assert name == family and kind in ("gauge", "counter")
            assert families[family] is None
            families[family] = kind
            assert name.endswith("_total") == (kind == "counter"), line
        else:
            match = SAMPLE.match(line)
            assert match, line
            assert match[1] == family and families[family], line
            key = (match[1], match[2] or "")
            assert key not in samples, f"{line} is told twice"
            samples[key] = float(match[3])
    return samples


def test_metrics_are_what_a_prometheus_reads(watched, sandbox):
    samples = scrape(watched)
    assert samples["drd_state", 'stack="shop",state="steady"'] == 1
    assert samples["drd_active_region", f'stack="shop",region="{PRIMARY}"'] == 1
    assert samples["drd_epoch", 'stack="shop"'] == 1
    assert samples["drd_gate_blocking", 'stack="shop",gate="paused"'] == 0
    assert samples["process_resident_memory_bytes", ""] > 1e6
    assert 3 < samples["process_open_fds", ""] < 200
    assert samples["drd_socket_clients", ""] == 1
    assert samples["drd_loop_longest_callback_seconds", ""] < 5
    assert samples["drd_recovery_waiting_seconds", 'stack="shop"'] == 0
    for region in (PRIMARY, STANDBY):
        asked = f'service="ssm",region="{region}",result="ok"'
        assert samples["drd_aws_requests_total", asked] > 0
        queue = f'stack="shop",region="{region}"'
        assert samples["drd_notify_queue", queue] == 0
        assert samples["drd_notify_oldest_age_seconds", queue] == 0
    seen = f'stack="shop",region="{PRIMARY}",signal="route53"'
    observed = samples["drd_signal_last_observed_timestamp_seconds", seen]
    assert abs(observed - time.time()) < 30
    assert order(watched, "reload").returncode == 0

    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    watched.wait_role("failed-over")
    samples = scrape(watched)
    done = 'stack="shop",kind="failover",trigger="automatic",result="done"'
    assert samples["drd_failovers_total", done] == 1
    assert samples["drd_epoch", 'stack="shop"'] == 2
    assert samples["drd_ack_required", 'stack="shop"'] == 1
    assert samples["drd_config_reload_total", 'result="ok"'] == 1
    assert samples["drd_last_failover_timestamp_seconds", 'stack="shop"'] > 1e9
    checks = 'stack="shop",region="us-east-1",signal="route53",result="ok"'
    assert samples["drd_signal_checks_total", checks] >= 1


def test_metrics_of_what_waits_and_what_was_proved(polled, sandbox):
    """Throttles, notices that nobody takes, and the canary."""
    polled.write_config(readiness="canary = 1d")
    assert order(polled, "reload").returncode == 0

    def at_of(what):
        polled.poll()  # after a poll it sings
        proof = f'stack="shop",region="{STANDBY}",what="{what}"'
        name = "drd_canary_last_success_timestamp_seconds"
        return scrape(polled).get((name, proof))

    for what in ("parameter", "notice"):
        at = wait_for(lambda what=what: at_of(what), 20, what="a canary")
        assert abs(at - time.time()) < 60

    fault = sandbox.fault(region=PRIMARY, service="monitoring", mode="throttle")
    topic = sandbox.fault(region=STANDBY, service="sns", mode="drop")
    polled.poll()
    drill = "failover", "shop", "--to", STANDBY, "--yes", "-r", "a drill"
    told = order(polled, *drill)
    assert told.returncode == 0, told.stderr
    waits = "drd_notify_oldest_age_seconds", f'stack="shop",region="{STANDBY}"'
    wait_for(lambda: scrape(polled).get(waits), 20, what="a notice that waits")
    samples = scrape(polled)
    throttled = f'service="cloudwatch",region="{PRIMARY}",result="throttled"'
    assert samples["drd_aws_requests_total", throttled] > 0
    assert samples["drd_notify_queue", f'stack="shop",region="{STANDBY}"'] > 0
    sandbox.clear(fault)
    sandbox.clear(topic)
    wait_for(lambda: scrape(polled)[waits] == 0, 60, what="all told")


def test_a_request_can_be_typed(watched):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(10)
        client.connect(str(watched.socket))
        client.sendall(b"pause shop for=2h reason=typed, with = and spaces\n")
        reply = client.makefile().read()
    assert re.match(rf"OK {AUDIT} shop: paused until ", reply)
    assert watched.stack()["pause"]["reason"] == "typed, with = and spaces"
    wait_for(lambda: orders(watched), 5, 0.05, "the order")


@pytest.mark.parametrize("away", ["unlink", "rename"])
def test_a_history_taken_away_goes_on_and_has_a_hole(polled, away):
    """What happens next is on disk, restart or not, and never looks whole."""
    path = polled.directory / "state" / "history.jsonl"
    order(polled, "pause", "shop", "--for", "1s", "-r", "before")
    wait_for(lambda: "before" in path.read_text(), 10, what="a line")
    if away == "unlink":
        path.unlink()
    else:
        path.rename(path.with_suffix(".old"))
    order(polled, "pause", "shop", "--for", "1s", "-r", "behind")
    wait_for(path.exists, 10, what="a new file")
    wait_for(lambda: "behind" in path.read_text(), 10, what="a line")
    assert "was removed, replaced or cut while drd ran" in polled.log()
    for _ in range(2):
        told = polled.tool("drd-status", "history", "--verify")
        assert told.returncode == 2
        assert "its file was removed" in told.stdout
        shown = polled.tool("drd-status", "history").stdout
        assert "hole" in shown and "behind" in shown
        polled.stop()
        polled.start()
