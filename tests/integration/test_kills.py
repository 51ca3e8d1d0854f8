# SPDX-License-Identifier: MIT
"""kill -9 at any moment of `apply` and of `destroy`.

A hundred deaths, spread evenly over the whole length of both.  Whoever comes
next, to go on or to turn back, brings it to the same end as if nobody had
died: all of the stack once and as declared, or nothing of it.

DRD_KILLS=1000 dies more often, DRD_SEED=N dies at the same moments again.
"""

import os
import random
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from census import Census
from drdctl import Drd
from sandboxctl import Sandbox, wait_for

KILLS = int(os.environ.get("DRD_KILLS", 100))
SEED = int(os.environ.get("DRD_SEED", random.randrange(10**6)))
WORLDS = 2  # side by side: a sandbox is one process, on one processor
SPEED = 120
VERBS = {
    "apply": ("apply", "--yes"),
    "destroy": ("destroy", "--yes-destroy", "shop"),
}


class World:
    """A sandbox with all of the stack, or with nothing of it."""

    def __init__(self, build, sandbox, directory, number, kills):
        self.sandbox, self.number = sandbox, number
        # Time-outs are for test_faults: a busy machine is no fault.
        self.drd = Drd(
            build,
            sandbox,
            directory,
            request_timeout="30s",
        )
        self.chance = random.Random(SEED * WORLDS + number)
        self.moments = {
            verb: self.spread(kills // 2 + (kills % 2) * (verb == "apply"))
            for verb in VERBS
        }
        self.deaths = []  # (verb, moment, calls made until then)

    def spread(self, count):
        """Moments from 0 to 1, evenly but for some jitter, in any order."""
        moments = [(i + self.chance.random()) / count for i in range(count)]
        self.chance.shuffle(moments)
        return moments

    def live(self):
        """What a life without deaths makes, leaves, and how long it takes."""
        self.census = Census(self.sandbox)
        self.ends = {"destroy": self.census.take()}
        self.seconds = {}
        for verb in VERBS:
            began = time.monotonic()
            done = self.drd.verb(*VERBS[verb], timeout=300)
            self.seconds[verb] = time.monotonic() - began
            assert done.returncode == 0, done.stdout + done.stderr
            self.ends.setdefault(verb, self.census.take())
        assert self.ends["apply"] != self.ends["destroy"]
        assert self.census.take() == self.ends["destroy"]

    def die(self):
        """Until there is no moment left at which nobody has died yet."""
        self.live()
        verb = "apply"  # what there is to do
        while any(self.moments.values()):
            if not self.moments[verb]:
                self.finish(verb, "a way to the other")
            elif self.kill(verb, self.moments[verb][-1]):
                following = self.who_follows(verb, self.moments[verb].pop())
                self.finish(following, f"{self.deaths[-1]}, then {following}")
                verb = following
            else:
                self.seconds[verb] *= 0.9  # it was done before its time
            verb = self.other(verb)
        self.finish("destroy", "the end")
        return self.deaths

    @staticmethod
    def other(verb):
        return "destroy" if verb == "apply" else "apply"

    def who_follows(self, verb, moment):
        """Somebody who goes on, or who turns back: mostly the shorter way."""
        goes_on = (moment > 0.5) == (self.chance.random() < 0.75)
        return verb if goes_on else self.other(verb)

    def finish(self, verb, told):
        """Whatever has been: it ends as if nobody had died."""
        done = self.drd.verb(*VERBS[verb], timeout=300)
        told = f"DRD_SEED={SEED}, world {self.number}: {told}"
        assert done.returncode == 0, f"{told}: {done.stdout}{done.stderr}"
        there, wanted = self.census.take(), self.ends[verb]
        assert there == wanted, (
            f"{told}: too many: {dict(there - wanted)}, "
            f"missing: {dict(wanted - there)}"
        )
        if verb == "apply":
            plan = self.drd.verb("plan", timeout=120)
            assert plan.returncode == 0, f"{told}: {plan.stdout}{plan.stderr}"

    def kill(self, verb, moment):
        """False if it was done before."""
        self.sandbox.forget_calls()
        victim = subprocess.Popen(
            [self.drd.build / "drd", VERBS[verb][0], "-f", self.drd.config]
            + list(VERBS[verb][1:]),
            env=self.drd.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # The one place where a moment, not a condition, is what counts.
        time.sleep(moment * self.seconds[verb])
        victim.kill()
        if victim.wait() >= 0:
            assert victim.returncode == 0
            return False
        # What has left arrives.  Nobody can be faster than a call that is
        # under way: most of EC2's creations take no token.
        wait_for(
            self.sandbox.has_answered, 30, 0.01, "the answers to the dead"
        )
        calls = len(self.sandbox.calls(user_agent="drd/"))
        self.deaths.append((verb, round(moment, 3), calls))
        return True


def test_whoever_comes_after_a_death_finishes_the_work(build, tmp_path):
    print(f"DRD_SEED={SEED}")

    def one_world(number):
        directory = tmp_path / f"world{number}"
        directory.mkdir()
        kills = KILLS // WORLDS + (number < KILLS % WORLDS)
        with Sandbox(speed=SPEED) as sandbox:
            return World(build, sandbox, directory, number, kills).die()

    with ThreadPoolExecutor(WORLDS) as pool:
        deaths = sum(pool.map(one_world, range(WORLDS)), [])
    assert len(deaths) == KILLS
    for verb in VERBS:
        print(verb, sorted(calls for v, _, calls in deaths if v == verb))
