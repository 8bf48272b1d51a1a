"""``python -m vendor_sandbox``."""

import sys

from vendor_sandbox.cli import main

sys.exit(main())
