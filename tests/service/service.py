# SPDX-License-Identifier: MIT
"""drd as a service of a Machine: started, asked and ended by systemd alone."""

import json
import re
import socket
from pathlib import Path

from drdctl import Drd
from sandboxctl import KEY, SECRET, wait_for

CONFIG = "/etc/drd/drd.conf"
CREDENTIALS = "/etc/drd/drd.env"
DROP_IN = "/etc/systemd/system/drd.service.d/test.conf"
SOCKET = "/run/drd/drd.sock"

# The places are those of the unit, so none is named here; the pace is that of
# a test.
CONFIG_TEXT = """\
poll_interval = 300ms
poll_deadline = 290ms
reconcile_interval = 600ms
settle = 0s
connect_timeout = 300ms
request_timeout = 5s
api_share = 0

endpoint "us-east-1" {{
	url = "{east}"
}}

endpoint "us-west-2" {{
	url = "{west}"
}}

stack "shop" {{
	environment = prod
	{option}

	probe {{
		port = {lb_port}
		timeout = 2s
		slow = 1s
	}}

	readiness {{
		canary = 0s
	}}

	region "us-east-1" {{
		role = primary
	}}

	region "us-west-2" {{
		role = standby
	}}

	dns {{
		zone = "example.test"
		record = "shop.example.test"
		name_servers = {{ "{dns}" }}
		resolver = "{dns}"
	}}
}}
"""

EVENTS = Path(__file__).parents[2] / "src/base/event.h"


def event(name):
    """A MESSAGE_ID, from the header that names them."""
    found = re.search(rf'EVENT_{name}\s+"([0-9a-f]{{32}})"', EVENTS.read_text())
    return found[1]


class Service:
    def __init__(self, machine, sandbox):
        self.machine, self.sandbox = machine, sandbox
        self.since = machine.journal_end()

    # -- what it is started with -----------------------------------------

    def write_config(self, option=""):
        """drd.conf, with one more line for the stack."""
        text = CONFIG_TEXT.format(
            east=self.sandbox.endpoint("us-east-1"),
            west=self.sandbox.endpoint("us-west-2"),
            dns=self.sandbox.ready["dns"],
            lb_port=self.sandbox.ready["lb_port"],
            option=option,
        )
        self.machine.write(CONFIG, text)

    def write_credentials(self):
        text = f"AWS_ACCESS_KEY_ID={KEY}\nAWS_SECRET_ACCESS_KEY={SECRET}\n"
        self.machine.write(CREDENTIALS, text, 0o600)

    def override(self, *lines):
        """Settings of [Service] other than the unit's."""
        self.machine.write(DROP_IN, "\n".join(["[Service]", *lines, ""]))
        self.machine.run("systemctl", "daemon-reload")

    def clean(self):
        """As after the installation: stopped, no state, nothing overridden."""
        self.systemctl("stop", check=False)
        self.machine.path(DROP_IN).unlink(missing_ok=True)
        self.machine.run("systemctl", "daemon-reload")
        self.systemctl("reset-failed", check=False)
        self.systemctl("clean", "--what=state")

    # -- systemd ---------------------------------------------------------

    def systemctl(self, verb, *options, check=True):
        return self.machine.run("systemctl", verb, *options, "drd", check=check)

    def show(self, name):
        """A property of the unit."""
        return self.systemctl("show", "--value", "-p", name).stdout.strip()

    def pid(self):
        return int(self.show("MainPID"))

    def is_active(self):
        return self.show("ActiveState") == "active"

    def log(self, text="", **fields):
        """What drd has logged since the test began, with `text` in it."""
        records = self.machine.journal(
            self.since, _SYSTEMD_UNIT="drd.service", **fields
        )
        return [r for r in records if text in r["MESSAGE"]]

    def manager_log(self, text):
        """What systemd itself has said about the unit, with `text` in it."""
        records = self.machine.journal(self.since, UNIT="drd.service")
        return [r for r in records if text in r["MESSAGE"]]

    def wait_event(self, name):
        return wait_for(
            lambda: self.log(MESSAGE_ID=event(name)), 10, 0.1, f"event {name}"
        )

    def wait_active(self):
        wait_for(self.is_active, 10, 0.1, "systemd to call drd active")

    def wait_restarted(self, pid, seconds=30):
        """Until another process than `pid` has told systemd READY."""
        return wait_for(
            lambda: self.is_active() and self.pid() not in (0, pid),
            seconds,
            0.1,
            "systemd to restart drd",
        )

    # -- drd's own word --------------------------------------------------

    def stack(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(5)
            client.connect(str(self.machine.path(SOCKET)))
            client.sendall(b"status\n")
            reply = b"".join(iter(lambda: client.recv(65536), b""))
        return json.loads(reply)["stacks"][0]

    def wait_stack(self, condition, what, seconds=30):
        def look():
            try:
                stack = self.stack()
            except OSError:
                return None
            return stack if condition(stack) else None

        return wait_for(look, seconds, 0.05, what)

    def wait_well(self):
        return self.wait_stack(Drd.is_well, "all well")

    def wait_role(self, role):
        return self.wait_stack(lambda s: s["role"] == role, f"the role {role}")

    def wait_settled(self):
        return self.wait_stack(
            lambda s: s["change"] is not None and s["change"]["settled"],
            "every effect",
        )
