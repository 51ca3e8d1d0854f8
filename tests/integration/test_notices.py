# SPDX-License-Identifier: MIT
"""What people and programs are told, and that telling is in nobody's way."""

import json
import re

import pytest
from drdctl import signal_of
from outside import PRIMARY, REGIONS, STANDBY
from sandboxctl import wait_for
from test_failover import break_users, fail_over, mend_users


def events(outside, region, since):
    return [n["event"] for n in outside.notices(region, since, event=None)]


def wait_event(outside, region, since, event):
    """The one notice of this event, once it has come."""
    wait_for(
        lambda: outside.notices(region, since, event), 20, what=f"a {event}"
    )
    [notice] = outside.notices(region, since, event)
    return notice


def waiting(drd):
    """Region: how many notices wait to be told there."""
    regions = drd.stack()["notices"]["regions"]
    return {r["region"]: r["waiting"] for r in regions}


def wait_told(drd):
    wait_for(lambda: not any(waiting(drd).values()), 60, what="all told")


def test_the_story_of_a_failover_and_back(watched, outside, sandbox):
    before = outside.mark()
    fault = fail_over(watched, outside, sandbox)
    audit = watched.stack()["change"]["audit"]
    for region in REGIONS:
        done = wait_event(outside, region, before, "COMPLETED")
        assert (done["from"], done["to"]) == (PRIMARY, STANDBY)
        assert (done["epoch"], done["audit"]) == (2, audit)
        assert (done["region"], done["stack"]) == (region, "shop")
        assert done["step"] == f"{region}/completed-2"
        # The first of three polls is the first of it.
        assert 100 <= done["recovery_ms"] < 30_000
        assert done["rto_target_ms"] == 300_000
        wait_event(outside, region, before, "ACK_NEEDED")
        told = events(outside, region, before)
        assert sorted(told) == [
            "ACK_NEEDED",
            "COMPLETED",
            "DETECTED",
            "STARTED",
        ]

    mend_users(outside, sandbox, fault)
    watched.wait_able_to_fail_back()
    before = outside.mark()
    order = watched.tool("drdctl", "failback", "shop", "--reason", "well")
    assert order.returncode == 0, order.stderr
    for region in REGIONS:
        back = wait_event(outside, region, before, "FAILED_BACK")
        assert (back["to"], back["epoch"]) == (PRIMARY, 3)
        assert sorted(events(outside, region, before)) == [
            "FAILED_BACK",
            "STARTED",
        ]


def test_people_read_a_text_and_programs_a_document(
    watched, outside, sandbox
):
    before = outside.mark()
    fail_over(watched, outside, sandbox)
    wait_event(outside, STANDBY, before, "COMPLETED")
    for message in sandbox.sns(before["sns"], STANDBY):
        if "drd_event" not in message["attributes"]:
            continue  # an alarm's
        faces = json.loads(message["message"])
        document = json.loads(faces["sqs"])
        assert faces["https"] == faces["lambda"] == faces["sqs"]
        assert document["reason"] in faces["default"]
        assert "stack      shop\n" in faces["default"]
        assert message["attributes"] == {
            "drd_stack": "shop",
            "drd_epoch": str(document["epoch"]),
            "drd_step": document["step"],
            "drd_event": document["event"],
        }
        assert message["subject"].startswith(f"drd: {document['event']} of")


def test_recovery_is_measured_and_compared(watched, outside, sandbox):
    fail_over(watched, outside, sandbox)
    recovery = watched.stack()["change"]["recovery"]
    assert recovery["target_ms"] == 300_000
    assert 100 <= recovery["users_ms"] <= recovery["all_ms"] < 60_000
    assert recovery["target_met"] is True and recovery["waiting_ms"] is None

    told = watched.tool("drd-status", "history", "--json", "-n", "500")
    entries = json.loads(told.stdout)["entries"]
    done = [e for e in entries if e["event"] in ("completed", "settled")]
    assert done[0]["event"] == "completed" and len(done) <= 2
    assert done[0]["users_ms"] == recovery["users_ms"]
    assert done[-1]["all_ms"] == recovery["all_ms"]
    assert {e["target_ms"] for e in done} == {300_000}

    # It is of the journal, and so it outlives the daemon.
    watched.kill()
    watched.start()
    assert watched.stack()["change"]["recovery"] == recovery
    seconds = recovery["users_ms"] / 1000
    scraped = watched.tool("drd-status", "--prom").stdout
    assert (
        f'drd_last_recovery_time_seconds{{stack="shop"}} {seconds:.3f}'
        in scraped
    )
    explained = " ".join(watched.tool("drd-status", "explain").stdout.split())
    assert re.search(
        r"failover to us-west-2, epoch 2, took .* of the 5m of rto_target",
        explained,
    )


def test_a_recovery_that_takes_too_long_is_a_warning(
    polled, outside, sandbox
):
    """Until somebody has acknowledged it."""
    polled.write_config(stack="rto_target = 1s")
    assert polled.tool("drdctl", "reload").returncode == 0
    break_users(outside, sandbox)
    polled.poll()
    wait_for(
        lambda: signal_of(polled.stack(), "route53")["verdict_age_ms"] > 1000,
        5,
        what="a second since the first failing poll",
    )
    polled.poll()
    polled.poll()
    polled.wait_role("failed-over")
    polled.wait_settled()
    late = r"the failover took .*, longer than the 1s of rto_target"
    stack = polled.stack()
    assert re.search(late, stack["level_why"])
    assert stack["change"]["recovery"]["target_met"] is False
    told = polled.tool("drdctl", "ack", "shop", "--reason", "it was slow")
    assert told.returncode == 0, told.stderr
    stack = polled.stack()
    assert stack["level"] == "warning"
    assert not re.search(late, stack["level_why"])


@pytest.mark.parametrize("mode", ["drop", "throttle"])
def test_a_hung_topic_is_in_nobodys_way(watched, outside, sandbox, mode):
    before = outside.mark()
    hung = [
        sandbox.fault(region=region, service="sns", mode=mode)
        for region in REGIONS
    ]
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    watched.wait_role("failed-over")
    parameters = [
        e
        for e in watched.stack()["change"]["effects"]
        if e["kind"] == "parameter"
    ]
    assert all(e["verified_after_ms"] < 4500 for e in parameters if e["leads"])
    wait_for(lambda: min(waiting(watched).values()) >= 1, 30)

    def trouble():
        region = watched.stack()["notices"]["regions"][1]
        assert region["region"] == STANDBY and region["tries"] >= 1
        assert region["oldest_age_ms"] >= 0
        return region["trouble"]

    assert STANDBY in wait_for(trouble, 30)

    watched.kill()
    watched.start()
    assert min(waiting(watched).values()) >= 1  # they were on disk
    for fault in hung:
        sandbox.clear(fault)
    wait_told(watched)
    for region in REGIONS:
        steps = {
            n["step"] for n in outside.notices(region, before, event=None)
        }
        assert any("/detected-" in step for step in steps)
    watched.wait_settled(60)
    for region in REGIONS:
        wait_event(outside, region, before, "COMPLETED")


def test_a_restart_does_not_repeat(watched, outside, sandbox):
    before = outside.mark()
    fail_over(watched, outside, sandbox)
    for region in REGIONS:
        wait_event(outside, region, before, "ACK_NEEDED")
    wait_told(watched)
    before = outside.mark()
    for _ in range(2):
        watched.kill()
        watched.start()
        watched.wait_polls(6)
    for region in REGIONS:
        assert events(outside, region, before) == []


def test_a_short_trouble_is_not_told(polled, outside, sandbox):
    before = outside.mark()
    fault = break_users(outside, sandbox)
    polled.poll()
    mend_users(outside, sandbox, fault)
    polled.poll()
    polled.poll()
    for region in REGIONS:
        assert events(outside, region, before) == []


def test_blindness_is_told_once(watched, outside, sandbox):
    before = outside.mark()
    faults = [
        sandbox.fault(region=PRIMARY, service=service, mode="throttle")
        for service in ("route53", "monitoring")
    ]
    for region in REGIONS:
        notice = wait_event(outside, region, before, "BLIND")
        assert notice["step"].startswith(f"{region}/blind-")
        assert "from" not in notice
    watched.wait_polls(4)
    watched.kill()
    watched.start()
    watched.wait_polls(14)
    for region in REGIONS:
        assert events(outside, region, before) == ["BLIND"]
    for fault in faults:
        sandbox.clear(fault)


def test_a_step_that_fails_is_told(watched, outside, sandbox):
    """A standby that cannot be written: users wait, and somebody must know."""
    before = outside.mark()
    sandbox.fault(
        region=STANDBY,
        service="ssm",
        operation="PutParameter",
        mode="throttle",
    )
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    watched.wait_role("failing-over")
    for region in REGIONS:
        notice = wait_event(outside, region, before, "STEP_FAILED")
        assert notice["step"] == f"{region}/step-failed-2-{STANDBY}"
        assert f"{STANDBY}/parameter-active: " in notice["reason"]


def test_planes_that_disagree_are_told_once(shop, outside):
    """One parameter is held back, as a restored backup would do it."""
    shop.write_config(reconcile_interval="1h")
    shop.start()

    def is_at_rest(stack):
        """No pass is to come for an hour that would repair what is put."""
        passes = stack["reconcile"]
        return (
            stack["level"] == "ok"
            and not passes["running"]
            and passes["last"] is not None
            and passes["last"]["frozen"] == 0
            and all(
                p["agrees"] == "yes"
                for p in stack["planes"]
                if p["plane"] != "latch"
            )
        )

    stack = shop.wait_stack(is_at_rest, "planes that agree")
    assert [(p["plane"], p["region"]) for p in stack["planes"]] == [
        ("journal", None),
        ("parameter", PRIMARY),
        ("parameter", STANDBY),
        ("dns", None),
        ("latch", None),
    ]
    before = outside.mark()
    good = outside.parameter(PRIMARY, "active")

    def put(value):
        outside.boto("ssm", PRIMARY).put_parameter(
            Name=f"{outside.prefix}/active",
            Value=value,
            Type="SecureString",
            Overwrite=True,
        )

    put(json.dumps({**json.loads(good), "active": STANDBY}))
    stack = shop.wait_stack(lambda s: s["apart"], "planes apart")
    assert stack["level"] == "critical"
    assert f"the primary's parameter says {STANDBY}, epoch 1" in stack["apart"]
    apart = [p["region"] for p in stack["planes"] if p["agrees"] == "no"]
    assert apart == [PRIMARY]
    prom = shop.tool("drd-status", "--prom").stdout
    assert 'drd_plane_divergence{stack="shop"} 1' in prom
    explained = shop.tool("drd-status", "explain").stdout
    assert f"no      parameter in {PRIMARY}: {STANDBY}, epoch 1" in explained
    for region in REGIONS:
        assert "parameter" in wait_event(outside, region, before, "APART")["reason"]

    put(good)
    shop.wait_stack(lambda s: not s["apart"], "planes together")
    assert shop.role() == "steady"
    assert events(outside, STANDBY, before) == ["APART"]
