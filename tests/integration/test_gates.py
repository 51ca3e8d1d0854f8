# SPDX-License-Identifier: MIT
"""What keeps drd from failing over although the primary fails, how long, and
who may say otherwise."""

import json

import pytest
from outside import PRIMARY, REGIONS, STANDBY
from sandboxctl import wait_for
from test_failover import fail_over, mend_users
from test_readiness import look


@pytest.fixture
def shop(shop):
    """With time for polls on a busy machine: none here is about speed."""
    shop.write_config(poll_interval="1s", poll_deadline="950ms")
    return shop


def order(drd, *words, reason="a test"):
    done = drd.tool("drdctl", *words, "--reason", reason)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def reload(drd):
    done = drd.tool("drdctl", "reload")
    assert done.returncode == 0, done.stderr


def due_and_withheld(drd, gate):
    """The status once a failover is due and this gate is in the way."""
    return drd.wait_stack(
        lambda s: s["withheld"].get(gate)
        and s["role"] == "suspect"
        and gate in (s["trouble"] or ""),
        f"a failover withheld by {gate}",
        60,
    )


def break_users(sandbox):
    return sandbox.fault(region=PRIMARY, plane="data", mode="refuse")


def nothing_was_moved(outside, before):
    assert outside.writes(before) == []
    assert {outside.active(r)["active"] for r in REGIONS} == {PRIMARY}


def move_back_by_hand(outside, epoch):
    """As another controller does it, or a person with the AWS CLI."""
    for region in REGIONS:
        value = {**outside.active(region), "active": PRIMARY, "epoch": epoch}
        outside.boto("ssm", region).put_parameter(
            Name=f"{outside.prefix}/active",
            Value=json.dumps(value),
            Type="SecureString",
            Overwrite=True,
        )


def test_an_adviser_tells_and_an_order_does(shop, outside, sandbox):
    shop.write_config(stack="mode = advisory")
    shop.start()
    shop.wait_well(60)
    before = outside.mark()
    break_users(sandbox)
    due_and_withheld(shop, "mode")
    wait_for(
        lambda: all(
            len(outside.notices(region, before, "ADVISED")) == 1
            for region in REGIONS
        ),
        30,
        0.1,
        "a word to everybody",
    )
    shop.wait_polls(5)
    nothing_was_moved(outside, before)
    assert len(outside.notices(STANDBY, before, "ADVISED")) == 1
    order(shop, "failover", "shop", "--to", STANDBY, "--yes")
    shop.wait_role("failed-over", 60)
    assert outside.active(STANDBY)["active"] == STANDBY


def test_no_adviser_any_more_it_acts(shop, outside, sandbox):
    shop.write_config(stack="mode = advisory")
    shop.start()
    shop.wait_well(60)
    break_users(sandbox)
    due_and_withheld(shop, "mode")
    shop.write_config(stack="mode = automatic")
    reload(shop)
    shop.wait_role("failed-over", 60)


def test_a_pause_outlives_a_death_and_is_ended(watched, outside, sandbox):
    order(watched, "pause", "shop", "--for", "2h")
    before = outside.mark()
    watched.kill()
    watched.start()
    break_users(sandbox)
    due_and_withheld(watched, "paused")
    nothing_was_moved(outside, before)
    order(watched, "resume", "shop")
    watched.wait_role("failed-over", 60)


def test_a_pause_ends_by_itself(watched, sandbox):
    order(watched, "pause", "shop", "--for", "15s")
    break_users(sandbox)
    due_and_withheld(watched, "paused")
    watched.wait_role("failed-over", 60)
    assert watched.stack()["pause"] is None
    assert "the pause by uid" in watched.log()


def test_a_pause_goes_with_its_stack(watched):
    order(watched, "pause", "shop", "--for", "2h")
    assert watched.stack()["pause"] is not None
    watched.write_config(stacks=("toys",), zone="toys.test")
    reload(watched)
    watched.write_config(stacks=("shop",), zone="example.test")
    reload(watched)
    watched.wait_well(60)
    assert watched.stack()["pause"] is None


@pytest.mark.parametrize("how", ["ack", "failover"])
def test_one_failover_is_looked_at_before_the_next(
    watched, outside, sandbox, how
):
    fault = break_users(sandbox)
    watched.wait_role("failed-over", 60)
    watched.wait_settled()
    watched.kill()
    move_back_by_hand(outside, 3)
    sandbox.clear(fault)
    wait_for(outside.is_calm, 30, 0.1, "a primary that stays healthy")
    watched.start()
    watched.wait_stack(lambda s: s["epoch"] == 3, "epoch 3")
    watched.wait_well(60)
    before = outside.mark()
    break_users(sandbox)
    due_and_withheld(watched, "min-between")
    nothing_was_moved(outside, before)
    if how == "ack":
        order(watched, "ack", "shop")
    else:
        order(watched, "failover", "shop", "--to", STANDBY, "--yes")
    status = watched.wait_role("failed-over", 60)
    assert status["epoch"] == 4
    assert outside.active(STANDBY)["active"] == STANDBY


def test_a_window_is_kept(shop, outside, sandbox):
    shop.write_config(stack='windows = { "daily 00:00-24:00" }')
    shop.start()
    shop.wait_well(60)
    before = outside.mark()
    break_users(sandbox)
    due_and_withheld(shop, "window")
    nothing_was_moved(outside, before)


def test_an_override_is_named_and_lasts_one_order(watched, outside, sandbox):
    break_users(sandbox)
    watched.wait_role("failed-over", 60)
    watched.wait_settled()

    def back(*words):
        return watched.tool(
            "drdctl", "failback", "shop", "--reason", "a test", *words
        )

    refused = back()
    assert refused.returncode == 4
    assert "primary-not-ok" in refused.stderr
    assert "an override" in refused.stderr
    never = back("--override", "effects-pending")
    assert never.returncode == 4
    assert "nobody can override effects-pending" in never.stderr
    wrong = back("--override", "gravity")
    assert wrong.returncode == 4
    assert "min-between" in wrong.stderr  # the names that there are
    assert outside.active(STANDBY)["active"] == STANDBY


# -- data and fences ---------------------------------------------------------


def gates_of(drd):
    return {g["name"]: g for g in drd.stack()["gates"]}


@pytest.fixture
def slow_tables(sandbox):
    """slow_tables(seconds): so late is what is written from then on."""
    was = sandbox.control("GET", "/tables")["delay_seconds"]

    def be(seconds):
        sandbox.control("POST", "/tables", {"delay_seconds": seconds})

    yield be
    be(was)


def write_item(outside, region, key):
    tables = outside.boto("dynamodb", region)
    for name in tables.list_tables()["TableNames"]:
        if name.startswith("shop-"):
            tables.put_item(TableName=name, Item={"id": {"S": key}})


def test_no_way_back_before_the_data(shop, outside, sandbox, slow_tables):
    """Something written at the standby takes longer to come back than
    table_lag; what is written next is quick."""
    look(shop, "canary = 0s")
    mend_users(outside, sandbox, fail_over(shop, outside, sandbox))
    slow_tables(90)
    write_item(outside, STANDBY, "slow")
    wait_for(lambda: gates_of(shop)["behind"]["blocks"], 30, 0.1, "a lag")
    shop.wait_stack(
        lambda s: not any(
            g["blocks"]
            for g in s["gates"]
            if g["name"] in ("primary-not-ok", "readiness", "clock-jump")
        ),
        "nothing else in the way",
        60,
    )
    refused = shop.tool("drdctl", "failback", "shop", "--reason", "a test")
    assert refused.returncode == 4
    assert "behind: not all that was written in us-west-2" in refused.stderr
    assert "table-lag: 1m 30s late" in refused.stderr
    assert {outside.active(r)["active"] for r in REGIONS} == {STANDBY}
    slow_tables(1)
    write_item(outside, STANDBY, "quick")
    wait_for(lambda: not gates_of(shop)["behind"]["blocks"], 30, 0.1, "it")
    order(shop, "failback", "shop")
    shop.wait_role("steady", 60)
    shop.wait_settled()
    assert {outside.active(r)["active"] for r in REGIONS} == {PRIMARY}


def reserve(outside, region, calls):
    outside.boto("lambda", region).put_function_concurrency(
        FunctionName=outside.full_name(region, "function"),
        ReservedConcurrentExecutions=calls,
    )


def test_one_region_is_never_fenced(shop, outside, sandbox):
    """Somebody has stopped the standby: the primary is not fenced as well."""
    shop.write_config(stack="fence = yes")
    look(shop, "canary = 0s")
    reserve(outside, STANDBY, 0)
    shop.wait_stack(
        lambda s: "stopped" in (s["readiness"]["why"] or ""), "a look", 30
    )
    before = outside.mark()
    ordered = shop.tool(
        *("drdctl", "failover", "shop", "--to", STANDBY, "--yes"),
        *("--reason", "a test", "--override", "readiness"),
    )
    assert ordered.returncode == 4
    assert "unfenced: the function of us-west-2 may not run" in ordered.stderr
    break_users(sandbox)
    due_and_withheld(shop, "unfenced")
    shop.wait_polls(3)
    assert outside.writes(before) == []
    reserve(outside, STANDBY, 100)
    shop.wait_role("failed-over", 60)
    shop.wait_settled()
    reserved = [
        outside.boto("lambda", region).get_function_concurrency(
            FunctionName=outside.full_name(region, "function")
        )["ReservedConcurrentExecutions"]
        for region in REGIONS
    ]
    assert reserved == [0, 100]
