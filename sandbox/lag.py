# SPDX-License-Identifier: MIT
"""Reads that lag writes: AWS's eventual consistency, when asked for.

Before a write the service's whole state in that region is copied, and for a
while (real milliseconds) reads are answered from the copy: by the same code,
so that any read shows what it would have shown then, "no such thing" for what
was made since, the old settings for what was changed, and what was deleted
still there.  Writes always see the present.  With `flap` only every other read
lags, as when two of AWS's machines take turns.

The tagging API tells of other services, so it lags with all of them.  Objects
in buckets and items in tables do not lag: reading those is consistent, or says
itself that it is not.  What the sandbox keeps beside moto (the status of a
table, the view of a health checker) is always the present's.
"""

import copy
import sys
import threading
import time

from . import protocols
from .world import ACCOUNT

# Signing name: (moto's name, region of moto's backend unless the call's).
_BACKENDS = {
    "ec2": ("ec2", None),
    "elasticloadbalancing": ("elbv2", None),
    "iam": ("iam", "aws"),
    "lambda": ("lambda", None),
    "s3": ("s3", "aws"),
    "ssm": ("ssm", None),
    "route53": ("route53", "aws"),
    "dynamodb": ("dynamodb", None),
    "sns": ("sns", None),
    "monitoring": ("cloudwatch", None),
    "acm": ("acm", None),
}
TAGGING = "tagging"
SERVICES = (
    "ec2",
    "elasticloadbalancing",
    "iam",
    "lambda",
    "s3",
    "ssm",
    "route53",
    "dynamodb",
    TAGGING,
)


class Lag:
    def __init__(self):
        self.ms = 0
        self.services = SERVICES
        self.flap = False
        self._views = {}  # (moto's name, region): [(when, backend before)]
        self._reads = 0
        self._shown = threading.local()  # .views of the call of this thread

    def describe(self):
        return {
            "ms": self.ms,
            "services": list(self.services),
            "flap": self.flap,
        }

    def change(self, spec):
        """Lag so from now on; what is not said is as at first."""
        unknown = set(spec) - {"ms", "services", "flap"}
        if unknown:
            raise ValueError(f"unknown: {sorted(unknown)}")
        ms, services = spec.get("ms", 0), spec.get("services", SERVICES)
        if isinstance(ms, bool) or not isinstance(ms, (int, float)) or ms < 0:
            raise ValueError("ms is a number, and not negative")
        for service in services:
            if service not in _BACKENDS and service != TAGGING:
                known = sorted([*_BACKENDS, TAGGING])
                raise ValueError(f"{service!r} cannot lag; {known} can")
        self.ms, self.services = ms, tuple(services)
        self.flap = bool(spec.get("flap"))
        if not ms:
            self._views.clear()

    # -- one call; the caller holds the world's lock ---------------------

    def begin(self, call):
        """Show a read the past; what a write has to keep for end()."""
        if not self.ms or call.service not in self.services:
            return None
        if _is_about_data(call):
            return None
        if not protocols.is_read(call.operation):
            return _copied(_key(call))
        self._reads += 1
        if not (self.flap and self._reads % 2):
            self._shown.views = self._old_views(call)
        return None

    def end(self, call, before, status):
        self._shown.views = {}
        if before is not None and status < 400:
            view = time.monotonic(), before
            self._views.setdefault(_key(call), []).append(view)

    def shown(self, service, account, region):
        """The backend that this thread's call is to see instead, or None."""
        if account != ACCOUNT:
            return None
        return getattr(self._shown, "views", {}).get((service, region))

    def _old_views(self, call):
        oldest = time.monotonic() - self.ms / 1000
        found = {}
        for key, views in self._views.items():
            views[:] = [view for view in views if view[0] > oldest]
            if views and _tells_of(call, key):
                found[key] = views[0][1]
        return found


def _key(call):
    service, region = _BACKENDS[call.service]
    return service, region or call.region


def _tells_of(call, key):
    if call.service == TAGGING:
        return key[1] in (call.region, "aws")
    return key == _key(call)


def _is_about_data(call):
    """Objects and items are read as they were written; what they are in, not."""
    if call.service == "s3":
        return "Object" in call.operation or "Multipart" in call.operation
    return call.service == "dynamodb" and not any(
        word in call.operation for word in ("Table", "Backups", "Tag", "Live")
    )


def _copied(key):
    from moto.backends import get_backend

    service, region = key
    try:
        return copy.deepcopy(get_backend(service)[ACCOUNT][region])
    except Exception as error:  # what cannot be copied cannot lag
        print(f"sandbox: {service} does not lag: {error!r}", file=sys.stderr)
        return None


def apply(world):
    """Let moto find the views where it looks for its backends."""
    from moto.core.base_backend import AccountSpecificBackend
    from moto.core.common_models import BaseModel
    from moto.ssm.models import ParameterDict

    moto_get = AccountSpecificBackend.__getitem__

    def get(self, region):
        shown = world.lag.shown(self.service_name, self.account_id, region)
        return moto_get(self, region) if shown is None else shown

    def new(cls, *_args, **_kwargs):
        # moto keeps every model that ever was, for a dashboard that nobody
        # opens here: each data point, each copy.
        return super(BaseModel, cls).__new__(cls)

    def parameters(self, memo):
        twin = ParameterDict(self.account_id, self.region_name)
        twin.__dict__.update(self.__dict__)
        twin.update(copy.deepcopy(dict(self), memo))
        return twin

    AccountSpecificBackend.__getitem__ = get
    BaseModel.__new__ = new
    ParameterDict.__deepcopy__ = parameters
