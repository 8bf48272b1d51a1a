"""Run Prism, which validates HTTP traffic against an OpenAPI document, with the arguments of its command line.

``scripts/prism.py proxy DOCUMENT UPSTREAM`` forwards all requests and reports violations of the document.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from node_packages import CannotInstall, command_of

CANNOT_RUN = 3


def main() -> NoReturn:
    try:
        command = [*command_of("@stoplight/prism-cli", "dist/index.js"), *sys.argv[1:]]
    except CannotInstall as error:
        print(error, file=sys.stderr)
        sys.exit(CANNOT_RUN)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
