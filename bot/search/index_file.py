"""A title index as a file: memory-mapped when read, and used only after its checksums were verified.

The file is a fixed head (magic, version, size and CRC-32 of the header), a JSON header and the arrays one after
another, each aligned to 64 bytes.
"""

import json
import mmap
import os
import struct
import tempfile
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from bot.search.index import ARRAY_FIELDS, TRIGRAM_COUNT, IndexArrays

MAGIC = b"MARQUEE TITLES\r\n"
"""How the file starts; the line end reveals a file that was copied as text."""
VERSION = 6
"""Raise it with any change to the arrays or to how titles are normalised: files of other versions are rebuilt."""
_HEAD = struct.Struct("<16sIII")
_ALIGNMENT = 64
_TEXT, _BYTES = "text", "bytes"
"""The types in the header of what is no numpy array: ASCII text and plain bytes."""


class IndexFileError(Exception):
    """A file that can't be used; the message says why."""


def write(path: Path, arrays: IndexArrays, key: str) -> None:
    """Write the arrays to a file, with a `key` that identifies the catalogue they were built from.

    The file appears complete or not at all, even if other processes write it at the same time. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    table: list[tuple[str, str, int, int]] = []
    parts: list[bytes] = []
    offset = 0
    for name in ARRAY_FIELDS:
        value = getattr(arrays, name)
        if isinstance(value, str):
            dtype, content = _TEXT, value.encode("ascii")
        elif isinstance(value, np.ndarray):
            dtype, content = value.dtype.str, value.tobytes()
        else:
            dtype, content = _BYTES, value
        table.append((name, dtype, offset, len(content)))
        padding = -len(content) % _ALIGNMENT
        parts += [content, bytes(padding)]
        offset += len(content) + padding
    checksum = 0
    for part in parts:
        checksum = crc32(part, checksum)
    header = json.dumps({"key": key, "size": offset, "checksum": checksum, "arrays": table}).encode()
    header += b" " * (-(len(header) + _HEAD.size) % _ALIGNMENT)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_HEAD.pack(MAGIC, VERSION, len(header), crc32(header)))
            file.write(header)
            for part in parts:
                file.write(part)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(path: Path) -> tuple[str, IndexArrays]:
    """Return the key and the arrays of a file; its pages are read from disk as they are needed.

    Raises IndexFileError if the file is missing, not an index, of another version, truncated or damaged.
    """
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError as error:
        raise IndexFileError("there is none yet") from error
    except (OSError, ValueError) as error:  # ValueError: an empty file can't be mapped
        raise IndexFileError(f"can't be read: {error}") from error
    view = memoryview(mapped)
    if len(view) < _HEAD.size:
        raise IndexFileError("cut short")
    magic, version, size, checksum = _HEAD.unpack_from(view)
    if magic != MAGIC:
        raise IndexFileError("not a title index")
    if version != VERSION:
        raise IndexFileError(f"of layout {version}, not {VERSION}")
    header_bytes = view[_HEAD.size : _HEAD.size + size]
    if len(header_bytes) != size or crc32(header_bytes) != checksum:
        raise IndexFileError("its header is damaged")
    header = json.loads(bytes(header_bytes))
    body = view[_HEAD.size + size :]
    if len(body) != header["size"]:
        raise IndexFileError("cut short")
    if crc32(body) != header["checksum"]:
        raise IndexFileError("its checksum is another")
    values: dict[str, Any] = {}
    for name, dtype, offset, length in header["arrays"]:
        part = body[offset : offset + length]
        if dtype == _TEXT:
            values[name] = str(part, "ascii")
        else:
            values[name] = part if dtype == _BYTES else np.frombuffer(part, dtype)
    if set(values) != set(ARRAY_FIELDS):
        raise IndexFileError("it holds other arrays")
    arrays = IndexArrays(**values)
    if len(arrays.trigram_starts) != TRIGRAM_COUNT * arrays.block_count + 1:
        raise IndexFileError("its arrays don't fit together")
    return header["key"], arrays
