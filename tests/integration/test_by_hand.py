# SPDX-License-Identifier: MIT
"""What etc/drd-sandbox.conf tells people to type, typed: this very file and
these very commands, on other ports and in another directory."""

import json
import os
import re
import signal
import subprocess

import pytest
from drdctl import Drd
from outside import PRIMARY, STANDBY, Outside
from sandboxctl import ROOT, Sandbox, wait_for

FILE = "etc/drd-sandbox.conf"


class Terminal:
    """A shell that what the file says is typed into."""

    def __init__(self, sandbox, build, directory):
        self.sandbox, self.build = sandbox, build.resolve()
        file, self.log_path = directory / "drd.conf", directory / "log"
        self.text = (ROOT / FILE).read_text()
        for old, new in (
            (r"(\.\./|\b)build/", f"{self.build}/"),
            (FILE, str(file)),
            ("/tmp/drd-sandbox", str(directory / "drd")),
            (":4566", ":" + sandbox.ready["api"].rpartition(":")[2]),
            ("http://127.0.0.1:4567", sandbox.ready["control"]),
            ("127.0.0.1:5353", sandbox.ready["dns"]),
            ("8080", str(sandbox.ready["lb_port"])),
        ):
            self.text = re.sub(old, new, self.text)
        file.write_text(self.text)
        env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        env.update(HOME=str(directory), AWS_EC2_METADATA_DISABLED="true")
        with open(self.log_path, "w") as log:
            self.shell = subprocess.Popen(
                ["bash"],
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def close(self):
        """End the shell and what it has started."""
        os.killpg(self.shell.pid, signal.SIGTERM)
        self.shell.stdin.close()
        self.shell.stdout.close()
        self.shell.wait(10)

    def blocks(self):
        """The commands, as the paragraphs that they stand in."""
        found = re.findall(r"(?:^#\t.*\n)+", self.text, re.M)
        return [
            re.sub("^#\t", "", b, flags=re.M).replace("\\\n", "").splitlines()
            for b in found
        ]

    def type(self, command):
        """Run it; what it printed, and its exit status."""
        self.shell.stdin.write(f"{command}\necho -e \"\\nover $?\"\n")
        self.shell.stdin.flush()
        lines = []
        for line in self.shell.stdout:
            if line.startswith("over "):
                return "".join(lines), int(line.split()[1])
            lines.append(line)
        raise AssertionError(f"{command}: the shell has ended")

    def follow(self, command):
        """Type it, which has to work; drd-status tells how things are."""
        out, status = self.type(command)
        assert status == 0 or "drd-status" in command, f"{command}: {status}\n{out}{self.said()}"

    def said(self):
        return self.log_path.read_text()

    def wait(self, condition, what):
        """Until condition(the stack's status) is true."""

        def look():
            out, _ = self.type(f"{self.build}/drd-status --json")
            return out.strip() and condition(json.loads(out)["stacks"][0])

        try:
            wait_for(look, 60, 0.2, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said()}") from None


@pytest.fixture
def terminal(build, tmp_path):
    [speed] = re.findall(r"--speed (\d+)", (ROOT / FILE).read_text())
    with Sandbox(speed=int(speed)) as sandbox:
        terminal = Terminal(sandbox, build, tmp_path)
        yield terminal
        terminal.close()


def test_what_the_file_says_fails_over_and_back(terminal):
    outside = Outside(terminal.sandbox)
    make, start, break_it, mend_it = terminal.blocks()
    assert make == ['make && make sandbox SANDBOX="--speed 30"']
    for command in start:
        terminal.follow(command)
    terminal.wait(Drd.is_well, "all well")

    for command in break_it:
        terminal.follow(command)
    terminal.wait(lambda s: s["role"] == "failed-over", "a failover")
    assert outside.active(STANDBY)["active"] == STANDBY
    assert outside.region_of_users() == STANDBY

    mend, back = mend_it
    terminal.follow(mend)
    wait_for(lambda: terminal.type(back)[1] == 0, 60, 1, "an order taken")
    terminal.wait(lambda s: s["role"] == "steady", "the way back")
    wait_for(lambda: outside.region_of_users() == PRIMARY, 30, 0.2, "DNS")
