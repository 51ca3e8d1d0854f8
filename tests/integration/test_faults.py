# SPDX-License-Identifier: MIT
"""Whatever AWS may answer, at every step of an apply and of a destroy.

The steps are those that a clean life has sent, so none is forgotten; what goes
wrong is a table.  Whatever goes wrong where: it is said once, with AWS's code
and request and what to do; what does not depend on it is done; and who comes
afterwards ends where a life without faults ends, with nothing twice.

Each round breaks several steps at a time, and a fault that nobody has met,
because another one was in the way, waits for another round.  A few rounds are
drawn, always the same ones unless DRD_SEED=N says otherwise; DRD_FAULTS=1/1
goes through all of them, for an hour or two, and 2/3 through the second third.
"""

import collections
import os
import random
import re

import pytest
from census import Census
from drdctl import Drd
from sandboxctl import Sandbox

PART = os.environ.get("DRD_FAULTS")
SEED = int(os.environ.get("DRD_SEED", 1))
ROUNDS = int(os.environ.get("DRD_ROUNDS", 3))  # if not a part of all
TOGETHER = 8  # faults in a round
READS = ("Describe", "Get", "List")
VERBS = {
    "apply": ("apply", "--yes"),
    "destroy": ("destroy", "--yes-destroy", "shop"),
}
SPEED = 120
LIMIT = 120  # seconds for one run

# -- what goes wrong ------------------------------------------------------

# Each service has its own word for it; those without one are left out.
CODES = {
    "invalid": {
        "ec2": (400, "InvalidParameterValue"),
        "s3": (400, "InvalidRequest"),
        "iam": (400, "MalformedPolicyDocument"),
        "elasticloadbalancing": (400, "ValidationError"),
        "lambda": (400, "InvalidParameterValueException"),
        "dynamodb": (400, "ValidationException"),
        "route53": (400, "InvalidInput"),
        "monitoring": (400, "InvalidParameterValue"),
        "sns": (400, "InvalidParameter"),
        "ssm": (400, "ValidationException"),
    },
    "limit": {
        "ec2": (400, "VpcLimitExceeded"),
        "s3": (400, "TooManyBuckets"),
        "iam": (409, "LimitExceeded"),
        "elasticloadbalancing": (400, "TooManyLoadBalancers"),
        "lambda": (400, "CodeStorageExceededException"),
        "dynamodb": (400, "LimitExceededException"),
        "route53": (400, "TooManyHealthChecks"),
        "monitoring": (400, "LimitExceeded"),
        "sns": (403, "TopicLimitExceeded"),
        "ssm": (400, "ParameterLimitExceeded"),
    },
    "skewed": {
        "ec2": (400, "RequestExpired"),
        "s3": (403, "RequestTimeTooSkewed"),
        "iam": (403, "SignatureDoesNotMatch"),
        "elasticloadbalancing": (403, "SignatureDoesNotMatch"),
        "lambda": (403, "InvalidSignatureException"),
        "dynamodb": (400, "InvalidSignatureException"),
        "route53": (403, "SignatureDoesNotMatch"),
        "monitoring": (403, "InvalidSignatureException"),
        "sns": (403, "SignatureDoesNotMatch"),
        "ssm": (400, "InvalidSignatureException"),
    },
    "exists": {
        "ec2": (400, "InvalidGroup.Duplicate"),
        "s3": (409, "BucketAlreadyOwnedByYou"),
        "iam": (409, "EntityAlreadyExists"),
        "elasticloadbalancing": (400, "DuplicateLoadBalancerName"),
        "lambda": (409, "ResourceConflictException"),
        "dynamodb": (400, "ResourceInUseException"),
        "route53": (409, "HealthCheckAlreadyExists"),
        "ssm": (400, "ParameterAlreadyExists"),
    },
    "conflict": {
        "ec2": (400, "IncorrectState"),
        "s3": (409, "OperationAborted"),
        "iam": (409, "ConcurrentModification"),
        "elasticloadbalancing": (400, "ResourceInUse"),
        "lambda": (409, "ResourceConflictException"),
        "dynamodb": (400, "ResourceInUseException"),
        "route53": (400, "PriorRequestNotComplete"),
        "monitoring": (409, "ConcurrentModificationException"),
        "sns": (400, "ConcurrentAccess"),
        "ssm": (400, "TooManyUpdates"),
    },
    # Those that nobody waits for: a bucket's name may be free in an hour.
    "clash": {
        "iam": (409, "EntityAlreadyExists"),
        "elasticloadbalancing": (400, "DuplicateTargetGroupName"),
        "route53": (400, "ConcurrentModification"),
        "monitoring": (409, "ConcurrentModificationException"),
        "sns": (400, "ConcurrentAccess"),
        "ssm": (400, "TooManyUpdates"),
    },
    "depends": {
        "ec2": (400, "DependencyViolation"),
        "s3": (409, "BucketNotEmpty"),
        "iam": (409, "DeleteConflict"),
        "elasticloadbalancing": (400, "ResourceInUse"),
        "dynamodb": (400, "ResourceInUseException"),
        "route53": (400, "HealthCheckInUse"),
    },
    "absent": {
        "ec2": (400, "InvalidVpcID.NotFound"),
        "s3": (404, "NoSuchBucket"),
        "iam": (404, "NoSuchEntity"),
        "elasticloadbalancing": (400, "LoadBalancerNotFound"),
        "lambda": (404, "ResourceNotFoundException"),
        "dynamodb": (400, "ResourceNotFoundException"),
        "route53": (404, "NoSuchHealthCheck"),
        "monitoring": (404, "ResourceNotFound"),
        "sns": (404, "NotFound"),
        "ssm": (400, "ParameterNotFound"),
    },
}

# name: (members of the fault, or a row of CODES; how many calls meet it, 0
# for all; does drd get over it in the same run?)
KINDS = {
    "throttled": ({"mode": "throttle"}, 2, True),
    "failing": ({"mode": "error"}, 2, True),
    "unavailable": ({"mode": "error", "status": 503}, 2, True),
    "truncated": ({"mode": "truncated"}, 1, True),
    "half": ({"mode": "truncated", "well_formed": True}, 1, True),
    "lost": ({"mode": "lost"}, 1, True),
    "reset": ({"mode": "refuse"}, 2, True),
    "silent": ({"mode": "drop"}, 1, True),
    "garbage": ({"mode": "html"}, 2, True),
    "nothing": ({"mode": "empty"}, 1, True),
    "exists": ("exists", 1, True),
    "conflict": ("conflict", 2, True),
    "depends": ("depends", 2, True),
    "absent": ("absent", 1, True),
    "denied": ({"mode": "denied"}, 0, False),
    "expired": ({"mode": "expired"}, 0, False),
    "invalid": ("invalid", 0, False),
    "limit": ("limit", 0, False),
    "skewed": ("skewed", 0, False),
    "always throttled": ({"mode": "throttle"}, 0, False),
    "always failing": ({"mode": "error"}, 0, False),
    "always reset": ({"mode": "refuse"}, 0, False),
    "always conflict": ("clash", 0, False),
}
# A removal has patience: what is in the way is waited for, half an hour long.
ONLY_OF_APPLY = ["always conflict", "exists", "limit"]
ONLY_OF_DESTROY = ["depends", "absent"]

# An apply sends what makes something once, whatever becomes of it: the next
# run tries again.  Some of it is not even repeated by the client.
MAKES = re.compile("Create|Associate|Attach|Authorize|Register|Add|Put|Change")
NEVER_REPEATED = ("ec2",)
ANSWERS_WITH_XML = ("ec2", "iam", "elasticloadbalancing", "sns")

Step = collections.namedtuple("Step", "region service operation")
Case = collections.namedtuple("Case", "step kind")


def fault_of(case):
    """What the sandbox is told, or None if the service has no such error."""
    spec, times, _ = KINDS[case.kind]
    if isinstance(spec, str):
        if case.step.service not in CODES[spec]:
            return None
        status, code = CODES[spec][case.step.service]
        spec = {"mode": "error", "status": status, "code": code}
    fault = {**case.step._asdict(), **spec}
    # All calls of a global service are calls of its region.
    return {**fault, "times": times} if times else fault


def must_get_over(verb, case):
    """In the same run, that is; in the next one anything."""
    if not KINDS[case.kind][2]:
        return False
    if case.kind == "nothing" and case.step.service not in ANSWERS_WITH_XML:
        return False  # their writes may answer so: it passes for done
    if verb == "destroy" or not MAKES.match(case.step.operation):
        return True
    if case.kind in ("exists", "conflict", "nothing"):
        return False
    if case.kind in ("throttled", "truncated", "half", "lost"):
        return True  # not done for sure, or seen to be done
    return case.step.service not in NEVER_REPEATED


def cases_of(verb, steps):
    without = ONLY_OF_DESTROY if verb == "apply" else ONLY_OF_APPLY
    found = [
        Case(step, kind)
        for step in sorted(steps)
        for kind in KINDS
        if kind not in without
    ]
    return [case for case in found if fault_of(case)]


# -- what drd says --------------------------------------------------------

LINE = re.compile(r"^! (?P<where>\S+ +\S+ +.*?): (?P<text>.*)$")
SECOND_HAND = ("waits for ", "left: ")


def complaints(done):
    """{object: text with its advice}, of what it shows at its end."""
    shown = done.stdout[done.stdout.rindex("stack shop: ") :].splitlines()
    found = {}
    for line, following in zip(shown, [*shown[1:], ""]):
        match = LINE.match(line)
        if match and not match["text"].startswith(SECOND_HAND):
            assert match["where"] not in found, f"twice: {line}"
            advice = following if following.startswith("      to do") else ""
            found[match["where"]] = match["text"] + advice
    return found


def says(text, case):
    return re.search(rf"\b{case.step.operation}\b", text) is not None


def check_words(text, code):
    """A person knows where, what, and what to do."""
    assert "to do: " in text, text
    if code:
        assert code in text, text
        assert re.search(r"request [0-9a-f-]{36}", text), text


# -- a world --------------------------------------------------------------


class World:
    """A sandbox, and what a life without faults makes of it."""

    def __init__(self, build, sandbox, directory):
        self.sandbox = sandbox
        self.drd = Drd(
            build,
            sandbox,
            directory,
            request_timeout="5s",
        )
        self.census = Census(sandbox)
        self.ends = {"destroy": self.census.take()}
        self.steps = {}
        for verb in VERBS:
            self.mark = self.last_call()
            self.finish(verb, "without a fault")
            self.steps[verb] = {
                Step(c["region"], c["service"], c["operation"])
                for c in self.calls()
                if not c["operation"].startswith(READS)
            }

    def last_call(self):
        calls = self.sandbox.calls()
        return calls[-1]["seq"] if calls else 0

    def calls(self):
        return self.sandbox.calls(self.mark, user_agent="drd/")

    def run(self, verb):
        self.mark = self.last_call()
        return self.drd.verb(*VERBS[verb], timeout=LIMIT)

    def finish(self, verb, told):
        """With nothing in the way all is as it should be."""
        done = self.run(verb)
        assert done.returncode == 0, f"{told}: {done.stdout}{done.stderr}"
        self.check_end(verb, told)

    def check_end(self, verb, told):
        there = self.census.take()
        wanted = self.ends.setdefault(verb, there)
        assert there == wanted, (
            f"{told}: too many: {dict(there - wanted)}, "
            f"missing: {dict(wanted - there)}"
        )
        if verb == "apply":
            plan = self.drd.verb("plan", timeout=120)
            assert plan.returncode == 0, f"{told}: {plan.stdout}{plan.stderr}"

    def break_and_run(self, verb, cases):
        """What has met its fault; all of it is checked."""
        ids = {c: self.sandbox.fault(**fault_of(c)) for c in cases}
        print(verb, *(f"{'/'.join(c.step)} {c.kind};" for c in cases), flush=True)
        try:
            done = self.run(verb)
        finally:
            self.sandbox.clear()
        calls = [c for c in self.calls() if c["fault"] not in (None, "bucket")]
        where = {
            Step(c["region"], c["service"], c["operation"]): c["status"]
            for c in calls
        }
        met = [c for c in ids if c.step in where]
        # Half a refusal is not known to be one for the time being.
        self.garbled = {s for s, status in where.items() if status == 400}
        told = f"DRD_SEED={SEED}: {verb}: {[(*c.step, c.kind) for c in met]}"
        try:
            self.check_words(verb, done, met)
        except AssertionError as error:
            raise AssertionError(
                f"{told}: {error}\n{done.stdout}{done.stderr}"
            ) from None
        if done.returncode == 0:
            self.check_end(verb, told)
        else:
            self.finish(verb, told)
        return met

    def check_words(self, verb, done, met):
        lasting = [c for c in met if not KINDS[c.kind][2]]
        passing = [
            c
            for c in met
            if must_get_over(verb, c)
            and not (c.kind in ("half", "truncated") and c.step in self.garbled)
        ]
        if len(passing) == len(met):
            assert done.returncode == 0, "it could have gone on"
        if done.returncode == 0:
            assert not lasting
            return
        assert done.returncode == 1
        said = complaints(done)
        for case in lasting:
            assert any(says(t, case) for t in said.values()), f"unsaid: {case}"
        for text in said.values():
            # Of nothing else, and of that clearly.
            [case] = [c for c in met if says(text, c)] or [None]
            assert case and case not in passing, text
            check_words(text, fault_of(case).get("code"))
        # Whatever does not depend on it is done.
        undone = "0 to create, 0 to change, 0 foreign, "
        if verb == "destroy":
            undone = "0 to remove, "
        assert f"\n{undone}" in done.stdout[done.stdout.rindex("stack shop") :]


@pytest.fixture(scope="module")
def world(build, tmp_path_factory):
    with Sandbox(speed=SPEED) as sandbox:
        yield World(build, sandbox, tmp_path_factory.mktemp("faults"))


def draw(chance, cases):
    """Some, no operation twice, so that it is clear whose fault it is."""
    drawn = {}
    for case in chance.sample(cases, len(cases)):
        if len(drawn) < TOGETHER:
            drawn.setdefault(case.step.operation, case)
    return list(drawn.values())


def test_every_fault_at_every_step(world):
    print(f"DRD_SEED={SEED}")
    chance = random.Random(SEED)
    left = {verb: cases_of(verb, world.steps[verb]) for verb in VERBS}
    if PART:
        part, parts = map(int, PART.split("/"))
        left = {verb: left[verb][part - 1 :: parts] for verb in VERBS}
    tries, failures = collections.Counter(), []
    rounds = 0
    while any(left.values()) and (PART or rounds < ROUNDS):
        rounds += 1
        for verb in VERBS:
            drawn = draw(chance, left[verb])
            tries.update(drawn)
            try:
                met = world.break_and_run(verb, drawn)
            except AssertionError as error:
                failures.append(str(error))
                print(error)
                met = drawn
                world.finish(verb, f"after a failure: {error}")
            lonely = [c for c in drawn if c not in met and tries[c] > 9]
            if lonely:
                failures.append(f"drd never sends {lonely}")
            left[verb] = [c for c in left[verb] if c not in [*met, *lonely]]
        print(rounds, {verb: len(left[verb]) for verb in VERBS}, flush=True)
    assert failures == []
