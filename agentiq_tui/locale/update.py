"""Gather the strings of the app into the Russian catalogue and compile it: `python -m agentiq_tui.locale.update`."""

from __future__ import annotations

import sys
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


def main() -> int:
    """Update the catalogue in place; the exit code is the number of strings that wait for a translator, at most 1."""
    russian = catalogue()
    russian.update(extract(), no_fuzzy_matching=True)
    russian.obsolete.clear()
    with PO.open("wb") as file:
        write_po(file, russian, width=110, no_location=True, sort_output=True, omit_header=False)
    PO.with_suffix(".mo").write_bytes(compiled(russian))
    missing = [message.id for message in russian if message.id and not _complete(message.string)]
    for identifier in missing:
        sys.stderr.write(f"{identifier!r}\n")
    return 1 if missing else 0


def _complete(string: object) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


if __name__ == "__main__":
    sys.exit(main())
