"""Judges the last line that `agentiq demo --headless --json` printed: work was done, all of it once."""

from __future__ import annotations

import json
import sys


def main(path: str) -> None:
    """Exits with one line of what is wrong, or prints the report's counts."""
    with open(path, encoding="utf-8") as output:
        report = json.loads(output.read().strip().splitlines()[-1])
    print(json.dumps(report, ensure_ascii=False))
    pulled, sent, confirmed = (report[key] for key in ("pulled", "sent", "confirmed"))
    if pulled <= 100:
        sys.exit(f"demo: {pulled} messages pulled, more than 100 expected")
    if sent != confirmed or sent == 0:
        sys.exit(f"demo: {sent} replies sent, {confirmed} confirmed")
    if report["duplicates"] != 0:
        sys.exit(f"demo: {report['duplicates']} buyers got a reply twice")


if __name__ == "__main__":
    main(sys.argv[1])
