#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make demo: a real daemon moves a real (emulated) stack to the other region.

The sandbox is two AWS regions on this machine.  drd builds the failover path
and watches it; then the primary region's data plane goes silent: no error, no
refusal, just no answer.  Whether the stack has moved is judged from outside,
by boto3, DNS queries and HTTP; drd's own word is shown beside it, and marked.
Exit status 0 only if all of it moved, once.

It is a time lapse.  What takes Route 53, CloudWatch and drd half a minute
takes a second here, and every AWS call is slowed to what it takes across a
continent: the calls of a failover are the part that is not sped up.
"""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from drdctl import Drd  # noqa: E402
from sandboxctl import Sandbox  # noqa: E402

import dnslib  # noqa: E402

PRIMARY, STANDBY = "us-east-1", "us-west-2"
NAME = "shop.example.test"
PARAMETERS = "/dr/shop-prod/endpoint", "/dr/shop-prod/active"
SPEED = 30
LATENCY_MS = 40  # added to every AWS call
LIMIT = 30  # seconds from the break to the last proof
PACE = {  # drd's defaults, sped up as the sandbox is
    "poll_interval": "1s",
    "poll_deadline": "800ms",
    "reconcile_interval": "1s",
}


def say(text=""):
    print(text, flush=True)


class Outside:
    """The stack as others see it: its users, their resolvers, AWS clients."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.ssm = {r: sandbox.boto("ssm", r) for r in (PRIMARY, STANDBY)}
        self.regions = {
            b["address"]: b["region"]
            for b in sandbox.world()["load_balancers"]
        }

    def address(self):
        """What the zone's name server answers for the failover name."""
        question = dnslib.DNSRecord.question(NAME)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.settimeout(1)
            server.connect(self.sandbox.dns())
            server.send(question.pack())
            reply = dnslib.DNSRecord.parse(server.recv(4096))
        return str(reply.rr[0].rdata) if reply.rr else None

    def dns_region(self):
        return self.regions.get(self.address())

    def http_region(self):
        """Which region serves a user who follows the name."""
        port = self.sandbox.ready["lb_port"]
        url = f"http://{self.address()}:{port}/health"
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(url, timeout=0.3) as reply:
                return json.load(reply)["region"]
        return None

    def parameters(self, region):
        """Both parameters that a failover flips, as GetParameters has them."""
        reply = self.ssm[region].get_parameters(
            Names=PARAMETERS, WithDecryption=True
        )
        return {p["Name"]: p for p in reply["Parameters"]}

    def active(self, region):
        """The document of /dr/shop-prod/active in `region`."""
        return json.loads(self.parameters(region)[PARAMETERS[1]]["Value"])

    def notices(self, region):
        """The failover notices in `region`; alarms use the topic too."""
        return [
            m
            for m in self.sandbox.sns(region=region)
            if m["attributes"].get("drd_event") == "STARTED"
        ]

    def has_moved(self, region):
        """Notice and parameters in `region` say that the stack has moved."""
        active = self.active(region)
        endpoint = self.parameters(region)[PARAMETERS[0]]["Value"]
        return (
            active["active"] == STANDBY
            and active["endpoint"] == endpoint
            and len(steps(self.notices(region))) == 1
        )


def steps(notices):
    """What they tell of: a notice that came twice has the same step."""
    return {m["attributes"]["drd_step"] for m in notices}


def watch_it_move(outside, drd, fault):
    """Break it and look until all of it has moved; the rows of a timeline.

    A row is (time, who noted it, what happened).  DNS and HTTP are what a look
    every 50 ms saw; parameters and notices carry a time of their own.
    """
    rows = [(time.time(), "sandbox", f"{PRIMARY} falls silent")]
    outside.sandbox.fault(**fault)
    waiting = [
        ("DNS", f"{NAME} is in {STANDBY}", outside.dns_region),
        ("HTTP", f"a user is served by {STANDBY}", outside.http_region),
    ]
    staying = [STANDBY, PRIMARY]
    deadline = time.monotonic() + LIMIT
    while waiting or staying:
        for one in list(waiting):
            if one[2]() == STANDBY:
                waiting.remove(one)
                rows.append((time.time(), *one[:2]))
        staying = [r for r in staying if not outside.has_moved(r)]
        if drd.process.poll() is not None:
            raise AssertionError("drd has ended")
        if time.monotonic() > deadline:
            late = [one[0] for one in waiting] + staying
            raise AssertionError(f"{', '.join(late)} did not move in {LIMIT} s")
        time.sleep(0.05)
    for region in (STANDBY, PRIMARY):
        for notice in outside.notices(region):
            rows.append((notice["time"], "SNS", f"notice in {region}"))
        written = outside.parameters(region).values()
        rows.append((
            max(p["LastModifiedDate"] for p in written).timestamp(),
            "SSM",
            f"both parameters in {region} say {STANDBY}",
        ))
    return rows


def as_drd_saw_it(drd):
    """What drd says happened, as rows of the timeline."""
    stack = drd.wait_settled()
    change = stack["change"]
    return [
        (
            drd.seconds(change["first_fail_at"]),
            "drd",
            "first failing poll: steady -> suspect",
        ),
        (
            drd.seconds(change["decided_at"]),
            "drd",
            f"failing poll {stack['fall']}: -> failing-over, epoch "
            f"{change['epoch']} is on disk",
        ),
        (
            drd.seconds(stack["role_since"]),
            "drd",
            f"{STANDBY} confirmed: -> {stack['role']}",
        ),
    ]


def timeline(rows):
    start = rows[0][0]
    say("  seconds  seen by  what")
    for at, who, what in sorted(rows):
        say(f"  {at - start:7.2f}  {who:<7}  {what}")


def proof(outside):
    for region in (STANDBY, PRIMARY):
        active, notices = outside.active(region), outside.notices(region)
        say(f"  SSM   {region}  {PARAMETERS[1]} = {active['active']}, epoch "
            f"{active['epoch']}")
        repeats = len(notices) - len(steps(notices))
        say(f"  SNS   {region}  {notices[0]['subject']}"
            + (f" (came {repeats + 1} times)" if repeats else ""))
    say(f"  DNS   {NAME} = {outside.address()}, the load balancer in "
        f"{outside.dns_region()}")
    say(f"  HTTP  GET http://{NAME}/health is answered by "
        f"{outside.http_region()}")


def build_path(drd):
    """drd apply: what it created, and the sum."""
    applied = drd.verb("apply", "--yes")
    lines = applied.stdout.splitlines()
    for line in lines:
        if line.startswith("+ "):
            say("  " + line)
    if applied.returncode != 0:
        raise AssertionError(f"drd apply: {applied.stdout}{applied.stderr}")
    say(f"\n  {lines[-1]}")


def show(sandbox, drd):
    say(f"== The sandbox: {PRIMARY} and {STANDBY} on this machine, {SPEED} times"
        " as fast\n"
        f"   as AWS.  Only its API is no faster: each call takes {LATENCY_MS} ms"
        " more.\n")
    sandbox.fault(plane="api", mode="latency", ms=LATENCY_MS)
    say("== drd apply: what a failover needs is made while all is well\n")
    build_path(drd)

    say("\n== drd run: three failing polls in a row will make a failover\n")
    drd.start()
    drd.wait_well()
    say(drd.screen())
    outside = Outside(sandbox)
    if {outside.dns_region(), outside.http_region()} != {PRIMARY}:
        raise AssertionError(f"users do not start in {PRIMARY}")

    say(f"== Now {PRIMARY} falls silent: connections to its load balancer just"
        " hang\n")
    rows = watch_it_move(
        outside, drd, {"region": PRIMARY, "plane": "data", "mode": "drop"}
    )
    timeline(rows + as_drd_saw_it(drd))
    say("\n  DNS moves by itself, by the records that drd made.  drd adds one"
        " decision,\n  on disk, that both regions know of and that holds until"
        " somebody orders\n  the way back.")
    say("\n== The proof, by boto3, a DNS query and an HTTP request\n")
    proof(outside)
    say("\n== drd-status, for whoever is on call\n")
    say(drd.screen())


def on_signal(number, _):
    """Ctrl-C and the like: leave in good order, whoever is impatient."""
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    say(f"\nInterrupted ({signal.Signals(number).name}).")
    sys.exit(128 + number)


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    build = pathlib.Path(os.environ.get("DRD_BUILD", ROOT / "build"))
    if not os.access(build / "drd", os.X_OK):
        sys.exit(f"no drd in {build}: run make, or set DRD_BUILD")
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="drd-demo-"))
        )
        sandbox = Sandbox(speed=SPEED)
        stack.callback(sandbox.stop)  # first: start() may be interrupted
        sandbox.start()
        drd = stack.enter_context(Drd(build, sandbox, directory, **PACE))
        try:
            show(sandbox, drd)
        except (AssertionError, subprocess.SubprocessError) as error:
            say(f"The demo failed: {error}\n\n{drd.log()}")
            return 1
    say(f"The stack has moved, once.  {time.monotonic() - started:.0f} seconds;"
        " nothing is left running.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
