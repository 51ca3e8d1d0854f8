# SPDX-License-Identifier: MIT
"""The region that would take over: looked at, broken, and not moved to.

Each item is broken on the sandbox while drd watches.  The primary's outage
then starts no failover, an order is refused by the name of the gate, and goes
through when it names the gate itself.
"""

import base64
import contextlib

import pytest
from outside import PRIMARY, STANDBY
from sandboxctl import wait_for

LAG_SECONDS = 90  # of AWS; the limit is a minute


def look(drd, readiness):
    """Start a drd that looks often, and repairs nothing once all is well."""
    drd.write_config(readiness=f"interval = 300ms max_age = 10s {readiness}")
    drd.start()
    drd.wait_well(60)
    drd.write_config(reconcile_interval="1h")
    drd.hang_up()
    drd.wait_stack(
        lambda s: not s["reconcile"]["running"]
        and s["reconcile"]["last"] is not None
        and s["reconcile"]["last"]["age_ms"] > 1500,
        "the last repair",
    )
    drd.wait_stack(lambda s: s["readiness"]["ready"], "a ready standby")
    return drd


@pytest.fixture
def looking(drd, begin, sandbox):
    begin(drd)
    yield look(drd, "bucket_lag = 1m canary = 0s")
    sandbox.control("POST", "/functions", {"load": {}})


def items(drd):
    return {i["id"]: i for i in drd.stack()["readiness"]["items"]}


def break_users(outside, sandbox):
    return sandbox.fault(
        load_balancer=outside.full_name(PRIMARY, "alb"), mode="refuse"
    )


# -- each item alone ---------------------------------------------------------


class Breaking:
    """What breaks each item: `with` it, it is broken; said of it is this."""

    def __init__(self, outside, sandbox):
        self.outside, self.sandbox = outside, sandbox

    @contextlib.contextmanager
    def fault(self, **spec):
        fault = self.sandbox.fault(region=STANDBY, **spec)
        yield
        self.sandbox.clear(fault)

    @contextlib.contextmanager
    def targets(self):
        with self.fault(plane="data", service="lambda", mode="error"):
            yield "0 of 1 targets healthy"

    @contextlib.contextmanager
    def function(self):
        self.reserve(50)
        yield "50 of 100 calls"
        self.reserve(100)

    def reserve(self, calls):
        self.outside.boto("lambda", STANDBY).put_function_concurrency(
            FunctionName=self.outside.full_name(STANDBY, "function"),
            ReservedConcurrentExecutions=calls,
        )

    @contextlib.contextmanager
    def table(self):
        gone = {"status": 400, "code": "ResourceNotFoundException"}
        with self.fault(operation="DescribeTable", mode="error", **gone):
            yield "ResourceNotFoundException"

    @contextlib.contextmanager
    def alarms(self):
        """No errors are as many as this alarm is raised by."""
        self.raise_at(0)
        yield "lambda-errors: ALARM"
        self.raise_at(5)

    def raise_at(self, threshold):
        alarm = self.outside.alarm("lambda-errors", STANDBY)
        keys = ("AlarmName", "Namespace", "MetricName", "Statistic")
        keys += ("Dimensions", "Period", "ComparisonOperator")
        self.outside.boto("cloudwatch", STANDBY).put_metric_alarm(
            **{k: alarm[k] for k in keys},
            EvaluationPeriods=1,
            Threshold=threshold,
        )

    @contextlib.contextmanager
    def table_lag(self):
        was = self.sandbox.control("GET", "/tables")["delay_seconds"]
        try:
            self.delay_items(LAG_SECONDS)
            yield "1m 30s late"
        finally:
            self.delay_items(was)

    def delay_items(self, seconds):
        """... and write one, so that there is a lag to measure."""
        self.sandbox.control("POST", "/tables", {"delay_seconds": seconds})
        tables = self.outside.boto("dynamodb", PRIMARY)
        self.written = getattr(self, "written", 0) + 1
        for name in tables.list_tables()["TableNames"]:
            if name.startswith("shop-"):
                tables.put_item(
                    TableName=name, Item={"id": {"S": f"late{self.written}"}}
                )

    @contextlib.contextmanager
    def bucket_lag(self):
        self.sandbox.replication(cut=True)
        try:
            s3 = self.outside.boto("s3", PRIMARY)
            for bucket in s3.list_buckets()["Buckets"]:
                name = bucket["Name"]
                if name.startswith("shop-") and PRIMARY in name:
                    s3.put_object(Bucket=name, Key="late", Body=b"x")
            yield "late, more than 1m"
        finally:
            self.sandbox.replication(cut=False)


ITEMS = ("targets", "function", "table", "alarms", "table-lag", "bucket-lag")


@pytest.mark.parametrize("item", ITEMS)
def test_what_is_broken_is_not_moved_to(looking, outside, sandbox, item):
    breaking = getattr(Breaking(outside, sandbox), item.replace("-", "_"))
    before = outside.mark()
    with breaking() as said:
        wait_for(
            lambda: items(looking)[item]["blocks"], 20, 0.1, f"a bad {item}"
        )
        assert said in items(looking)[item]["why"]
        break_users(outside, sandbox)
        looking.wait_stack(lambda s: s["streak"] >= 5, "polls enough")
        stack = looking.stack()
        assert (stack["role"], stack["epoch"]) == ("suspect", 1)
        assert f"{item}: " in stack["readiness"]["why"]
        assert "readiness: us-west-2 is not ready" in stack["trouble"]
    assert outside.writes(before, service="ssm") == []
    # Mended, it is moved to at once: the outage lasts.
    looking.wait_role("failed-over")


# -- what does not block -----------------------------------------------------


def test_what_is_believed_from_before_is_told_as_that(looking, sandbox):
    """A look that is refused takes nothing back, and is no look."""
    known = items(looking)["targets"]["known_detail"]
    assert "1 of 1" in known
    sandbox.fault(
        region=STANDBY, operation="DescribeTargetHealth", mode="denied"
    )
    item = wait_for(
        lambda: (i := items(looking)["targets"])["last_verdict"] == "unknown"
        and i["known_age_ms"] > 1500
        and i,
        20,
        0.1,
        "a look that is refused",
    )
    assert (item["verdict"], item["known_detail"]) == ("ok", known)
    told = looking.tool("drd-status", "explain", "shop").stdout
    row = " ".join(told.split(" targets: ")[1].split())
    assert row.startswith(f"{known}, believed as of ")
    assert "could not tell: " in row
    wait_for(
        lambda: items(looking)["targets"]["verdict"] == "unknown",
        20,
        0.1,
        "the end of a belief",
    )


def test_a_dead_primary_measures_nothing_and_blocks_nothing(
    looking, outside, sandbox
):
    """The table's lag is measured where its writes are made."""
    sandbox.fault(region=PRIMARY, operation="GetMetricData", mode="drop")
    wait_for(
        lambda: items(looking)["table-lag"]["reason"] == "timeout",
        20,
        0.1,
        "a lag that nobody tells",
    )
    sandbox.fault(region=PRIMARY, plane="data", mode="refuse")
    looking.wait_role("failed-over")
    # From here on the primary is the one that has to get ready.
    looking.wait_stack(
        lambda s: s["readiness"]["region"] == PRIMARY
        and "targets: 0 of 1" in (s["readiness"]["why"] or ""),
        "the look at a region that is down",
    )


def test_the_page_comes_once(looking, outside, sandbox):
    fault = sandbox.fault(
        region=STANDBY, plane="data", service="lambda", mode="error"
    )
    looking.wait_stack(lambda s: not s["readiness"]["ready"], "an episode")
    looking.wait_polls(5)
    sandbox.clear(fault)
    looking.wait_stack(lambda s: s["readiness"]["ready"], "its end")
    looking.wait_polls(1)  # what the look still had to say is said
    log = looking.log()
    assert log.count("us-west-2 is not ready to take over: ") == 1
    assert log.count("us-west-2 is ready to take over") == 1


# -- overload ----------------------------------------------------------------


def test_overload_is_not_an_outage(looking, outside, sandbox):
    """Nearly all calls are throttled, Route 53's among them; what runs, runs
    well, and the standby has no more concurrency than the primary."""
    before = outside.mark()
    sandbox.control("POST", "/functions", {"load": {PRIMARY: 30}})
    wait_for(outside.is_broken, 30, 0.1, "a primary that looks down")
    stack = looking.wait_stack(
        lambda s: s["poll"]["why"].startswith("overload, no outage: "),
        "an excuse",
    )
    assert stack["poll"]["verdict"] == "unknown"
    assert "calls throttled" in stack["readiness"]["overload"]
    looking.wait_polls(6)
    assert looking.stack()["epoch"] == 1
    assert outside.writes(before, service="ssm") == []
    assert "us-east-1 has too much to do: " in looking.log()

    # A function that is stopped is throttled, too, and nothing runs well.
    sandbox.control("POST", "/functions", {"load": {}})
    outside.boto("lambda", PRIMARY).put_function_concurrency(
        FunctionName=outside.full_name(PRIMARY, "function"),
        ReservedConcurrentExecutions=0,
    )
    looking.wait_role("failed-over", seconds=60)


# -- the canary --------------------------------------------------------------


def canaries(outside, before):
    """(region, operation) of what the canary has written."""
    written = []
    for call in outside.drd_calls(before):
        told = (
            call["operation"] == "Publish"
            and b"CANARY" in base64.b64decode(call["body"])
        )
        if call["operation"] == "PutParameter":
            name = outside.parameter_of(call)
            assert name == f"{outside.prefix}/{call['region']}/endpoint"
        if call["operation"] == "PutParameter" or told:
            written.append((call["region"], call["operation"]))
    return written


def test_what_a_failover_writes_is_tried_beforehand(drd, begin, outside):
    begin(drd)
    was = [outside.parameter(r, f"{r}/endpoint") for r in (PRIMARY, STANDBY)]
    before = outside.mark()
    look(drd, "canary = 1d")
    wait_for(lambda: len(canaries(outside, before)) >= 4, 20, 0.1, "a song")
    drd.wait_polls(5)
    assert sorted(canaries(outside, before)) == [
        (PRIMARY, "Publish"),
        (PRIMARY, "PutParameter"),
        (STANDBY, "Publish"),
        (STANDBY, "PutParameter"),
    ]
    assert items(drd)["canary"]["verdict"] == "ok"
    now = [outside.parameter(r, f"{r}/endpoint") for r in (PRIMARY, STANDBY)]
    assert now == was
    assert outside.notices(STANDBY, before) == []  # it is no news

    # It is not sung again because drd was started again.
    drd.stop()
    before = outside.mark()
    drd.start()
    drd.wait_polls(5)
    assert items(drd)["canary"]["detail"] == "proved before the restart"
    assert canaries(outside, before) == []


def test_a_revoked_permission_shows(drd, begin, outside, sandbox):
    look(begin(drd), "canary = 3s")
    drd.wait_stack(
        lambda s: s["readiness"]["ready"]
        and "were written" in items(drd)["canary"]["detail"],
        "a song",
    )
    fault = sandbox.fault(
        region=STANDBY, operation="PutParameter", mode="denied"
    )
    stack = drd.wait_stack(lambda s: not s["readiness"]["ready"], "a page")
    assert "canary: grant ssm:PutParameter: " in stack["readiness"]["why"]
    break_users(outside, sandbox)
    drd.wait_stack(lambda s: s["streak"] >= 4, "polls enough")
    assert drd.stack()["epoch"] == 1
    sandbox.clear(fault)
