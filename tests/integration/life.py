# SPDX-License-Identifier: MIT
"""The whole life of a stack, once, with everything that drd sends in it.

Plan, apply, drift of whatever may drift, repairs by `drd apply` and by the
daemon, another configuration, a failover and the way back, adoption, destroy.
What is judged of it is in test_conformance.py, test_policy.py and
test_golden.py; here is only what has to be true for the next step to follow.
"""

import collections
import dataclasses
import json
import shutil
import subprocess

import drifts
from drdctl import Drd
from outside import PRIMARY, STANDBY, Outside
from sandboxctl import Sandbox, wait_for

NAME, ZONE = "life", "life.test"

# Health checks stay with HTTP: the sandbox's load balancers speak no TLS.
FIRST = """\
subscriptions = {{ "email:oncall@life.test" }}
	bucket {{ replicate_back = yes expire_days = 3 }}
	entry {{ domain = "life.life.test" {entry} }}
	health_check {{ protocol = http {check} }}
	table {{ protected = {protected} }}
	alarms {{ {alarms} }}
"""
PLAIN = {
    "entry": "",
    "check": "",
    "function": "",
    "protected": "no",
    "alarms": "",
}
CHANGED = {
    "entry": "keepalive = 10m target_interval = 20s target_threshold = 3",
    "check": "threshold = 4",
    "function": "memory = 1024 timeout = 20s concurrency = 50",
    "protected": "yes",
    "alarms": "elb_5xx = 20 lambda_errors = 7 lambda_duration = 9s",
}

# Done by the daemon, which takes nothing away and has its brake.
FOR_THE_DAEMON = (
    drifts.entry.keepalive,
    drifts.compute.less_concurrency,
    drifts.data.bucket_policy,
    drifts.watching.alarm,
    drifts.watching.parameter,
    drifts.watching.topic_tags,
    drifts.network.no_route,
)


@dataclasses.dataclass
class Round:
    """One `drd drift` and one `drd apply`."""

    plan: dict  # before it, as JSON
    text: str  # ... and as text
    calls: list  # of the apply
    drifts: list  # what was done before


@dataclasses.dataclass
class Life:
    """What there is to judge afterwards."""

    policies: dict = dataclasses.field(default_factory=dict)
    policy_told: str = ""  # on standard error
    tagged: set = dataclasses.field(default_factory=set)  # ids with our tags
    rounds: dict = dataclasses.field(default_factory=dict)
    calls: list = dataclasses.field(default_factory=list)  # drd's
    reads: list = dataclasses.field(default_factory=list)  # of drift, plan
    destroyed: list = dataclasses.field(default_factory=list)
    left_over: list = dataclasses.field(default_factory=list)
    addresses: list = dataclasses.field(default_factory=list)  # sandbox's
    trace: str | None = None


def strace(target):
    """The words that have strace write the network calls to `target`."""
    if shutil.which("strace") is None:
        return ()
    words = ["strace", "-D", "-f", "-e", "trace=connect,sendto,sendmsg"]
    words += ["-e", "signal=none", "-A", "-o", str(target)]
    tried = subprocess.run([*words, "true"], capture_output=True)
    return words if tried.returncode == 0 else ()


class Living:
    def __init__(self, drd, sandbox):
        self.drd, self.sandbox, self.life = drd, sandbox, Life()
        self.outside = Outside(sandbox, NAME, ZONE)

    def configure(self, **changes):
        settings = {**PLAIN, **changes}
        function = settings.pop("function")
        self.drd.write_config(
            stack=FIRST.format(**settings), function=function
        )

    def verb(self, *words, code=0):
        done = self.drd.verb(*words)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def look(self, code, *words):
        """A plan as text and as JSON, which reads and nothing else."""
        before = self.outside.mark()
        text = self.verb(*words, code=code).stdout
        plan = json.loads(self.verb(*words, "--json", code=code).stdout)
        self.life.reads += self.outside.drd_calls(before)
        return text, plan

    def round(self, name, drifted=()):
        """Look, apply, and see that nothing is left to do."""
        text, plan = self.look(2, "drift")
        before = self.outside.mark()
        self.verb("apply", "--yes")
        calls = self.outside.drd_calls(before)
        self.life.rounds[name] = Round(plan, text, calls, list(drifted))
        self.verb("drift")

    # -- the stages ------------------------------------------------------

    def be_born(self):
        for words in ([], ["--read-only"]):
            done = self.verb("policy", *words)
            self.life.policies[" ".join(words)] = json.loads(done.stdout)
            self.life.policy_told = self.life.policy_told or done.stderr
        before = self.outside.mark()
        self.verb("check", "--online")
        self.life.reads += self.outside.drd_calls(before)
        text, plan = self.look(2, "plan")
        before = self.outside.mark()
        self.verb("apply", "--yes")
        calls = self.outside.drd_calls(before)
        self.life.rounds["birth"] = Round(plan, text, calls, [])
        before = self.outside.mark()
        self.verb("apply", "--yes")
        calls = self.outside.drd_calls(before)
        self.life.rounds["again"] = Round({}, "", calls, [])
        self.verb("outputs")
        self.it = drifts.Things(self.outside)
        self.it.wait = lambda true, what: wait_for(true, 20, 0.05, what)
        self.note_tags()

    def drift(self, number):
        chosen = [d for d in drifts.DRIFTS if d.round == number]
        for drift in chosen:
            drift.make(self.it)
        self.round(f"drift {number}", chosen)

    def be_watched(self):
        """The daemon's part: repairs, a failover, the way back."""
        drd, outside = self.drd, self.outside
        wait_for(outside.is_calm, 20, 0.1, "a primary that stays healthy")
        drd.start()
        drd.wait_well(stack=NAME)
        before = outside.mark()
        for make in FOR_THE_DAEMON:
            make(self.it)
        chosen = [d for d in drifts.DRIFTS if d.make in FOR_THE_DAEMON]
        sends = sum(len(d.sends) for d in chosen)
        wait_for(
            lambda: sent(outside.drd_calls(before)).total() >= sends,
            20,
            0.1,
            "the daemon's repairs",
        )
        drd.wait_well(stack=NAME)
        calls = outside.drd_calls(before)
        self.life.rounds["daemon"] = Round({}, "", calls, chosen)
        self.fail_over_and_back()
        assert drd.stop() == 0

    def fail_over_and_back(self):
        drd = self.drd
        alb = self.outside.full_name(PRIMARY, "alb")
        fault = self.sandbox.fault(load_balancer=alb, mode="refuse")
        drd.wait_role("failed-over", stack=NAME)
        drd.wait_settled(stack=NAME)
        self.sandbox.clear(fault)
        drd.wait_able_to_fail_back(stack=NAME)
        order = drd.tool("drdctl", "failback", NAME, "--reason", "déjà vu & co")
        assert order.returncode == 0, order.stderr
        drd.wait_role("steady", stack=NAME)
        drd.wait_settled(stack=NAME)

    def note_tags(self):
        """What may be written under a condition on its tags."""
        self.life.tagged |= set(drifts.tagged(self.it))

    def be_adopted(self):
        """What has lost its tags is nobody's, and asked for."""
        drifts.disown(self.it)
        text, plan = self.look(1, "plan")
        self.life.rounds["disowned"] = Round(plan, text, [], [])
        text, plan = self.look(2, "plan", "--adopt")
        before = self.outside.mark()
        self.verb("apply", "--adopt", "--yes")
        calls = self.outside.drd_calls(before)
        self.life.rounds["adoption"] = Round(plan, text, calls, [])
        self.verb("drift")

    def die(self):
        drifts.fill(self.it)
        before = self.outside.mark()
        self.verb("destroy", "--yes-destroy", NAME)
        self.life.destroyed = self.outside.drd_calls(before)
        self.life.left_over = drifts.remains(self.it)


READS = ("Get", "List", "Describe", "Head")


def is_write(call):
    return not call["operation"].startswith(READS)


def sent(calls):
    """What was written and accepted: {(region, operation): how often}.  The
    latch's metric is fed all the time."""
    return collections.Counter(
        (c["region"], c["operation"])
        for c in calls
        if is_write(c)
        and c["operation"] != "PutMetricData"
        and c["status"] is not None
        and c["status"] < 300
    )


def live(build, directory, speed):
    """The life, on a sandbox of its own."""
    names = {"stacks": (NAME,), "zone": ZONE, "request_timeout": "5s"}
    with (
        Sandbox(speed=speed) as sandbox,
        Drd(build, sandbox, directory, **names) as drd,
    ):
        drd.wrapper = strace(directory / "trace")
        living = Living(drd, sandbox)
        living.configure()
        living.be_born()
        living.drift(1)
        living.drift(3)
        living.drift(4)
        living.be_watched()
        living.configure(**CHANGED)
        living.round("changed")
        living.drift(2)
        living.be_adopted()
        balancers = sandbox.world()["load_balancers"]
        living.die()
        life = living.life
        life.calls = sandbox.calls(user_agent="drd/")
        life.addresses = [sandbox.dns()[0]] + [
            sandbox.endpoint(r).split("/")[2].split(":")[0]
            for r in (PRIMARY, STANDBY)
        ]
        life.addresses += [b["address"] for b in balancers]  # for the probes
        if drd.wrapper:
            life.trace = (directory / "trace").read_text()
        return life
