"""Gather the strings of the app into the Russian catalogue and compile it: `python -m agentiq_tui.locale.update`.

With `--check` nothing is written: the exit code says whether it would change anything or a translation is missing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from agentiq_tui.locale import DOMAIN, HERE

ROOT = HERE.parent
PO = HERE / "ru" / "LC_MESSAGES" / f"{DOMAIN}.po"
KEYWORDS = {"_": None, "mark": None, "ngettext": (1, 2)}


def extract() -> Catalog:
    """Every string of the source that is marked for translation."""
    template = Catalog(project="AgentIQ", fuzzy=False)
    found = extract_from_dir(ROOT, method_map=[("**.py", "python")], keywords=KEYWORDS)
    for path, line, message, comments, context in sorted(found, key=lambda item: (item[0], item[1])):
        template.add(message, None, [(path, line)], auto_comments=comments, context=context)
    return template


def catalogue() -> Catalog:
    """The Russian catalogue as it lies on disk."""
    with PO.open("rb") as file:
        return read_po(file, locale="ru", domain=DOMAIN)


def compiled(source: Catalog) -> bytes:
    """The binary form of a catalogue, as gettext reads it."""
    buffer = BytesIO()
    write_mo(buffer, source)
    return buffer.getvalue()


def updated() -> Catalog:
    """The Russian catalogue with exactly the strings of the source."""
    russian = catalogue()
    written_on = russian.creation_date
    russian.update(extract(), no_fuzzy_matching=True)
    russian.obsolete.clear()
    # the same strings are the same bytes, whenever they were gathered
    russian.creation_date = written_on
    return russian


def written(source: Catalog) -> bytes:
    """A catalogue as text."""
    buffer = BytesIO()
    write_po(buffer, source, width=110, no_location=True, sort_output=True, omit_header=False)
    return buffer.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Update the catalogue in place, or check that this would change nothing; 1 when a string waits for a translator."""
    parser = argparse.ArgumentParser(prog="python -m agentiq_tui.locale.update")
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args(arguments).check
    russian = updated()
    files = {PO: written(russian), PO.with_suffix(".mo"): compiled(russian)}
    stale = [path for path, content in files.items() if path.read_bytes() != content]
    if check:
        for path in stale:
            sys.stderr.write(f"{path.name} is stale: run python -m agentiq_tui.locale.update\n")
    else:
        for path, content in files.items():
            path.write_bytes(content)
    missing = [message.id for message in russian if message.id and not _complete(message.string)]
    for identifier in missing:
        sys.stderr.write(f"no translation: {identifier!r}\n")
    return 1 if missing or (check and stale) else 0


def _complete(string: object) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


if __name__ == "__main__":
    sys.exit(main())
