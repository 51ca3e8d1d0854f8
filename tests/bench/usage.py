# SPDX-License-Identifier: MIT
"""Run one program; say what it took.

    usage.py REPORT PROGRAM [ARGUMENT...]

REPORT becomes {"status", "wall_s", "cpu_s", "max_rss_mb"}: the whole process,
from its start to its end.  Linux counts what a process was before its exec as
its own memory, so whoever measures a small program must be smaller than it:
this one imports next to nothing and is to be run by `python -I -S`.
"""

import os
import sys
import time


def main():
    report, *command = sys.argv[1:]
    begin = time.monotonic()
    pid = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - begin
    with open(report, "w", encoding="ascii") as file:
        file.write(
            f'{{"status": {os.waitstatus_to_exitcode(status)},'
            f' "wall_s": {wall},'
            f' "cpu_s": {usage.ru_utime + usage.ru_stime},'
            f' "max_rss_mb": {usage.ru_maxrss / 1024}}}\n'
        )


main()
