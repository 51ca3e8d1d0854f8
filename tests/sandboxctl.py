# SPDX-License-Identifier: MIT
"""Start, break and read the sandbox from tests.

    with Sandbox(speed=30) as sandbox:
        fault = sandbox.fault(region="us-east-1", plane="data", mode="drop")
        wait_for(lambda: sandbox.calls(operation="GetHealthCheckStatus"))
        sandbox.clear(fault)

Each Sandbox is a process of its own on free ports, so tests can run side by
side; leaving the `with` block stops it.
"""

import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEY, SECRET = "sandbox", "sandbox-secret"
EAST, WEST = "us-east-1", "us-west-2"
START_SECONDS = 60


def wait_for(condition, seconds=10, every=0.02, what="the condition"):
    """The first true value of condition(); fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true in {seconds} s")
        time.sleep(every)


@functools.cache
def _session(secret):
    """boto3's session: parsing the service models is what takes its time."""
    import boto3

    return boto3.session.Session(KEY, secret)


def code_of(raised):
    """(code, HTTP status) of the botocore ClientError that pytest caught."""
    response = raised.value.response
    return (
        response["Error"]["Code"],
        response["ResponseMetadata"]["HTTPStatusCode"],
    )


class ControlError(Exception):
    """The control API refused a call; args are (status, text)."""


class Sandbox:
    def __init__(
        self, speed=30, regions="us-east-1,us-west-2", options=()
    ):
        self.process = None
        self._directory = tempfile.TemporaryDirectory(prefix="drd-sandbox-")
        self._ready_file = Path(self._directory.name) / "ready.json"
        self._command = [
            sys.executable,
            "-m",
            "sandbox",
            "--quiet",
            "--port",
            "0",
            "--control-port",
            "0",
            "--dns-port",
            "0",
            "--lb-port",
            "0",
            "--speed",
            str(speed),
            "--regions",
            regions,
            "--ready-file",
            str(self._ready_file),
            *options,
        ]
        self.ready = None  # what the ready file says

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Start the process and wait until it is ready."""
        self.log = Path(self._directory.name) / "log"
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith("AWS_")
        }
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                self._command, cwd=ROOT, stdout=log, stderr=log, env=environment
            )
        wait_for(self._is_ready, START_SECONDS, what="the sandbox")
        return self

    def _is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError("the sandbox died:\n" + self.log.read_text())
        if not self._ready_file.exists():
            return False
        self.ready = json.loads(self._ready_file.read_text())
        return True

    def stop(self):
        """Stop the process; its exit status, 0 when it stopped cleanly."""
        status = None
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
            try:
                status = self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
            finally:
                self.process = None
                self._directory.cleanup()
        return status

    # -- where things are ------------------------------------------------

    def endpoint(self, region=None):
        """The API of a region's own address, or the one of all regions."""
        if region is None:
            return self.ready["api"]
        return self.ready["regions"][region]["api"]

    def dns(self):
        """(host, port) of the name server."""
        host, _, port = self.ready["dns"].rpartition(":")
        return host, int(port)

    def environment(self):
        """What a client process needs to reach the sandbox."""
        return {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": self.ready["api"],
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def boto(
        self,
        service,
        region="us-east-1",
        endpoint=None,
        secret=SECRET,
        **config,
    ):
        """A new boto3 client of the sandbox; by default it does not retry."""
        from botocore.config import Config

        config = {
            "retries": {"total_max_attempts": 1},
            "connect_timeout": 2,
            "read_timeout": 30,
            **config,
        }
        return _session(secret).client(
            service,
            region_name=region,
            config=Config(**config),
            endpoint_url=endpoint or self.endpoint(),
        )

    # -- the control API -------------------------------------------------

    def control(self, method, path, body=None):
        """One call of the control API; its decoded answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.ready["control"] + path, data, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                text = reply.read()
        except urllib.error.HTTPError as error:
            raise ControlError(error.code, error.read().decode()) from None
        return json.loads(text) if text else None

    def world(self):
        return self.control("GET", "/")

    def health_check(self, check_id):
        """A health check as the sandbox sees it."""
        return next(
            c for c in self.world()["health_checks"] if c["id"] == check_id
        )

    def fault(self, **spec):
        """Break something; returns the fault's id."""
        return self.control("POST", "/faults", spec)["id"]

    def faults(self):
        return self.control("GET", "/faults")

    def clear(self, fault=None):
        """Mend one fault, or everything."""
        self.control("DELETE", "/faults" + (f"/{fault}" if fault else ""))

    def calls(self, since=0, user_agent="", **facts):
        """Logged API calls, those whose facts (operation=...) are these."""
        calls = self.control(
            "GET", f"/calls?since={since}&user_agent={user_agent}"
        )
        return [
            c
            for c in calls
            if all(c[key] == value for key, value in facts.items())
        ]

    def account(self, **spec):
        """What the account may do: quotas=..., opt_in=..."""
        return self.control("POST", "/account", spec)

    def has_answered(self):
        """Nothing is under way: who asked may be dead, but it counts."""
        return all(
            c["answered"] or c["fault"] in ("refuse", "drop")
            for c in self.calls()
        )

    def forget_calls(self):
        self.control("DELETE", "/calls")

    def sns(self, since=0, region=None):
        return [
            m
            for m in self.control("GET", f"/sns?since={since}")
            if region in (None, m["region"])
        ]

    def agree(self, endpoint):
        """What the owner of an endpoint was asked to confirm, confirmed."""
        return self.control("POST", "/confirm", {"endpoint": endpoint})

    def clock(self, **change):
        """Change skew_seconds or speed."""
        return self.control("POST", "/clock", change)

    def replication(self, **change):
        """Change delay_seconds or cut of S3's; what it is now."""
        return self.control("POST", "/replication", change)
