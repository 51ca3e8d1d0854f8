# SPDX-License-Identifier: MIT
"""The sandbox's one object graph: regions, addresses, and moto's backends.

moto keeps the resources (the load balancer, the health check, the alarm); the
modules of the sandbox keep what happens to them.  They find each other here.
Backends are looked up on each use and touched under one lock, because moto's
are plain dictionaries and AWS's calls are atomic.
"""

import os
import threading

from . import loopback
from .account import Account
from .calls import Log
from .faults import Faults
from .protocols import GLOBAL_REGION, GLOBAL_SERVICES

ACCOUNT = "123456789012"


class Region:
    """A region and its two loopback addresses."""

    def __init__(self, name, index):
        self.name = name
        self.api_address = f"127.0.0.{11 + index}"
        self.balancer_address = f"127.0.1.{11 + index}"


class World:
    def __init__(self, clock, region_names):
        self.clock = clock
        self.regions = {
            name: Region(name, i) for i, name in enumerate(region_names)
        }
        self.account = Account(self.regions)
        self.faults = Faults()
        self.calls = Log(clock)
        self.messages = Log(clock)
        self.lock = threading.RLock()
        self.one_change_in_flight = False
        self.default_secret = os.environ.get("AWS_SECRET_ACCESS_KEY")
        self.api_port = self.control_port = self.dns_port = 0
        self.balancer_port = 0
        self.balancers = None  # set by their modules' owner, __main__
        self.checkers = None
        self.health = None
        self.alarms = None
        self.metrics = None
        self.zones = None
        self.functions = None
        self.tables = None
        self.replication = None
        self.lag = None
        self.buckets = None
        self.receivers = None
        self.recovery = None

    def backend(self, service, region=None):
        """moto's backend: of a region, or the global one."""
        from moto.backends import get_backend

        return get_backend(service)[ACCOUNT][region or "aws"]

    def backends(self, service):
        """moto's backends of a global service, of every account there is."""
        from moto.backends import get_backend

        return [account["aws"] for account in get_backend(service).values()]

    @property
    def route53(self):
        return self.backend("route53")

    def fault_region(self, service, region):
        """The region whose outage takes this call down."""
        return GLOBAL_REGION if service in GLOBAL_SERVICES else region

    def resolve(self, name, port):
        """Where a host name and AWS port really are: (address, port).

        Balancers listen above their AWS port numbers, since 80 needs
        privileges.  None when the name does not exist.
        """
        name = name.rstrip(".").lower()
        if loopback.is_loopback(name) or _is_address(name):
            balancer = self.balancers.at_address(name)
        else:
            balancer = self.balancers.named(name)
            if balancer is None:
                name = self.zones.address_of(name)
                if name is None:
                    return None
                balancer = self.balancers.at_address(name)
        if balancer is not None:
            return balancer.address, self.real_port(port)
        return name, port

    def real_port(self, port):
        """The loopback port of a balancer's AWS port."""
        return self.balancer_port + port - 80

    def addresses(self):
        """The ready file: what a client has to know."""
        regions = {
            r.name: {
                "api": f"http://{r.api_address}:{self.api_port}",
                "load_balancer_address": r.balancer_address,
            }
            for r in self.regions.values()
        }
        return {
            "pid": os.getpid(),
            "speed": self.clock.speed,
            "api": f"http://127.0.0.1:{self.api_port}",
            "regions": regions,
            "cluster": {
                name: f"http://{address}:{self.api_port}/v1"
                for name, address in self.recovery.addresses().items()
            },
            "control": f"http://127.0.0.1:{self.control_port}",
            "dns": f"127.0.0.1:{self.dns_port}",
            "lb_port": self.balancer_port,
        }


def _is_address(name):
    return name.replace(".", "").isdigit()
