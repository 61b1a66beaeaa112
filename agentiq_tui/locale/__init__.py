"""Two languages: English is the source, Russian the catalogue beside this file.

A string is looked up when it is shown, never at import, so that the language may change while the app runs.
`python -m agentiq_tui.locale.update` gathers new strings into the catalogue and compiles it.
"""

from __future__ import annotations

import gettext
import os
from pathlib import Path

DOMAIN = "agentiq"
LANGUAGES = ("ru", "en")
FALLBACK = "ru"
HERE = Path(__file__).parent

_active: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def detect(environ: dict[str, str] | None = None) -> str:
    """The language of the locale; Russian where the locale names neither of ours (C, POSIX, another tongue)."""
    environ = dict(os.environ) if environ is None else environ
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        language = environ.get(name, "").partition("_")[0].lower()
        if language in LANGUAGES:
            return language
    return FALLBACK


def use(language: str | None = None) -> str:
    """Make `language` (or the locale's) the one that strings are shown in; returns what was chosen."""
    global _active, _language
    _language = language if language in LANGUAGES else detect()
    if _language == "en":
        _active = gettext.NullTranslations()
    else:
        _active = gettext.translation(DOMAIN, HERE, languages=[_language])
    return _language


def language() -> str:
    """The language in use."""
    return _language


def _(message: str) -> str:
    return _active.gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The form of a string that fits `count` (Russian has three)."""
    return _active.ngettext(one, many, count)


def mark(message: str) -> str:
    """Mark a string for the catalogue where it is declared; `_` translates it where it is shown."""
    return message
