# SPDX-License-Identifier: MIT
"""drd check --online: would this account take the stack?"""

import json
import re

import pytest
from conformance import problems
from outside import PRIMARY, STANDBY

LINE = re.compile(r"(ok|warn|FAIL|\?\?\?\?) +(\S+) +(.+?): (.+)")


@pytest.fixture
def drd(drd):
    """Dozens of calls at once take a busy machine its time."""
    drd.write_config(request_timeout="20s")
    return drd


@pytest.fixture(autouse=True)
def account_as_before(sandbox):
    yield
    known = sandbox.control("GET", "/account")
    sandbox.account(
        quotas=dict.fromkeys(known["quotas"]),
        opt_in=dict.fromkeys(known["opt_in"], "opt-in-not-required"),
    )


@pytest.fixture(autouse=True)
def at_its_beginning(applied):
    """Whatever the test before made of who is active."""
    applied.restore_parameters()


class Told:
    """What a check has said: grade and text by region and subject."""

    def __init__(self, drd):
        self.result = drd.verb("check", "--online")
        self.lines = {}
        out = self.result.stdout.splitlines()
        out = [line for line in out if not line.startswith("advice: ")]
        columns = set()
        for line in out[1:-2]:
            match = LINE.fullmatch(line)
            grade, region, what, text = match.groups()
            columns.add((match.start(2), match.start(3)))
            assert (region, what) not in self.lines
            self.lines[region, what] = (grade, text)
        self.order = list(self.lines)
        assert len(columns) == 1
        grades = [grade for grade, _ in self.lines.values()]
        assert out[-1] == (
            f"{grades.count('ok')} ok, {grades.count('warn')} to look at, "
            f"{grades.count('FAIL')} failed, {grades.count('????')} not known"
        )
        assert self.result.returncode == ("FAIL" in grades)
        assert self.result.stderr == ""

    def __getitem__(self, key):
        return self.lines[key]

    def with_grade(self, *grades):
        return {k for k, (grade, _) in self.lines.items() if grade in grades}


def set_function(drd, option):
    """An option of the function, whether or not others are set already."""
    text = drd.render_config()
    if "function {" in text:
        text = text.replace("function {", f"function {{\n{option}")
    else:
        text = text.replace(
            "environment = prod",
            f"environment = prod\nfunction {{\n{option}\n}}",
        )
    drd.config.write_text(text)


QUOTAS = ["VPCs", "internet gateways", "load balancers", "target groups"]


def test_an_account_that_takes_it(drd, applied):
    before = applied.mark()
    told = Told(drd)
    assert told.with_grade("FAIL", "????") == set()
    for region in (PRIMARY, STANDBY):
        grade, text = told[region, "account"]
        assert "123456789012" in text and "from environment" in text
        assert told.order.index((region, "region")) < told.order.index(
            (region, "target groups")
        )
    assert told[PRIMARY, "concurrent executions"][1].startswith(
        "100 to be reserved, of 1000"
    )
    assert applied.writes(before) == []
    assert told.order == Told(drd).order


def test_a_stack_that_has_failed_over_and_back(drd, applied, sandbox):
    """Its epoch is not the first, and nothing is wrong with that."""
    key = ("global", "objects of shop")
    before = Told(drd)[key]
    for region in (PRIMARY, STANDBY):
        value = {**applied.active(region), "epoch": 9}
        applied.boto("ssm", region).put_parameter(
            Name=f"{applied.prefix}/active",
            Value=json.dumps(value, separators=(",", ":")),
            Type="SecureString",
            Overwrite=True,
        )
    told = Told(drd)
    assert told.with_grade("FAIL", "????") == set()
    assert told[key] == before
    sandbox.fault(region=STANDBY, service="sns", mode="denied")
    grade, text = Told(drd)[key]
    assert grade == "????"
    assert "sns-topic" in text and "AccessDenied" in text


def test_what_it_asks_is_what_aws_knows(drd, applied, sandbox):
    before = applied.mark()
    Told(drd)
    calls = applied.drd_calls(before)
    assert {
        "DescribeRegions",
        "GetAWSDefaultServiceQuota",
        "GetAccountLimit",
        "GetAccountSettings",
        "GetCallerIdentity",
        "GetServiceQuota",
    } <= {call["operation"] for call in calls}
    assert [problem for call in calls for problem in problems(call)] == []


def test_a_new_account_has_ten_executions(drd, sandbox):
    drd.write_config(stacks=("toys",), zone="toys.test")
    sandbox.account(quotas={f"{STANDBY}/lambda/L-B99A9384": 10})
    told = Told(drd)
    assert told.with_grade("FAIL") == {(STANDBY, "concurrent executions")}
    text = told[STANDBY, "concurrent executions"][1]
    assert "L-B99A9384" in text and "concurrency = 0" in text
    grade, text = told[STANDBY, "parity of toys"]
    assert grade == "warn"
    assert "10 concurrent executions, but 1000 in us-east-1" in text


def test_it_may_reserve_less(drd, sandbox):
    sandbox.account(
        quotas={f"{r}/lambda/L-B99A9384": 10 for r in (PRIMARY, STANDBY)}
    )
    drd.write_config(stacks=("toys",), zone="toys.test")
    set_function(drd, "concurrency = 0")
    assert Told(drd).with_grade("FAIL", "warn") == set()


def test_a_quota_that_is_full(drd, applied, sandbox):
    """Counts what is not there yet, of all stacks together."""
    zones = sandbox.boto("route53").list_hosted_zones()["HostedZones"]
    used = len(zones)
    sandbox.account(quotas={"us-east-1/route53/L-4EA4796A": used + 1})
    key = ("global", "hosted zones")
    in_use = f"{used} of {used + 1} in use"
    assert Told(drd)[key] == ("ok", in_use)
    drd.write_config(stacks=("shop", "toys"))
    assert Told(drd)[key] == ("ok", f"{in_use}, 1 more needed")
    drd.write_config(stacks=("shop", "toys", "books"))
    told = Told(drd)
    grade, text = told[key]
    assert grade == "FAIL"
    assert f"{in_use} and 2 more needed" in text
    assert f"(Service Quotas route53 L-4EA4796A) to {used + 2}" in text
    assert told.with_grade("FAIL") == {key}


def test_a_region_that_is_not_enabled(drd, applied, sandbox):
    sandbox.account(opt_in={STANDBY: "not-opted-in"})
    told = Told(drd)
    grade, text = told[STANDBY, "region"]
    assert grade == "FAIL"
    assert "enable-region --region-name us-west-2" in text
    assert [what for region, what in told.order if region == STANDBY] == [
        "region"
    ]
    assert told[PRIMARY, "region"][0] == "ok"


def test_without_permissions_it_is_not_known(drd, applied, sandbox):
    sandbox.fault(region=PRIMARY, service="ec2", mode="denied")
    told = Told(drd)
    assert told.result.returncode == 0
    for what in ("VPCs", "internet gateways"):
        grade, text = told[PRIMARY, what]
        assert grade == "????"
        assert "UnauthorizedOperation" in text and "drd policy" in text
    # The other region knows of this one.
    assert told[PRIMARY, "region"][0] == "ok"


def test_a_dark_region_is_not_known(drd, applied, sandbox):
    sandbox.fault(region=STANDBY, plane="api", mode="drop")
    told = Told(drd)
    assert told.result.returncode == 0
    for what in ("account", "concurrent executions", *QUOTAS):
        grade, text = told[STANDBY, what]
        assert grade == "????"
        assert "timeout" in text.lower() or "timed out" in text.lower()
        assert told[PRIMARY, what][0] == "ok"


def test_without_credentials_it_says_so(drd, sandbox):
    drd.extra_environment = {
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
    }
    result = drd.verb("check", "--online")
    assert result.returncode == 1
    assert "credentials" in result.stderr
    assert drd.verb("check").returncode == 0


@pytest.mark.parametrize("seconds", [900, -900])
def test_a_wrong_clock(drd, applied, sandbox, seconds):
    sandbox.clock(skew_seconds=seconds)
    told = Told(drd)
    grade, text = told[PRIMARY, "clock"]
    assert grade == "warn"
    assert ("behind" if seconds > 0 else "ahead of") in text


def test_subscriptions_that_wait(drd, applied, sandbox, begin):
    drd.write_config(stack='subscriptions = { "email:ops@example.com" }')
    begin(drd)
    told = Told(drd)
    waiting = told.with_grade("warn")
    assert {region for region, _ in waiting} == {PRIMARY, STANDBY}
    for key in waiting:
        assert "ops@example.com" in key[1]
        assert "confirm" in told[key][1]


def test_certificates_that_are_given(drd, applied, sandbox):
    arns = {}
    for region in (PRIMARY, STANDBY):
        acm = sandbox.boto("acm", region)
        arns[region] = acm.request_certificate(
            DomainName="shop.example.test", ValidationMethod="DNS"
        )["CertificateArn"]
    text = drd.render_config()
    for role, region in (("primary", PRIMARY), ("standby", STANDBY)):
        text = text.replace(
            f"role = {role}",
            f'role = {role}\n\t\tcertificate = "{arns[region]}"',
        )
    drd.config.write_text(text)
    told = Told(drd)
    for region in (PRIMARY, STANDBY):
        grade, why = told[region, "certificate of shop"]
        assert grade == "FAIL"
        assert "PENDING_VALIDATION" in why
    gone = arns[STANDBY]
    sandbox.boto("acm", STANDBY).delete_certificate(CertificateArn=gone)
    grade, why = Told(drd)[STANDBY, "certificate of shop"]
    assert (grade, gone in why) == ("FAIL", True)


# -- without --online --------------------------------------------------------


def test_old_runtimes_are_told(drd):
    set_function(drd, "runtime = nodejs14.x")
    result = drd.verb("check")
    assert result.returncode == 1
    assert "nodejs14.x" in result.stderr
    assert "move to nodejs24.x" in result.stderr
    set_function(drd, "runtime = provided.al9")
    result = drd.verb("check")
    assert result.returncode == 0
    assert 'advice: stack "shop": runtime provided.al9' in result.stdout


def test_an_old_runtime_does_not_stop_the_daemon(shop):
    """It is no mistake of the file: some date came, and nothing else."""
    set_function(shop, "runtime = nodejs14.x")
    shop.start()
    assert 'start: stack "shop": runtime nodejs14.x' in shop.log()


def test_triggers_that_die_together_are_warned_of(drd):
    drd.write_config(stack="when_blind = hold")
    line = drd.config.read_text().splitlines().index("\twhen_blind = hold") + 1
    warning = f"warning: {drd.config}:{line}: trigger: when {PRIMARY} is gone none"
    for words, status in ((), 0), (("--strict",), 1):
        result = drd.verb("check", *words)
        assert result.returncode == status, result.stderr
        assert warning in result.stderr
    drd.write_config(stack="")
    result = drd.verb("check", "--strict")
    assert (result.returncode, result.stderr) == (0, "")
    assert f'advice: stack "shop": when {PRIMARY} is gone no' in result.stdout
    assert "(when_blind = probe)" in result.stdout
    drd.write_config(stack='trigger = { route53, "probe" }')
    assert "is gone" not in drd.verb("check").stdout
