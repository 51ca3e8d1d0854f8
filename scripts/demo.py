#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make demo: a real daemon moves a real (emulated) stack to the other region.

The sandbox is two AWS regions on this machine, at thirty times the speed of
the real ones.  drd builds the failover path, watches it, and then the primary
region's data plane goes silent: no error, no refusal, just no answer.  What
is printed afterwards is what boto3, a DNS query and a plain HTTP user saw, not
what drd says of itself.  Exit status 0 only if all of it moved.
"""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from drdctl import Drd  # noqa: E402
from sandboxctl import Sandbox, wait_for  # noqa: E402

import dnslib  # noqa: E402

PRIMARY, STANDBY = "us-east-1", "us-west-2"
SPEED = 30
LIMIT = 40  # seconds from the break to the last proof


def say(text=""):
    print(text, flush=True)


class Watcher:
    """What a user of the stack can see, and since when."""

    def __init__(self, sandbox, drd):
        self.sandbox, self.drd = sandbox, drd
        self.ssm = {region: sandbox.boto("ssm", region)
                    for region in (PRIMARY, STANDBY)}
        self.addresses = {b["region"]: b["address"]
                          for b in sandbox.world()["load_balancers"]}
        self.started = time.monotonic()
        self.seen = {}  # what: seconds after the break

    def note(self, what, true):
        if true and what not in self.seen:
            self.seen[what] = time.monotonic() - self.started
        return what in self.seen

    def active(self, region):
        """The region that the parameter in `region` names."""
        value = self.ssm[region].get_parameter(
            Name="/dr/shop-prod/active", WithDecryption=True)
        return json.loads(value["Parameter"]["Value"])

    def resolve(self):
        """The failover name's address, asked of the zone's name server."""
        question = dnslib.DNSRecord.question("shop.example.test")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(1)
            s.connect(self.sandbox.dns())
            s.send(question.pack())
            reply = dnslib.DNSRecord.parse(s.recv(4096))
        return [str(rr.rdata) for rr in reply.rr]

    def region_of_users(self):
        """Which region serves a user who follows the name."""
        address = self.resolve()[0]
        url = f"http://{address}:{self.sandbox.ready['lb_port']}/health"
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(url, timeout=0.3) as reply:
                return json.load(reply)["region"]
        return None

    def notices(self, region):
        return [m for m in self.sandbox.sns(region=region)
                if json.loads(m["message"]).get("event") == "FAILOVER"]

    def look(self):
        """One look at everything; true when all of it has moved."""
        found = [
            self.note("users are served by " + STANDBY,
                      self.region_of_users() == STANDBY),
            self.note("DNS answers with " + STANDBY,
                      self.resolve() == [self.addresses[STANDBY]]),
        ]
        for region in (STANDBY, PRIMARY):
            found.append(self.note(
                f"notice published in {region}", self.notices(region)))
            found.append(self.note(
                f"parameters in {region} name {STANDBY}",
                self.active(region)["active"] == STANDBY))
        return all(found)


def timeline(watcher, status):
    """Everything that happened, in order, in seconds after the break."""
    change = status["stacks"][0]["change"]
    wall = time.time() - (time.monotonic() - watcher.started)

    def after(stamp):
        return Drd.seconds(stamp) - wall

    rows = [(0.0, f"{PRIMARY} stops answering (silently)", ""),
            (after(change["first_fail_at"]), "first failing poll", "drd"),
            (after(change["decided_at"]), "third failing poll: decision on "
             "disk", "drd")]
    rows += [(seconds, what, "seen from outside")
             for what, seconds in watcher.seen.items()]
    say(f"\n  {'seconds':>8}")
    for seconds, what, who in sorted(rows):
        say(f"  {seconds:8.2f}  {what:<48} {who}")


def proof(watcher):
    say("\nProof, by boto3, DNS and HTTP:\n")
    for region in (PRIMARY, STANDBY):
        value = watcher.active(region)
        say(f"  ssm {region}  /dr/shop-prod/active   {value['active']}, "
            f"epoch {value['epoch']}")
        notice = watcher.notices(region)[0]
        say(f"  sns {region}  {notice['subject']}")
    say(f"  dns            shop.example.test -> {watcher.resolve()[0]} "
        f"({STANDBY}'s load balancer)")
    say(f"  http           served by {watcher.region_of_users()}")


def run(sandbox, drd):
    say(f"== sandbox: {PRIMARY} and {STANDBY} at {SPEED} times the speed of "
        "the real ones")
    say("\n== drd apply: build the failover path\n")
    applied = drd.verb("apply", "--yes")
    say(applied.stdout)
    if applied.returncode != 0:
        raise AssertionError("drd apply failed:\n" + applied.stderr)

    say("== drd run: watch\n")
    drd.start()
    drd.wait_role("steady")
    wait_for(drd.all_signals_ok, 20, what="every trigger signal")
    say(drd.screen())

    watcher = Watcher(sandbox, drd)
    assert watcher.region_of_users() == PRIMARY, "users start elsewhere"
    say(f"== {PRIMARY}'s data plane drops every packet, now\n")
    watcher.started = time.monotonic()
    sandbox.fault(region=PRIMARY, plane="data", mode="drop")
    moved = False
    while not moved and time.monotonic() - watcher.started < LIMIT:
        moved = watcher.look()
        time.sleep(0.05)
    drd.wait_role("failed-over")
    wait_for(lambda: drd.pending() == 0, 20, what="every effect")
    say(drd.screen())
    timeline(watcher, drd.status())
    if not moved:
        raise AssertionError(f"not all of it moved within {LIMIT} s")
    proof(watcher)


def main():
    build = pathlib.Path(os.environ.get("DRD_BUILD", ROOT / "build"))
    with tempfile.TemporaryDirectory(prefix="drd-demo-") as directory:
        with Sandbox(speed=SPEED, stack="shop") as sandbox:
            with Drd(build, sandbox, pathlib.Path(directory)) as drd:
                try:
                    run(sandbox, drd)
                except (AssertionError, subprocess.SubprocessError) as error:
                    say(f"\nThe demo failed: {error}\n\n{drd.log()}")
                    return 1
    say("\nThe stack has moved, once, and the journal says why.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
