# SPDX-License-Identifier: MIT
"""The control API: break things, and read what happened, over HTTP and JSON.

On a port of its own that no fault touches.  README.md documents it.
"""

import json
import urllib.parse

from .faults import BadFault
from .httpd import Server
from .listener import Listener


class BadCall(Exception):
    """A request that the control API refuses; its text is the answer."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class Control:
    def __init__(self, world):
        self.world = world
        self.server = Server("control", self._handle)
        self.listener = None

    def listen(self, port):
        self.listener = Listener("127.0.0.1", port, self.server)
        return self.listener.port

    def close(self):
        if self.listener:
            self.listener.close()

    def _handle(self, connection, request):
        try:
            status, answer = self._route(request)
        except BadCall as error:
            status, answer = error.status, {"error": str(error)}
        except (BadFault, ValueError, KeyError, TypeError) as error:
            status, answer = 400, {"error": str(error)}
        except Exception as error:
            status, answer = 500, {"error": repr(error)}
        body = (
            b""
            if answer is None
            else json.dumps(answer, default=str).encode() + b"\n"
        )
        connection.send(
            status,
            [("Content-Type", "application/json")],
            body,
            self.world.clock.now(),
        )

    def _route(self, request):
        parts = [p for p in request.path.split("/") if p]
        name = f"{request.method} /{parts[0] if parts else ''}"
        query = dict(urllib.parse.parse_qsl(request.query))
        routes = {
            "GET /": lambda: (200, self._world()),
            "GET /faults": lambda: (200, self._faults()),
            "POST /faults": lambda: self._post_fault(_object(request)),
            "DELETE /faults": lambda: self._delete_fault(parts[1:]),
            "GET /calls": lambda: (200, self._calls(query)),
            "DELETE /calls": lambda: (self.world.calls.clear(), (204, None))[1],
            "GET /sns": lambda: (
                200,
                self.world.messages.since(int(query.get("since", 0))),
            ),
            "GET /confirm": lambda: self._confirm(query),
            "POST /confirm": lambda: self._agree(_object(request)),
            "GET /functions": lambda: (200, self.world.functions.describe()),
            "POST /functions": lambda: (
                200,
                self._set_functions(_object(request)),
            ),
            "GET /tables": lambda: (200, self.world.tables.describe()),
            "POST /tables": lambda: (200, self._set_tables(_object(request))),
            "GET /lag": lambda: (200, self.world.lag.describe()),
            "POST /lag": lambda: (200, self._set_lag(_object(request))),
            "GET /buckets": lambda: (200, self._buckets()),
            "POST /buckets": lambda: (200, self._buckets(_object(request))),
            "GET /account": lambda: (200, self._account({})),
            "POST /account": lambda: (200, self._account(_object(request))),
            "POST /clock": lambda: (200, self._set_clock(_object(request))),
            "GET /routing-controls": lambda: (200, self._controls()),
            "POST /routing-controls": lambda: (
                200,
                self._controls(_object(request)),
            ),
            "GET /replication": lambda: (200, self._set_replication({})),
            "POST /replication": lambda: (
                200,
                self._set_replication(_object(request)),
            ),
        }
        if name not in routes or len(parts) > 1 and name != "DELETE /faults":
            raise BadCall(
                404, f"no such thing: {request.method} {request.path}"
            )
        return routes[name]()

    # -- reading ---------------------------------------------------------

    def _world(self):
        return {
            **self.world.addresses(),
            "skew_seconds": self.world.clock.skew,
            "load_balancers": self._balancers(),
            "health_checks": self._health_checks(),
            "alarms": self._alarms(),
            "faults": self._faults(),
        }

    def _balancers(self):
        return [
            {
                "name": b.name,
                "arn": b.arn,
                "region": b.region,
                "dns_name": b.dns_name,
                "address": b.address,
                "port": self.world.balancer_port,
                "state": b.listener.state,
                "passes": self.world.balancers.passes(b),
            }
            for b in self.world.balancers.list()
        ]

    def _health_checks(self):
        return [
            {
                "id": c.id,
                "type": c.type_,
                "inverted": bool(c.inverted),
                "disabled": bool(c.disabled),
                "endpoint": c.fqdn or c.ip_address,
                "healthy": self.world.health.is_healthy(c.id),
                "checkers": [
                    {
                        "region": s.region,
                        "healthy": s.healthy,
                        "status": s.status,
                        "checked_at": s.checked_at,
                    }
                    for s in self.world.checkers.states(c.id)
                ],
            }
            for c in list(self.world.route53.health_checks.values())
        ]

    def _alarms(self):
        return [
            {
                "region": region,
                "name": a.name,
                "state": a.state_value,
                "reason": a.state_reason,
                "updated_at": a.state_updated_timestamp,
                "points": self.world.alarms.points(a),
            }
            for region in self.world.regions
            for a in list(
                self.world.backend("cloudwatch", region).alarms.values()
            )
        ]

    def _faults(self):
        return [fault.describe() for fault in self.world.faults.list()]

    def _calls(self, query):
        wanted = query.get("user_agent", "")
        return [
            call
            for call in self.world.calls.since(int(query.get("since", 0)))
            if not wanted
            or any(
                wanted in value
                for name, value in call["headers"]
                if name.lower() == "user-agent"
            )
        ]

    # -- playing who is told ---------------------------------------------

    def _confirm(self, query):
        with self.world.lock:
            found = self.world.receivers.confirm(query.get("token"))
        if found is None:
            raise BadCall(404, "no such token")
        return 200, {"confirmed": [found.arn]}

    def _agree(self, spec):
        with self.world.lock:
            confirmed = self.world.receivers.agree(spec["endpoint"])
        return 200, {"confirmed": confirmed}

    # -- breaking --------------------------------------------------------

    def _post_fault(self, spec):
        return 201, self.world.faults.add(spec).describe()

    def _delete_fault(self, rest):
        if len(rest) > 1 or not self.world.faults.remove(
            rest[0] if rest else None
        ):
            raise BadCall(404, "no such fault")
        return 204, None

    def _set_functions(self, spec):
        self.world.functions.change(spec)
        return self.world.functions.describe()

    def _set_tables(self, spec):
        self.world.tables.change(spec)
        return self.world.tables.describe()

    def _set_lag(self, spec):
        with self.world.lock:
            self.world.lag.change(spec)
        return self.world.lag.describe()

    def _buckets(self, spec=None):
        with self.world.lock:
            if spec is not None:
                self.world.buckets.change(spec)
            return self.world.buckets.describe()

    def _account(self, spec):
        with self.world.lock:
            self.world.account.change(spec)
            return self.world.account.describe()

    def _controls(self, spec=None):
        with self.world.lock:
            if spec is not None:
                self.world.recovery.change(spec)
            return self.world.recovery.describe()

    def _set_clock(self, spec):
        unknown = set(spec) - {"skew_seconds", "speed"}
        if unknown:
            raise BadCall(400, f"unknown: {sorted(unknown)}")
        clock = self.world.clock
        if "skew_seconds" in spec:
            clock.skew = float(spec["skew_seconds"])
        if "speed" in spec:
            clock.set_speed(float(spec["speed"]))
        return {"skew_seconds": clock.skew, "speed": clock.speed}

    def _set_replication(self, spec):
        unknown = set(spec) - {"delay_seconds", "cut"}
        if unknown:
            raise BadCall(400, f"unknown: {sorted(unknown)}")
        replication = self.world.replication
        if "delay_seconds" in spec:
            replication.delay_seconds = float(spec["delay_seconds"])
        if "cut" in spec:
            replication.cut = bool(spec["cut"])
        return replication.describe()


def _object(request):
    value = json.loads(request.body or b"{}")
    if not isinstance(value, dict):
        raise BadCall(400, "a JSON object is needed")
    return value
