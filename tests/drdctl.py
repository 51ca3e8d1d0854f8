# SPDX-License-Identifier: MIT
"""Start, ask and end a real drd against a sandbox; for tests and the demo.

    with Drd(build, sandbox, tmp_path) as drd:
        drd.verb("apply", "--yes")
        drd.start()
        drd.wait_role("steady")
        print(drd.screen())

Each Drd has a directory of its own: configuration, journal, socket, log.  It
is a child of the test and dies with it.
"""

import datetime
import io
import json
import os
import signal
import socket
import subprocess
import zipfile

from sandboxctl import wait_for

TOP = """\
state_dir = "{directory}/state"
socket = "{directory}/drd.sock"
socket_mode = 0600
log_level = info

poll_interval = {poll_interval}
poll_deadline = {poll_deadline}
reconcile_interval = {reconcile_interval}
settle = {settle}
connect_timeout = 300ms
request_timeout = {request_timeout}
api_share = {api_share}

endpoint "us-east-1" {{
	url = "{east}"
}}

endpoint "us-west-2" {{
	url = "{west}"
}}
"""

STACK = """
stack "{name}" {{
	environment = {environment}
	{failback_soak}
	{options}

	function {{
		package = "{package}"
		{function}
	}}

	probe {{
		port = {lb_port}
		{probe}
	}}

	readiness {{
		{readiness}
	}}

	region "us-east-1" {{
		role = primary
	}}

	region "us-west-2" {{
		role = standby
	}}

	dns {{
		zone = "{zone}"
		record = "{name}.{zone}"
		name_servers = {{ "{dns}" }}
		resolver = "{dns}"
	}}
}}
"""

SETTINGS = {
    # A pass asks the sandbox, which is one process, seventy things at once:
    # a poll that comes at the same time must be able to wait for its turn.
    "poll_interval": "500ms",
    "poll_deadline": "490ms",
    "reconcile_interval": "1s",
    "request_timeout": "5s",  # a busy machine is no fault
    "settle": "0s",
    "api_share": "0",  # AWS's limits are for real time
    "failback_soak": "failback_soak = 0s",
    "stack": "",  # more options of the first stack
    "function": "",  # ... and of its function
    "probe": "timeout = 2s\nslow = 1s",  # ... and of its probe
    "dns": "",  # who is asked for names; the sandbox by default
    # A canary writes once in a while; most tests look at who has written.
    "readiness": "canary = 0s",
    "stacks": ("shop",),
    "environment": "prod",
    "zone": "example.test",  # of the first stack
}


def package(code="exports.handler = async () => ({ statusCode: 200 });\n"):
    """A function's zip file; the same code is the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("index.js", (2020, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, code)
    return out.getvalue()


def signal_of(stack, signal_id):
    return next(s for s in stack["signals"] if s["id"] == signal_id)


class Drd:
    def __init__(self, build, sandbox, directory, **settings):
        self.build, self.sandbox, self.directory = build, sandbox, directory
        self.process = None
        self.config = directory / "drd.conf"
        self.socket = directory / "drd.sock"
        self.log_file = directory / "log"
        self.settings = {**SETTINGS, **settings}
        self.extra_environment = {}
        self.package = directory / "handler.zip"
        self.package.write_bytes(package())
        self.wrapper = ()  # what drd is started by: strace and its options
        self.write_config()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def render_config(self):
        """The text of drd.conf, as the settings say."""
        text = TOP.format(
            directory=self.directory,
            east=self.sandbox.endpoint("us-east-1"),
            west=self.sandbox.endpoint("us-west-2"),
            **self.settings,
        )
        zone, options = self.settings["zone"], self.settings["stack"]
        function = self.settings["function"]
        for name in self.settings["stacks"]:
            text += STACK.format(
                name=name,
                environment=self.settings["environment"],
                zone=zone or f"{name}.test",
                dns=self.settings["dns"] or self.sandbox.ready["dns"],
                lb_port=self.sandbox.ready["lb_port"],
                probe=self.settings["probe"],
                options=options,
                failback_soak=self.settings["failback_soak"],
                function=function,
                readiness=self.settings["readiness"],
                package=self.package,
            )
            zone = options = function = ""
        return text

    def write_config(self, **settings):
        """Write drd.conf anew; `settings` stay in force."""
        self.settings.update(settings)
        self.config.write_text(self.render_config())

    def environment(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        return {
            **env,
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox-secret",
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": "/nonexistent",
            **self.extra_environment,
        }

    def verb(self, *words, timeout=60):
        """Run `drd WORDS`; the finished process with its output."""
        return subprocess.run(
            [
                *self.wrapper,
                self.build / "drd",
                words[0],
                "-f",
                self.config,
                *words[1:],
            ],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def begin_verb(self, *words):
        """Start `drd WORDS` without waiting for its end."""
        return subprocess.Popen(
            [self.build / "drd", words[0], "-f", self.config, *words[1:]],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    # -- the daemon ------------------------------------------------------

    def launch(self):
        """Start `drd run`, without waiting for anything."""
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, self.build / "drd", "run", "-f", self.config],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self

    def start(self):
        """Start `drd run` and wait until it answers."""
        self.launch()
        wait_for(self.answers, 10, every=0.05, what="an answer of drd")
        return self

    def answers(self):
        assert self.process.poll() is None, "drd has ended:\n" + self.log()
        return self.tool("drd-status", "--json").returncode != 3

    def stop(self):
        """SIGTERM; the exit status, or None if it was not running."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process = None

    def kill(self):
        """SIGKILL, at once."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def hang_up(self):
        """SIGHUP: reload."""
        self.process.send_signal(signal.SIGHUP)

    def log(self):
        return self.log_file.read_text() if self.log_file.exists() else ""

    def journal(self, stack="shop"):
        """The journal's records; a torn last line is none."""
        path = self.directory / "state" / f"{stack}.journal"
        if not path.exists():
            return []
        lines = path.read_bytes().split(b"\n")[:-1]
        return [json.loads(line.split(b" ", 2)[2]) for line in lines]

    # -- what it says ----------------------------------------------------

    def tool(self, name, *words, timeout=20):
        """Run drd-status or drdctl on this daemon's socket."""
        return subprocess.run(
            [self.build / name, "--socket", self.socket, *words],
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def begin(self, name, *words):
        """Start a tool without waiting for its end."""
        return subprocess.Popen(
            [self.build / name, "--socket", self.socket, *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def status(self):
        """The status document; asked on the socket, without a tool."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(str(self.socket))  # waits while the queue is full
            client.settimeout(5)
            client.sendall(b"status\n")
            reply = b"".join(iter(lambda: client.recv(65536), b""))
        return json.loads(reply)

    def stack(self, name="shop"):
        return next(s for s in self.status()["stacks"] if s["name"] == name)

    def screen(self):
        return self.tool("drd-status").stdout

    def role(self, stack="shop"):
        return self.stack(stack)["role"]

    def wait_stack(self, condition, what, seconds=30, stack="shop"):
        """The stack's status once condition(status) is true."""

        def look():
            assert self.process.poll() is None, "drd has ended"
            status = self.stack(stack)
            return status if condition(status) else None

        try:
            return wait_for(look, seconds, every=0.05, what=what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n\n{self.log()}") from None

    def wait_role(self, role, seconds=30, stack="shop"):
        return self.wait_stack(
            lambda s: s["role"] == role, f"the role {role}", seconds, stack
        )

    @staticmethod
    def is_well(status):
        """Steady, every trigger ok, and every object as declared."""
        last = status["reconcile"]["last"]
        return (
            status["role"] == "steady"
            and status["observing"] is None
            and all(
                s["verdict"] == "ok" for s in status["signals"] if s["trigger"]
            )
            and last is not None
            and last["drift"] == last["failed"] == last["frozen"] == 0
        )

    def wait_well(self, seconds=30, stack="shop"):
        return self.wait_stack(self.is_well, "all well", seconds, stack)

    def wait_able_to_fail_back(self, seconds=60, stack="shop"):
        """Until the primary serves again, and is ready to for everybody."""
        return self.wait_stack(
            lambda s: s["poll"]["verdict"] == "ok"
            and (s["readiness"] or {}).get("ready"),
            "a primary that can be gone back to",
            seconds,
            stack,
        )

    def wait_settled(self, seconds=30, stack="shop"):
        """Until nothing of the last change is pending."""
        return self.wait_stack(
            lambda s: s["change"] is not None and s["change"]["settled"],
            "every effect",
            seconds,
            stack,
        )

    def wait_polls(self, count, seconds=60, stack="shop"):
        """Until so many more polls have ended."""
        goal = self.stack(stack)["poll"]["count"] + count
        return self.wait_stack(
            lambda s: s["poll"]["count"] >= goal,
            f"{count} more polls",
            seconds,
            stack,
        )

    def poll(self):
        """One poll now, and what the stack's status is after it."""
        done = self.tool("drdctl", "poll")
        assert done.returncode == 0, done.stderr
        return self.stack()

    def poll_until_well(self, seconds=30):
        """For a drd whose own polls are far apart."""
        wait_for(
            lambda: self.is_well(self.poll()), seconds, 0.1, "all to be well"
        )

    def all_signals_ok(self):
        return all(
            s["verdict"] == "ok" for s in self.stack()["signals"] if s["trigger"]
        )

    def pending(self):
        """How many effects of the last change are not done."""
        change = self.stack()["change"]
        return change["pending"] if change else 0

    @staticmethod
    def seconds(stamp):
        """RFC 3339, as drd writes it, in seconds since 1970."""
        return datetime.datetime.fromisoformat(
            stamp.replace("Z", "+00:00")
        ).timestamp()
