"""What the same keys type on a Latin and on a Russian keyboard layout."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,./`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?~"
_CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбю.ёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,Ё"
TO_CYRILLIC: Mapping[str, str] = MappingProxyType(dict(zip(_LATIN, _CYRILLIC, strict=True)))
TO_LATIN: Mapping[str, str] = MappingProxyType(
    {russian: latin for latin, russian in TO_CYRILLIC.items() if russian.isalpha()}
)
"""Of letters alone: a full stop is typed on both."""
