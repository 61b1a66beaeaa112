"""The dictionary's graphs are read where they lie, in pages of their files: only those that are looked at take memory, and
every process on the machine shares them. dawg2-python copies them whole, 15 MiB a process, and twice while it loads.
"""

from __future__ import annotations

import mmap
from struct import unpack
from typing import Any, BinaryIO

_maps: list[mmap.mmap] = []


def read_in_place() -> None:
    """From now on graphs are mapped; their numbers are as wide and in the order of the files on every machine there is."""
    from dawg_python import wrapper

    wrapper.Dictionary.read = _read_dictionary
    wrapper.Guide.read = _read_guide


def give_pages_back() -> None:
    """Whoever has looked through all of it needs few pages from now on: those come back when they are looked at."""
    if hasattr(mmap, "MADV_DONTNEED"):
        for mapped in _maps:
            mapped.madvise(mmap.MADV_DONTNEED)


def _read_dictionary(self: Any, file: BinaryIO) -> None:
    self._units = _mapped(file, 4).cast("I")


def _read_guide(self: Any, file: BinaryIO) -> None:
    self._units = _mapped(file, 2)


def _mapped(file: BinaryIO, width: int) -> memoryview:
    (count,) = unpack("=I", file.read(4))
    begin = file.tell()
    end = file.seek(begin + count * width)
    whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    _maps.append(whole)
    return memoryview(whole)[begin:end]
