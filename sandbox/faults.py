# SPDX-License-Identifier: MIT
"""What is broken at the moment, as a list of plain facts.

A fault says where (region, plane, service, load balancer, operation), how
(mode), how often (times) and from when on (after).  The servers ask for the
fault that hits a request; the listeners ask whether a whole address is dark.
Route 53 and IAM have their control planes in us-east-1: callers pass that
region for them, wherever the call came in.
"""

import itertools
import threading

DATA, API = "data", "api"
PLANES = (DATA, API, "both")
MODES = (
    "refuse",
    "drop",
    "error",
    "throttle",
    "latency",
    "denied",
    "expired",
    "html",
    "truncated",
    "empty",
    "lost",
    "hollow",
    "cut",
)
CARRIED_OUT = ("truncated", "lost", "hollow", "cut")  # the answer suffers
_KEYS = {
    "region": str,
    "plane": str,
    "service": str,
    "load_balancer": str,
    "operation": str,
    "mode": str,
    "ms": (int, float),
    "status": int,
    "code": str,
    "times": int,
    "after": dict,
    "well_formed": bool,
}
_AFTER_KEYS = {"operation": str, "count": int, "service": str, "region": str}


class BadFault(ValueError):
    """The description of a fault makes no sense."""


class Fault:
    def __init__(self, ident, spec):
        _check(spec, _KEYS)
        self.id = ident
        self.mode = spec.get("mode")
        self.region = spec.get("region")
        self.service = spec.get("service")
        self.load_balancer = spec.get("load_balancer")
        self.operation = spec.get("operation")
        self.plane = spec.get("plane") or (
            DATA
            if self.load_balancer
            else API if self.service or self.operation else "both"
        )
        self.ms = spec.get("ms", 0)
        self.status = spec.get("status")
        self.code = spec.get("code")
        self.times = spec.get("times")
        self.well_formed = spec.get("well_formed", False)
        self.after = dict(spec.get("after") or {})
        if self.mode not in MODES or self.plane not in PLANES:
            raise BadFault(f"mode is one of {MODES}, plane one of {PLANES}")
        if self.code and self.mode != "error":
            raise BadFault("code is for the mode error")
        if self.after:
            _check(self.after, _AFTER_KEYS)
            if "operation" not in self.after:
                raise BadFault("after needs an operation")
        self.waiting = self.after.get("count", 1) if self.after else 0

    @property
    def armed(self):
        return self.waiting <= 0 and (self.times is None or self.times > 0)

    @property
    def whole_plane(self):
        """True if it leaves nothing of the plane, so that the address dies."""
        return (
            self.mode in ("refuse", "drop")
            and not self.service
            and not self.operation
            and self.times is None
        )

    def covers(self, plane, region):
        return (
            self.armed
            and self.plane in (plane, "both")
            and self.region in (None, region)
        )

    def describe(self):
        facts = {key: getattr(self, key) for key in _KEYS}
        facts.update(id=self.id, armed=self.armed, waiting=self.waiting)
        return {
            key: value
            for key, value in facts.items()
            if value not in (None, {}, False) or key == "armed"
        }


def _check(spec, keys):
    if not isinstance(spec, dict):
        raise BadFault("an object is needed")
    for key, value in spec.items():
        if key not in keys:
            raise BadFault(f"unknown key {key!r}; known: {sorted(keys)}")
        if value is not None and not isinstance(value, keys[key]):
            raise BadFault(f"{key} has the wrong type")


class Faults:
    """The set of faults; `changed(spare)` is called after each change of it."""

    def __init__(self):
        self.changed = lambda spare: None
        self._lock = threading.Lock()
        self._faults = {}
        self._ids = itertools.count(1)

    def add(self, spec):
        with self._lock:
            fault = Fault(str(next(self._ids)), spec)
            self._faults[fault.id] = fault
        self.changed(None)
        return fault

    def remove(self, ident=None):
        """Remove one fault, or all; False if there is none of that id."""
        with self._lock:
            if ident is None:
                self._faults.clear()
            elif self._faults.pop(ident, None) is None:
                return False
        self.changed(None)
        return True

    def list(self):
        return list(self._faults.values())

    def address_state(self, plane, region, load_balancer=None):
        """open, refused or dropped: what the listener of an address does."""
        for fault in self.list():
            if (
                fault.whole_plane
                and fault.covers(plane, region)
                and fault.load_balancer in (None, load_balancer)
            ):
                return {"refuse": "refused", "drop": "dropped"}[fault.mode]
        return "open"

    def hit(
        self, plane, region, service=None, operation=None, load_balancer=None
    ):
        """(fault or None, added latency in ms) for one request, counted."""
        found, latency = None, 0
        with self._lock:
            for fault in self._faults.values():
                if not (
                    fault.covers(plane, region)
                    and fault.service in (None, service)
                    and fault.operation in (None, operation)
                    and fault.load_balancer in (None, load_balancer)
                ):
                    continue
                if fault.mode == "latency":
                    latency += fault.ms
                elif found is None:
                    found = fault
                else:
                    continue
                if fault.times is not None:
                    fault.times -= 1
            self._drop_spent()
        return found, latency

    def answered(self, region, service, operation, spare=None):
        """Count an answer towards the faults that wait for it.

        Called before the answer leaves, so that a fault armed by the third
        answer is in place when the client has read it.  `spare` is the
        connection that the answer still has to go out on.
        """
        armed = False
        with self._lock:
            for fault in self._faults.values():
                after = fault.after
                if (
                    fault.waiting > 0
                    and after["operation"] == operation
                    and after.get("service") in (None, service)
                    and after.get("region") in (None, region)
                ):
                    fault.waiting -= 1
                    armed = armed or fault.waiting == 0
        if armed:
            self.changed(spare)

    def function_down(self, region):
        """True if a region's functions fail: all of its data plane is broken,
        or its service lambda is."""
        return any(
            fault.covers(DATA, region)
            and fault.load_balancer is None
            and fault.service in (None, "lambda")
            and fault.mode != "latency"
            for fault in self.list()
        )

    def cuts_dns(self):
        """True if no answer of the name server fits into UDP."""
        return any(
            fault.armed and fault.service == "dns" and fault.mode == "truncated"
            for fault in self.list()
        )

    def _drop_spent(self):
        for ident in [i for i, f in self._faults.items() if f.times == 0]:
            del self._faults[ident]
