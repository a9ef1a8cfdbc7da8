"""`python -m rtpd` is `rtpd`."""

import sys

from rtpd.cli import main

if __name__ == "__main__":
    sys.exit(main())
