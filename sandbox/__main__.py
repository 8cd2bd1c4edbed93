"""`python -m sandbox`: the stand-in SmartLead in the foreground."""

from __future__ import annotations

import argparse

from sandbox.limits import read_limits
from sandbox.server import serve


def main() -> None:
    """Serve until SIGTERM or SIGINT. Wrong use ends with exit code 2, a taken port with 1."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes any free port")
    parser.add_argument("--api-key", action="append", help="a key that is let in; may be given again")
    parser.add_argument("--rate-limits", default="10/1s 60/1m 1000/1h", help="all windows hold at once")
    chosen = parser.parse_args()
    try:
        limits = read_limits(chosen.rate_limits)
    except ValueError as error:
        parser.error(str(error))
    serve(chosen.port, tuple(chosen.api_key or ("sandbox",)), limits)


if __name__ == "__main__":
    main()
