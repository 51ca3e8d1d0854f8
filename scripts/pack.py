#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/pack.py OUT FILE...: files as a zip, the same bytes each time.

Lambda knows a package by its hash, so two builds of one source must not
differ: no times, no owners, names without folders, sorted, and nothing
compressed, as the output of zlib is not the same everywhere.
"""

import os
import sys
import zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day of zip
UNIX = 3
MODE = 0o100644


def pack(out, files):
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files, key=os.path.basename):
            entry = zipfile.ZipInfo(os.path.basename(path), EPOCH)
            entry.create_system = UNIX
            entry.external_attr = MODE << 16
            with open(path, "rb") as file:
                archive.writestr(entry, file.read())


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: scripts/pack.py OUT FILE...")
    pack(sys.argv[1], sys.argv[2:])
