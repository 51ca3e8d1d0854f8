# SPDX-License-Identifier: MIT
"""DNS stays where a failover has moved it, until somebody fails back."""

import base64
import itertools
import json

import pytest
from drdctl import Drd
from outside import PRIMARY, STANDBY, Outside
from permissions import Asked, Policy, pattern
from sandboxctl import wait_for
from test_failover import fail_over, mend_users

_numbers = itertools.count(1)


def order_back(drd, stack="shop"):
    return drd.tool("drdctl", "failback", stack, "--reason", "it is well")


def wait_ok(drd, stack="shop"):
    drd.wait_stack(
        lambda s: s["poll"]["verdict"] == "ok" and not s["observing"],
        "a poll that is ok",
        stack=stack,
    )


def accepted(drd, stack="shop"):
    """Ordered back; a poll that is late leaves a gate shut for a while."""
    wait_for(
        lambda: order_back(drd, stack).returncode == 0, 20, 0.2, "a failback"
    )


def fail_back(drd, stack="shop"):
    accepted(drd, stack)
    drd.wait_role("steady", stack=stack)
    drd.wait_settled(stack=stack)


@pytest.fixture
def other(build, sandbox, tmp_path):
    """other(stack="latch { ... }"): a stack of its own, built and watched."""
    drds = []

    def make(apply=True, **settings):
        name = f"latch{next(_numbers)}"
        drd = Drd(
            build,
            sandbox,
            tmp_path,
            stacks=(name,),
            zone=f"{name}.test",
            request_timeout="5s",
            **settings,
        )
        drds.append(drd)
        drd.name, drd.outside = name, Outside(sandbox, name, f"{name}.test")
        if apply:
            done = drd.verb("apply", "--yes")
            assert done.returncode == 0, done.stdout + done.stderr
        return drd

    yield make
    sandbox.clear()
    for drd in drds:
        drd.stop()
        drd.verb("destroy", "--yes-destroy", drd.name)
        drd.outside.retire()


def calm(drd):
    wait_for(drd.outside.is_calm, 20, 0.1, "a primary that stays healthy")
    drd.start()
    drd.wait_well(stack=drd.name)
    return drd


def there_and_back(drd, sandbox):
    """A failover that lasts beyond the recovery, and the way back."""
    outside, name = drd.outside, drd.name
    alb = outside.full_name(PRIMARY, "alb")
    fault = sandbox.fault(load_balancer=alb, mode="refuse")
    drd.wait_role("failed-over", stack=name)
    drd.wait_settled(stack=name)
    assert drd.stack(name)["latch"]["wanted"] == "set"
    mend_users(outside, sandbox, fault)
    drd.wait_polls(5, stack=name)
    assert outside.region_of_users() == STANDBY
    assert drd.stack(name)["latch"]["seen"] == "set"
    fail_back(drd, name)
    assert outside.region_of_users() == PRIMARY
    drd.wait_stack(
        lambda s: s["latch"]["seen"] == "clear", "a clear latch", stack=name
    )


# -- the metric ----------------------------------------------------------


def test_the_latch_outlives_drd(watched, outside, sandbox):
    fault = fail_over(watched, outside, sandbox)
    watched.kill()
    mend_users(outside, sandbox, fault)
    wait_for(
        lambda: outside.alarm("latch", STANDBY)["StateValue"]
        == "INSUFFICIENT_DATA",
        30,
        0.1,
        "an alarm without data",
    )
    assert outside.region_of_users() == STANDBY
    watched.start()
    watched.wait_role("failed-over")
    assert outside.region_of_users() == STANDBY
    fail_back(watched)
    assert outside.region_of_users() == PRIMARY


def test_people_are_told_that_nobody_feeds_it(watched, outside, sandbox):
    before = outside.mark()
    watched.stop()
    wait_for(
        lambda: [
            m
            for m in sandbox.sns(before["sns"], STANDBY)
            if outside.full_name(STANDBY, "latch") in m["message"]
        ],
        30,
        0.1,
        "a message about the latch",
    )


def test_another_author_of_the_metric(watched, outside, sandbox):
    """Whoever may publish metrics can move users: that is seen and told."""
    cloudwatch = outside.boto("cloudwatch", STANDBY)
    before = outside.mark()

    def publish():
        cloudwatch.put_metric_data(
            Namespace="drd",
            MetricData=[
                {
                    "MetricName": "Latch",
                    "Dimensions": [{"Name": "Stack", "Value": "shop-prod"}],
                    "Value": 1,
                }
            ],
        )

    def seen_apart():
        """All in one status: drd's own next point clears it again."""
        publish()
        stack = watched.stack()
        [plane] = [p for p in stack["planes"] if p["plane"] == "latch"]
        is_apart = plane["agrees"] == "no" and stack["apart"]
        is_set = stack["latch"]["seen"] == "set"
        return stack["latch"] if is_apart and is_set else None

    latch = wait_for(seen_apart, 30, 0.1, "planes apart")
    wait_for(
        lambda: outside.notices(STANDBY, before, "APART"),
        30,
        0.1,
        "a message about it",
    )
    assert latch["wanted"] == "clear"
    assert "somebody else publishes it" in latch["trouble"]
    assert watched.role() == "steady"
    # drd has gone on telling, so that its word is the last one.
    watched.wait_stack(
        lambda s: s["latch"]["seen"] == "clear"
        and s["latch"]["trouble"] is None
        and not s["apart"],
        "a clear latch",
    )
    wait_for(
        lambda: outside.region_of_users() == PRIMARY, 20, 0.1, "users back"
    )


def test_without_the_standbys_cloudwatch_a_failover_is_no_slower(
    watched, outside, sandbox
):
    """What sets the latch is retried beside what users wait for."""
    fault = sandbox.fault(
        region=STANDBY, operation="PutMetricData", mode="drop"
    )
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    watched.wait_role("failed-over")
    effects = {e["kind"]: e for e in watched.stack()["change"]["effects"]}
    assert effects["latch"]["state"] == "sent"
    assert outside.active(STANDBY)["active"] == STANDBY
    sandbox.clear(fault)
    watched.wait_settled(40)


def test_killed_in_a_failback_it_goes_on(watched, outside, sandbox):
    fault = fail_over(watched, outside, sandbox)
    mend_users(outside, sandbox, fault)
    hold = sandbox.fault(
        region=STANDBY, operation="PutMetricData", mode="drop"
    )
    accepted(watched)
    watched.kill()
    assert outside.region_of_users() == STANDBY
    sandbox.clear(hold)
    watched.start()
    watched.wait_role("steady")
    watched.wait_settled()
    assert outside.region_of_users() == PRIMARY
    assert outside.active(PRIMARY)["epoch"] == 3


# -- other carriers ------------------------------------------------------


def public_bucket(sandbox, name, key):
    s3 = sandbox.boto("s3", STANDBY)
    s3.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": STANDBY}
    )
    s3.delete_public_access_block(Bucket=name)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{name}/{key}",
    }
    s3.put_bucket_policy(
        Bucket=name,
        Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def test_an_object(other, sandbox):
    bucket = f"a-latch-{next(_numbers)}"
    public_bucket(sandbox, bucket, "the/latch")
    drd = other(
        stack=f'latch {{ carrier = object bucket = "{bucket}" '
        'key = "the/latch" }'
    )
    there_and_back(calm(drd), sandbox)
    objects = sandbox.boto("s3", STANDBY).list_objects_v2(Bucket=bucket)
    assert objects["KeyCount"] == 0


def routing_control(sandbox):
    """A new one, and what the configuration says of it."""
    name = f"control-{next(_numbers)}"
    sandbox.control("POST", "/routing-controls", {"name": name})
    [control] = [
        c
        for c in sandbox.control("GET", "/routing-controls")
        if c["name"] == name
    ]
    endpoints = ", ".join(
        f'"{region}={url}"' for region, url in sandbox.ready["cluster"].items()
    )
    return name, (
        f'latch {{ carrier = routing-control control = "{control["arn"]}" '
        f"endpoints = {{ {endpoints} }} }}"
    )


def switch_on(sandbox, control):
    sandbox.control(
        "POST", "/routing-controls", {"name": control, "state": "On"}
    )


def test_a_routing_control(other, sandbox):
    name, options = routing_control(sandbox)
    drd = other(apply=False, stack=options)
    # It is Off, which would send users away as soon as it counted.
    done = drd.verb("apply", "--yes")
    assert done.returncode == 2
    assert "clear it by hand" in done.stderr
    assert "record" not in {r["Failover"] for r in drd.outside.records()}
    switch_on(sandbox, name)
    done = drd.verb("apply", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    calm(drd)
    # Two of its five endpoints are away, as AWS says they may be.
    for region in ("us-east-1", "eu-west-1"):
        sandbox.fault(
            region=region,
            service="route53-recovery-cluster",
            mode="error",
            status=503,
        )
    there_and_back(drd, sandbox)


# -- another carrier -----------------------------------------------------


def checks_of(outside):
    """The purposes of the stack's health checks."""
    begin = f"drd:{outside.name}:"
    route53 = outside.boto("route53")
    return sorted(
        check["CallerReference"].split(":")[2]
        for page in route53.get_paginator("list_health_checks").paginate()
        for check in page["HealthChecks"]
        if check["CallerReference"].startswith(begin)
    )


def signs(plan):
    """The first letters of a plan's lines that say what is removed."""
    return [line.split()[2] for line in plan.splitlines() if line[:2] == "- "]


def test_the_one_before_goes(other, sandbox):
    drd = other()
    outside = drd.outside
    assert checks_of(outside) == ["calculated", "latch", "primary", "standby"]
    drd.write_config(stack=carrier_of("object", sandbox))
    plan = drd.verb("plan")
    assert plan.returncode == 2
    assert sorted(signs(plan.stdout)) == ["alarm", "health-check"]
    assert "2 to remove" in plan.stdout
    done = drd.verb("apply", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert checks_of(outside) == [
        *("calculated", "object", "primary", "standby")
    ]
    assert outside.alarm("latch", STANDBY) is None
    assert drd.verb("drift").returncode == 0

    drd.write_config(stack="latch { carrier = none }")
    assert signs(drd.verb("plan").stdout) == ["health-check"] * 2
    done = drd.verb("apply", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert checks_of(outside) == ["primary", "standby"]
    [primary] = [r for r in outside.records() if r["Failover"] == "PRIMARY"]
    assert primary["HealthCheckId"] == outside.health_check("primary")
    assert drd.verb("drift").returncode == 0


def test_the_daemon_removes_it_if_it_may(other, sandbox):
    drd = calm(other())
    options = carrier_of("object", sandbox)
    drd.write_config(stack=options)
    assert drd.tool("drdctl", "reload").returncode == 0
    wait_for(
        lambda: "no longer declared, and nothing is deleted here" in drd.log(),
        30,
        0.1,
        "a refusal",
    )
    assert "latch" in checks_of(drd.outside)
    drd.write_config(stack=options + "\nmax_deletions = 2")
    assert drd.tool("drdctl", "reload").returncode == 0
    drd.wait_well(stack=drd.name)
    assert checks_of(drd.outside) == [
        *("calculated", "object", "primary", "standby")
    ]
    assert drd.outside.alarm("latch", STANDBY) is None
    assert drd.role(drd.name) == "steady"
    assert drd.outside.region_of_users() == PRIMARY


def test_users_stay_where_they_are_meanwhile(other, sandbox):
    """What is followed next is set before anything follows it, by the daemon
    and by apply."""
    drd = calm(other())
    outside = drd.outside
    alb = outside.full_name(PRIMARY, "alb")
    fault = sandbox.fault(load_balancer=alb, mode="refuse")
    drd.wait_role("failed-over", stack=drd.name)
    drd.wait_settled(stack=drd.name)
    mend_users(outside, sandbox, fault)

    def follows(purpose):
        assert outside.region_of_users() == STANDBY
        return purpose in checks_of(outside) and outside.is_followed(purpose)

    drd.write_config(stack=carrier_of("routing-control", sandbox))
    assert drd.tool("drdctl", "reload").returncode == 0
    wait_for(lambda: follows("control"), 30, 0.05, "the control")
    drd.stop()
    drd.write_config(stack=carrier_of("object", sandbox))
    applied = drd.begin_verb("apply", "--yes")
    wait_for(lambda: follows("object"), 30, 0.05, "the object")
    assert applied.wait(60) == 0
    assert outside.region_of_users() == STANDBY
    assert checks_of(outside) == [
        *("calculated", "object", "primary", "standby")
    ]


# -- a fence -------------------------------------------------------------


def concurrency(outside, region):
    return outside.boto("lambda", region).get_function_concurrency(
        FunctionName=outside.full_name(region, "function")
    ).get("ReservedConcurrentExecutions")


def test_a_fence_and_the_way_back(shop, outside, sandbox):
    shop.write_config(stack="fence = yes")
    shop.start()
    shop.wait_well()
    fault = fail_over(shop, outside, sandbox)
    assert concurrency(outside, PRIMARY) == 0
    assert concurrency(outside, STANDBY) == 100
    assert shop.stack()["fence"]["state"] == "proven"
    sandbox.clear(fault)
    shop.wait_polls(5)
    assert concurrency(outside, PRIMARY) == 0  # reconcile leaves it
    refused = order_back(shop)
    assert refused.returncode == 4
    assert "fenced" in refused.stderr
    shop.wait_stack(lambda s: s["fence"]["state"] == "lifted", "no fence")
    assert concurrency(outside, PRIMARY) == 100
    assert outside.region_of_users() == STANDBY
    wait_for(outside.is_healthy, 20, 0.05, "a healthy primary")
    fail_back(shop)
    assert outside.region_of_users() == PRIMARY
    assert concurrency(outside, PRIMARY) == 100


def test_a_fence_that_is_not_proven(shop, outside, sandbox):
    shop.write_config(stack="fence = yes")
    shop.start()
    shop.wait_well()
    dark = sandbox.fault(region=PRIMARY, service="lambda", mode="drop")
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    shop.wait_role("failed-over")
    wait_for(lambda: outside.region_of_users() == STANDBY, 20, 0.05)
    shop.wait_stack(lambda s: s["change"]["pending"] == 1, "all but the fence")
    assert shop.stack()["fence"]["state"] == "not proven"
    sandbox.clear(dark)
    shop.wait_settled(40)
    assert shop.stack()["fence"]["state"] == "proven"


def carrier_of(name, sandbox):
    """What the configuration says of a carrier that is there and clear."""
    if name == "routing-control":
        control, options = routing_control(sandbox)
        switch_on(sandbox, control)
        return options
    bucket = f"a-latch-{next(_numbers)}"
    public_bucket(sandbox, bucket, "the/latch")
    return f'latch {{ carrier = object bucket = "{bucket}" key = "the/latch" }}'


def fenced_there_and_back(drd, sandbox):
    alb = drd.outside.full_name(PRIMARY, "alb")
    fault = sandbox.fault(load_balancer=alb, mode="refuse")
    drd.wait_role("failed-over", stack=drd.name)
    drd.wait_settled(stack=drd.name)
    sandbox.clear(fault)
    assert "fenced" in order_back(drd, drd.name).stderr
    drd.wait_settled(stack=drd.name)
    wait_for(drd.outside.is_healthy, 20, 0.05, "a healthy primary")
    fail_back(drd, drd.name)


def permissions(drd):
    done = drd.verb("policy")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def pairs(document):
    """(action, resource), where the action is one of such resources at all."""
    return {
        (action, resource)
        for statement in document["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
        if not action.startswith("s3:")
        or ("/" in resource) == action.endswith(("Object", "ObjectVersion"))
    }


MAY = {
    "object": {"s3:PutObject", "s3:DeleteObject", "s3:ListBucket"},
    "routing-control": {
        "route53-recovery-cluster:GetRoutingControlState",
        "route53-recovery-cluster:UpdateRoutingControlState",
    },
}
ASK_FENCE = "lambda:GetFunctionConcurrency"
PUT_FENCE = "lambda:PutFunctionConcurrency"  # reconcile has it, too


@pytest.mark.parametrize("carrier", MAY)
def test_it_may_do_what_it_does(other, sandbox, carrier):
    """The permissions of the options, as test_policy.py those of the rest."""
    drd = other(apply=False, stack="latch { carrier = none }")
    without = permissions(drd)
    drd.write_config(stack=carrier_of(carrier, sandbox) + "\nfence = yes")
    policy = permissions(drd)
    [account] = {
        resource.split(":")[4]
        for _, resource in pairs(policy)
        if resource.startswith("arn:aws:lambda:")
    }
    before = drd.outside.mark()
    done = drd.verb("apply", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    calm(drd)
    fenced_there_and_back(drd, sandbox)
    drd.stop()
    needs = {
        need
        for call in drd.outside.drd_calls(before)
        for need in Asked(call, account).needs()
    }
    asked = Policy(policy, lambda thing: True)
    assert {need for need in needs if not asked.allows(need)} == set()
    more = pairs(policy) - pairs(without)
    assert {action for action, _ in more} == MAY[carrier] | {ASK_FENCE}
    assert {
        (action, resource)
        for action, resource in more
        if not any(
            need.action == action
            and pattern(resource).fullmatch(need.resource)
            for need in needs
        )
    } == set()
    primary = drd.outside.full_name(PRIMARY, "function")
    assert {ASK_FENCE, PUT_FENCE} <= {
        need.action for need in needs if need.resource.endswith(":" + primary)
    }


# -- the way back by itself ----------------------------------------------


def test_by_itself_after_the_soak(shop, outside, sandbox):
    shop.write_config(
        stack="failback = automatic", failback_soak="failback_soak = 2s"
    )
    shop.start()
    shop.wait_well()
    fault = fail_over(shop, outside, sandbox)
    mend_users(outside, sandbox, fault)
    wait_ok(shop)
    gates = {g["name"]: g for g in shop.stack()["gates"]}
    assert gates["soak"]["blocks"]
    assert shop.role() == "failed-over"
    shop.wait_role("steady")
    shop.wait_settled()
    assert outside.region_of_users() == PRIMARY


def test_an_order_waits_for_the_soak(shop, outside, sandbox):
    shop.write_config(failback_soak="failback_soak = 1h")
    shop.start()
    shop.wait_well()
    fault = fail_over(shop, outside, sandbox)
    mend_users(outside, sandbox, fault)
    wait_ok(shop)
    refused = order_back(shop)
    assert refused.returncode == 4
    assert "soak" in refused.stderr
    assert outside.region_of_users() == STANDBY


# -- a stack without a latch gets one ------------------------------------


def test_a_record_is_moved_in_place(other, sandbox):
    drd = other(stack="latch { carrier = none }")
    outside = drd.outside
    [primary] = [r for r in outside.records() if r["Failover"] == "PRIMARY"]
    assert primary["HealthCheckId"] == outside.health_check("primary")
    drd.write_config(stack="")
    before = outside.mark()
    done = drd.verb("apply", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    [primary] = [r for r in outside.records() if r["Failover"] == "PRIMARY"]
    assert primary["HealthCheckId"] == outside.health_check("calculated")
    [change] = outside.drd_calls(
        before, operation="ChangeResourceRecordSets"
    )
    batch = base64.b64decode(change["body"]).decode()
    assert batch.count("<Action>") == 1
    assert "<Action>UPSERT</Action>" in batch
    made = [
        c["operation"]
        for c in outside.writes(before)
        if c["operation"] != "ChangeTagsForResource"
    ]
    assert made[-1] == "ChangeResourceRecordSets"
