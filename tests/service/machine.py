# SPDX-License-Identifier: MIT
"""A machine with systemd: a directory tree, booted by systemd-nspawn.

    with Machine(root) as machine:
        machine.run("systemctl", "start", "drd")

It shares our network, which run.sh has cut down to loopback, and is entered
by its process 1: there is no machined to ask, on purpose.
"""

import json
import signal
import subprocess
from pathlib import Path

from sandboxctl import wait_for

BOOT_SECONDS = 60
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class Machine:
    def __init__(self, root, log_file):
        self.root, self.log_file = Path(root), log_file
        self.process = None
        self.leader = None  # its process 1, as we number it

    def __enter__(self):
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                [
                    "systemd-nspawn",
                    "--boot",
                    "--directory", self.root,
                    "--machine", "drd-service",
                    "--register=no",
                    "--keep-unit",
                    "--console=pipe",
                    "--link-journal=no",
                    "--resolv-conf=off",
                    "--timezone=off",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )  # fmt: skip
        try:
            wait_for(self._is_up, BOOT_SECONDS, 0.2, "the machine to be up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        """Power it off; what does not go is killed, with all it holds."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _is_up(self):
        assert self.process.poll() is None, (
            "systemd-nspawn has ended:\n" + Path(self.log_file).read_text()
        )
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if not children:
            return False
        self.leader = int(children[0])
        state = self.run("systemctl", "is-system-running", check=False).stdout
        return state.strip() in ("running", "degraded")

    # -- commands --------------------------------------------------------

    def run(self, *command, user=None, group=None, check=True, timeout=60):
        """Run a command in it, as root or as somebody else."""
        if user is not None:
            su = ["runuser", "-u", user]
            command = [*su, *(["-g", group] if group else []), "--", *command]
        done = subprocess.run(
            ["nsenter", "--target", str(self.leader), "--all", "--wd",
             "env", "-i", f"PATH={PATH}", "LC_ALL=C.UTF-8", *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, (
                f"{' '.join(command)}: exit {done.returncode}\n"
                f"{done.stdout}{done.stderr}"
            )
        return done

    def path(self, name):
        """One of its files, of /run and /tmp too, as a path of ours."""
        return Path(f"/proc/{self.leader}/root") / name.lstrip("/")

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    # -- the journal -----------------------------------------------------

    def journal_end(self):
        """The place up to which the journal has been written."""
        lines = self.run("journalctl", "-n", "0", "--show-cursor").stdout
        return lines.rpartition("cursor: ")[2].strip()

    def journal(self, since, **fields):
        """Records after that place, those with these fields.

        Chosen here, because journalctl 252 swallows the first one that
        matches when it is given a cursor as well.
        """
        self.run("journalctl", "--sync")
        lines = self.run(
            "journalctl", "-o", "json", "--after-cursor", since
        ).stdout
        records = [json.loads(line) for line in lines.splitlines()]
        return [
            r
            for r in records
            if all(r.get(name) == value for name, value in fields.items())
        ]
