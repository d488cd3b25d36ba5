"""A title index as a file: memory-mapped when read, and never trusted before its checksum was compared."""

import json
import mmap
import os
import struct
import tempfile
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from bot.search.arrays import ARRAY_FIELDS, BLOCK, GRAMS, Arrays

MAGIC = b"MARQUEE TITLES\r\n"
"""How the file begins; the line end shows a file that was copied as text."""
VERSION = 5
"""Another layout of the arrays, another way to fold titles: another version, and old files are built anew."""
_HEAD = struct.Struct("<16sIII")
_ALIGNED = 64
_BLOB = "bytes"


class IndexFileError(Exception):
    """A file that can't be used; the message says why."""


def write(path: Path, arrays: Arrays, key: str) -> None:
    """Write the arrays as a file that fits the catalogue of that `key`.

    The file appears whole or not at all, whoever else writes it at the same time. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    table, parts, offset = [], [], 0
    for name in ARRAY_FIELDS:
        dtype, content = _content(getattr(arrays, name))
        table.append([name, dtype, offset, len(content)])
        padding = -len(content) % _ALIGNED
        parts += [content, bytes(padding)]
        offset += len(content) + padding
    checksum = 0
    for part in parts:
        checksum = crc32(part, checksum)
    header = json.dumps({"key": key, "size": offset, "checksum": checksum, "arrays": table}).encode()
    header += b" " * (-(len(header) + _HEAD.size) % _ALIGNED)
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


def _content(value: Any) -> tuple[str, Any]:
    if isinstance(value, str):
        return "text", value.encode("ascii")
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.tobytes()
    return _BLOB, value


def read(path: Path) -> tuple[str, Arrays]:
    """Give the key and the arrays of a file; its pages are read from disk as they are needed.

    Raises IndexFileError where the file is missing, foreign, of another version, cut short or damaged.
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
    return header["key"], _arrays(header["arrays"], body)


def _arrays(table: list[tuple[str, str, int, int]], body: memoryview) -> Arrays:
    values: dict[str, Any] = {}
    for name, dtype, offset, length in table:
        part = body[offset : offset + length]
        if dtype == "text":
            values[name] = str(part, "ascii")
        else:
            values[name] = part if dtype == _BLOB else np.frombuffer(part, dtype)
    if set(values) != set(ARRAY_FIELDS):
        raise IndexFileError("it holds other arrays")
    arrays = Arrays(**values)
    if len(arrays.gram_starts) != GRAMS * -(-arrays.names // BLOCK) + 1:
        raise IndexFileError("its arrays don't fit together")
    return arrays
