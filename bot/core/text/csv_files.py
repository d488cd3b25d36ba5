"""Writes CSV files that a spreadsheet opens as text."""

import csv
from collections.abc import Iterable
from typing import IO

Cell = str | int | None
_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n", "|", "%")
"""A cell that begins so is a formula or a command to some spreadsheet, full-width signs included
(https://owasp.org/www-community/attacks/CSV_Injection)."""


def write_csv(file: IO[str], rows: Iterable[Iterable[Cell]], *, line_end: str = "\r\n") -> None:
    """Write the rows (RFC 4180); None is an empty cell.

    A text that a spreadsheet would calculate or run gets an apostrophe in front, with which it is shown as text.
    """
    csv.writer(file, lineterminator=line_end).writerows(map(_guard_cell, row) for row in rows)


def read_cell(cell: str) -> str:
    """Return a cell as it was before `write_csv` kept a spreadsheet from calculating it."""
    return cell[1:] if _is_guarded(cell) else cell


def _is_guarded(text: str) -> bool:
    """Return whether a cell begins with an apostrophe that was put there, or may have been."""
    inner = text.lstrip("'")
    return inner != text and _is_formula(inner)


def _is_formula(text: str) -> bool:
    return text.lstrip(" \u00a0\u200b\ufeff").startswith(_FORMULA_STARTS)


def _guard_cell(cell: Cell) -> Cell:
    """Return the cell as a spreadsheet shows it; numbers are safe as they are."""
    if isinstance(cell, str) and (_is_formula(cell) or _is_guarded(cell)):
        return f"'{cell}"
    return cell
