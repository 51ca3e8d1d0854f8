# SPDX-License-Identifier: MIT
"""python -m sandbox: start everything, say so, serve until told to stop."""

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
import traceback

from . import loopback
from .clock import Clock

ENVIRONMENT = {
    # moto and boto3 must neither call out nor read the user's settings.
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    # The catalogue of machine images is a hundred megabytes nobody asks for.
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
}


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="sandbox",
        description="Two AWS regions on one machine.",
        epilog="Any port may be 0: a free one is taken. See sandbox/README.md.",
    )
    parser.add_argument("--port", type=int, default=4566, help="AWS APIs")
    parser.add_argument("--control-port", type=int, default=4567)
    parser.add_argument("--dns-port", type=int, default=5353)
    parser.add_argument(
        "--lb-port",
        type=int,
        default=8080,
        help="what the balancers' port 80 is here",
    )
    parser.add_argument(
        "--speed",
        type=float,
        default=1.0,
        help="AWS seconds that pass in a real second",
    )
    parser.add_argument("--regions", default="us-east-1,us-west-2")
    parser.add_argument(
        "--ready-file",
        metavar="PATH",
        help="write the addresses here, as JSON, when ready",
    )
    parser.add_argument(
        "--no-check-signatures",
        dest="check_signatures",
        action="store_false",
        help="let any signature pass",
    )
    parser.add_argument(
        "--one-change-in-flight",
        action="store_true",
        help="refuse a zone's change while another is PENDING",
    )
    parser.add_argument(
        "--lag",
        type=float,
        default=0,
        metavar="MS",
        help="real milliseconds for which a read does not see a write",
    )
    parser.add_argument(
        "--buckets",
        action="store_true",
        help="throttle as AWS does, by its token buckets",
    )
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args(argv)
    options.regions = [r for r in options.regions.split(",") if r]
    if not options.regions or options.speed <= 0:
        parser.error("at least one region and a positive speed are needed")
    return options


class Sandbox:
    """The parts, wired together; start() listens, stop() leaves nothing."""

    def __init__(self, options):
        from . import (
            alarms,
            api,
            balancers,
            buckets,
            checkers,
            control,
            dns,
            functions,
            health,
            lag,
            metrics,
            motofix,
            receivers,
            recovery,
            replication,
            tables,
            world,
            zones,
        )

        self.options = options
        self.world = world.World(Clock(options.speed), options.regions)
        self.world.one_change_in_flight = options.one_change_in_flight
        self.metrics = self.world.metrics = metrics.Metrics(self.world)
        self.world.balancers = balancers.Balancers(self.world)
        self.world.checkers = checkers.Checkers(self.world)
        self.world.health = health.Health(self.world)
        self.world.alarms = alarms.Alarms(self.world, self.metrics)
        self.world.zones = zones.Zones(self.world)
        self.world.functions = functions.Functions(self.world)
        self.world.tables = tables.Tables(self.world, self.metrics)
        self.world.replication = replication.Replication(self.world)
        self.world.lag = lag.Lag()
        self.world.buckets = buckets.Buckets(self.world.clock)
        self.world.receivers = receivers.Receivers(self.world)
        self.world.recovery = recovery.Recovery(world.ACCOUNT)
        self.names = dns.NameServer(self.world.zones, self.world.faults)
        self.api = api.Api(self.world, options.check_signatures)
        self.control = control.Control(self.world)
        motofix.apply(self.world)
        lag.apply(self.world)
        self.world.faults.changed = self._faults_changed
        self.tasks = []
        self._following = threading.Lock()

    def _faults_changed(self, spare):
        with self._following:  # the last to follow sees the last change
            self.api.follow_faults(spare)
            self.world.balancers.sync(spare)
            self.world.tables.follow()

    async def start(self):
        world, options = self.world, self.options
        world.api_port = options.port or _free_port(
            ["127.0.0.1"]
            + [r.api_address for r in world.regions.values()]
            + list(world.recovery.addresses().values())
        )
        world.balancer_port = options.lb_port or _free_port(
            [r.balancer_address for r in world.regions.values()], 65000
        )
        self.api.listen(world.api_port)
        world.control_port = self.control.listen(options.control_port)
        world.dns_port = await self.names.start("127.0.0.1", options.dns_port)
        self.tasks = [
            asyncio.create_task(work)
            for work in (
                world.checkers.run(),
                world.balancers.run(),
                world.replication.run(),
                world.alarms.run(self._each_minute),
            )
        ]
        world.lag.ms, world.buckets.on = options.lag, options.buckets

    def _each_minute(self):
        """What AWS's services tell CloudWatch each minute."""
        self.metrics.prune()
        self.world.balancers.publish(self.metrics)
        self.world.tables.publish()
        self.world.replication.publish(self.metrics)
        self.world.health.refresh()
        if self.world.faults.address_state("api", "us-east-1") == "open":
            self.world.health.publish(self.metrics)

    def stop(self):
        for task in self.tasks:
            task.cancel()
        self.api.close()
        self.control.close()
        self.world.balancers.close()


def _free_port(hosts, below=65536):
    from .listener import free_port

    return free_port(hosts, below)


def write_ready_file(path, addresses):
    """Appear all at once: whoever waits for the file can read it."""
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(addresses, file)
        file.write("\n")
    os.replace(temporary, path)


async def run(options):
    """Serve until SIGTERM or SIGINT; the exit status."""
    told_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    sandbox = Sandbox(options)
    starting = asyncio.create_task(sandbox.start())
    stopping = asyncio.create_task(told_to_stop.wait())
    try:
        await asyncio.wait(
            {starting, stopping}, return_when=asyncio.FIRST_COMPLETED
        )
        if starting.done():
            starting.result()  # raises what went wrong
            announce(options, sandbox.world.addresses())
            await crashed_or(stopping, sandbox.tasks)
        return 0
    except OSError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    except Exception:
        traceback.print_exc()
        return 1
    finally:
        sandbox.stop()
        if options.ready_file and os.path.exists(options.ready_file):
            os.unlink(options.ready_file)


async def crashed_or(stopping, tasks):
    """Wait for the order to stop; a part that dies takes the sandbox along,
    since a world without physics would only mislead."""
    done, _ = await asyncio.wait(
        {stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED
    )
    for task in done:
        task.result()


def announce(options, addresses):
    if options.ready_file:
        write_ready_file(options.ready_file, addresses)
    if not options.quiet:
        print(
            f"sandbox: ready api {addresses['api']} "
            f"control {addresses['control']} dns {addresses['dns']} "
            f"speed {addresses['speed']:g}",
            flush=True,
        )


def main(argv=None):
    options = arguments(argv)
    os.environ.update(ENVIRONMENT)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    loopback.enforce()
    # moto's objects refer to each other in long chains, and lag.py copies
    # them all: deeper than Python goes by itself.
    sys.setrecursionlimit(20_000)
    threading.stack_size(64 * 1024 * 1024)
    asyncio.run(run_and_leave(options))


async def run_and_leave(options):
    """Run, then end the process without waiting for what is under way:
    threads and probes may be stuck on purpose, in a silent drop."""
    status = await run(options)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
