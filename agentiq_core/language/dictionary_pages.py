"""The dictionary's graphs are read where they lie, in pages of their files: only those that are looked at take memory, and
every process on the machine shares them. dawg2-python copies them whole, 15 MiB a process, and twice while it loads.
"""

from __future__ import annotations

from mmap import ACCESS_READ, mmap
from struct import unpack
from typing import Any, BinaryIO


def read_in_place() -> None:
    """From now on graphs are mapped; their numbers are as wide and in the order of the files on every machine there is."""
    from dawg_python import wrapper

    wrapper.Dictionary.read = _read_dictionary
    wrapper.Guide.read = _read_guide


def _read_dictionary(self: Any, file: BinaryIO) -> None:
    self._units = _mapped(file, 4).cast("I")


def _read_guide(self: Any, file: BinaryIO) -> None:
    self._units = _mapped(file, 2)


def _mapped(file: BinaryIO, width: int) -> memoryview:
    (count,) = unpack("=I", file.read(4))
    begin = file.tell()
    end = file.seek(begin + count * width)
    return memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))[begin:end]
