# SPDX-License-Identifier: MIT
"""Application load balancers that listen, and their Lambda targets.

Each load balancer that exists in moto gets a loopback address of its region
and a real listener there, and answers for its target the way the stack's
function would.  Its target's health is checked by the target group's own
settings, which is what EvaluateTargetHealth and DescribeTargetHealth see.
"""

import asyncio
import collections
import json
import threading
import time

from .faults import DATA
from .functions import DOWN, SERVED, THROTTLED
from .httpd import Server, reason_phrase
from .listener import OPEN, REFUSED, Listener
from .targets import Targets, function_of

SYNC_SECONDS = 0.2
INVOCATION_MS = 2  # what a function is said to have taken
CHANGING = ("Create", "Delete", "Modify", "Register", "Deregister", "Set")
HTML = [("Content-Type", "text/html"), ("Server", "awselb/2.0")]


class Balancer:
    def __init__(self, arn, name, dns_name, region, address):
        self.arn = arn
        self.name = name
        self.dns_name = dns_name
        self.region = region
        self.address = address
        self.listener = None
        self.counts = collections.Counter()


class Balancers:
    def __init__(self, world):
        self.world = world
        self.server = Server("balancer", self._handle)
        self._lock = threading.RLock()
        self._balancers = {}  # arn: Balancer
        self.targets = Targets(world)
        self._lambda = collections.defaultdict(collections.Counter)

    # -- which there are -------------------------------------------------

    def list(self):
        return sorted(
            self._balancers.values(), key=lambda b: (b.region, b.name)
        )

    def named(self, dns_name):
        """The balancer of a DNS name (lower case, no trailing dot)."""
        for balancer in self.list():
            if balancer.dns_name.lower() == dns_name:
                return balancer
        return None

    def at_address(self, address):
        for balancer in self.list():
            if balancer.address == address:
                return balancer
        return None

    def sync(self, spare=None):
        """Make the listeners match moto's load balancers and the faults."""
        with self._lock:
            wanted = {}
            for region in self.world.regions:
                for lb in list(self._backend(region).load_balancers.values()):
                    wanted[lb.arn] = (lb, region)
            for arn in set(self._balancers) - set(wanted):
                self._balancers.pop(arn).listener.close()
            for arn, (lb, region) in wanted.items():
                if arn not in self._balancers:
                    self._balancers[arn] = self._new(lb, region)
                balancer = self._balancers[arn]
                balancer.listener.turn(
                    self.world.faults.address_state(
                        DATA, region, balancer.name
                    ),
                    spare,
                )

    def _new(self, lb, region):
        balancer = Balancer(
            lb.arn, lb.name, lb.dns_name, region, self._free_address(region)
        )
        balancer.listener = Listener(
            balancer.address, self.world.balancer_port, self.server, REFUSED
        )
        balancer.listener.balancer = balancer
        return balancer

    def _free_address(self, region):
        taken = {b.address for b in self.list()}
        first = self.world.regions[region].balancer_address
        spares = (
            f"127.0.1.{n}" for n in range(11 + len(self.world.regions), 255)
        )
        return (
            first
            if first not in taken
            else next(a for a in spares if a not in taken)
        )

    def _backend(self, region):
        return self.world.backend("elbv2", region)

    def close(self):
        for balancer in self.list():
            balancer.listener.close()

    # -- answering -------------------------------------------------------

    def _handle(self, connection, request):
        balancer = connection.listener.balancer
        self._count(balancer.counts, "RequestCount")
        fault, latency = self.world.faults.hit(
            DATA, balancer.region, load_balancer=balancer.name
        )
        time.sleep(latency / 1000)
        if connection.listener.state != OPEN or (
            fault and fault.mode in ("refuse", "drop")
        ):
            self._stall(connection, fault)
            return
        status, headers, body, cut = self._faulted(balancer, fault, request)
        if status >= 500:
            self._count(balancer.counts, "HTTPCode_ELB_5XX_Count")
        connection.send(
            status,
            headers,
            b"" if request.method == "HEAD" else body,
            self.world.clock.now(),
            cut,
        )

    def _count(self, counter, metric):
        with self._lock:  # a thread for each connection
            counter[metric] += 1

    def _stall(self, connection, fault):
        if connection.listener.state == REFUSED or (
            fault and fault.mode == "refuse"
        ):
            connection.abort()
        while not connection.aborted and not connection.peer_has_gone(0.2):
            pass
        connection.abort()

    def _faulted(self, balancer, fault, request):
        """(status, headers, body, cut) after what is broken has had its say."""
        mode = fault.mode if fault else None
        if mode in ("error", "throttle", "denied", "expired"):
            # A throttled function makes the balancer answer 502.
            status = fault.status or {"throttle": 502, "error": 503}.get(
                mode, 403
            )
            return status, HTML, _page(status), None
        if mode == "html":
            status = fault.status or 503
            return status, HTML, _page(status), None
        if mode == "empty":
            return fault.status or 200, [], b"", None
        status, headers, body = self._answer(balancer, request)
        if mode == "truncated" and body:
            half = len(body) // 2
            if fault.well_formed:
                return status, headers, body[:half], None
            return status, headers, body, half
        return status, headers, body, None

    def _answer(self, balancer, request):
        action = self._action(balancer)
        if action is None:
            return 503, HTML, _page(503)
        if action.type == "fixed-response":
            config = action.data["FixedResponseConfig"]
            return (
                int(config["StatusCode"]),
                [("Content-Type", config.get("ContentType", "text/plain"))],
                config.get("MessageBody", "").encode(),
            )
        function = self._function(balancer.region, action)
        if function is None:
            return 503, HTML, _page(503)
        return self._invoke(balancer, function, request)

    def _action(self, balancer):
        """The default action of the HTTP listener, or None without one."""
        lb = self._backend(balancer.region).load_balancers.get(balancer.arn)
        for listener in list(lb.listeners.values()) if lb else ():
            if int(listener.port) == 80 and listener.default_actions:
                return listener.default_actions[0]
        return None

    def _function(self, region, action):
        """The name of the Lambda function behind an action, or None."""
        group = self._backend(region).target_groups.get(_group_arn(action))
        return function_of(group) if group else None

    def _invoke(self, balancer, function, request):
        counts = self._lambda[balancer.region, function]
        outcome = self.targets.call(balancer.region, function)
        # "Throttled invocation requests aren't counted as Invocations."
        self._count(
            counts, "Throttles" if outcome == THROTTLED else "Invocations"
        )
        if outcome != SERVED:
            if outcome == DOWN:
                self._count(counts, "Errors")
            return 502, HTML, _page(502)
        counts["ConcurrentExecutions"] = 1
        counts["Duration"] = INVOCATION_MS
        self._count(balancer.counts, "HTTPCode_Target_2XX_Count")
        answer = {
            "region": balancer.region,
            "function": function,
            "path": request.path,
        }
        if request.path == "/health":
            answer = {"status": "ok", "region": balancer.region}
        return (
            200,
            [("Content-Type", "application/json")],
            json.dumps(answer).encode(),
        )

    async def run(self):
        """Keep the listeners right, and check the targets."""
        while True:
            self.sync()
            for region in self.world.regions:
                for group in list(self._backend(region).target_groups.values()):
                    self.targets.check(region, group)
            await asyncio.sleep(SYNC_SECONDS)

    # -- target health ---------------------------------------------------

    def settled(self, balancer):
        """True if each of its groups has had a first check."""
        return all(
            self.targets.state(group)[0] != "initial"
            for group in list(
                self._backend(balancer.region).target_groups.values()
            )
            if group.targets and balancer.arn in group.load_balancer_arns
        )

    def passes(self, balancer):
        """What EvaluateTargetHealth sees: each group that has targets needs a
        healthy one, and an empty group is unhealthy."""
        backend = self._backend(balancer.region)
        lb = backend.load_balancers.get(balancer.arn)
        groups = [
            backend.target_groups.get(_group_arn(action))
            for listener in (lb.listeners.values() if lb else ())
            for action in listener.default_actions
            if action.type == "forward"
        ]
        return all(
            group is not None
            and group.targets
            and self.targets.state(group)[0] != "unhealthy"
            for group in groups
        )

    # -- metrics ---------------------------------------------------------

    def publish(self, metrics):
        """The minute's counts; no traffic, no data point, as in AWS."""
        for balancer in self.list():
            counts, balancer.counts = balancer.counts, collections.Counter()
            name = {"LoadBalancer": balancer.arn.split("loadbalancer/")[1]}
            for metric, value in counts.items():
                metrics.put(
                    balancer.region,
                    "AWS/ApplicationELB",
                    metric,
                    value,
                    name,
                    "Count",
                )
            self._publish_hosts(metrics, balancer, name)
        for (region, function), counts in list(self._lambda.items()):
            for metric in ("Errors", "Throttles"):
                counts.setdefault(metric, 0)
            if not self.world.faults.function_down(region):
                _add(counts, self.world.functions.background(region, function))
            for metric, value in counts.items():
                metrics.put(
                    region,
                    "AWS/Lambda",
                    metric,
                    value,
                    {"FunctionName": function},
                    "Milliseconds" if metric == "Duration" else "Count",
                )
        self._lambda.clear()

    def _publish_hosts(self, metrics, balancer, name):
        for group in list(
            self._backend(balancer.region).target_groups.values()
        ):
            if (
                balancer.arn not in group.load_balancer_arns
                or not group.health_check_enabled
            ):
                continue
            bad = self.targets.state(group)[0] == "unhealthy"
            here = {**name, "TargetGroup": group.arn.split(":")[-1]}
            for metric, value in (
                ("HealthyHostCount", not bad),
                ("UnHealthyHostCount", bad),
            ):
                metrics.put(
                    balancer.region,
                    "AWS/ApplicationELB",
                    metric,
                    float(value) * len(group.targets),
                    here,
                    "Count",
                )


def changed_by(service, operation):
    """True if a call may have added, removed or rewired a balancer."""
    return service == "elasticloadbalancing" and operation.startswith(CHANGING)


def _add(counts, others):
    for metric, value in others.items():
        if metric == "ConcurrentExecutions":
            counts[metric] = max(counts[metric], value)
        else:
            counts[metric] += value


def _group_arn(action):
    if action.data.get("TargetGroupArn"):
        return action.data["TargetGroupArn"]
    groups = action.data.get("ForwardConfig", {}).get("TargetGroups") or [{}]
    return groups[0].get("TargetGroupArn")


def _page(status):
    title = f"{status} {reason_phrase(status)}"
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    ).encode()
