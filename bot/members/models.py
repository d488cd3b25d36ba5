"""A member's preferences, what they decide about their data, and the export of it."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CountrySource(StrEnum):
    """Whose setting a country comes from."""

    MEMBER = "member"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class CountryPreference:
    """The country that applies to a member; `code` is ISO 3166-1 alpha-2."""

    code: str
    source: CountrySource


@dataclass(frozen=True, slots=True)
class Privacy:
    """What others may see of a member; by default lists show their name and their diary is private."""

    is_name_hidden: bool = False
    is_diary_public: bool = False


@dataclass(frozen=True, slots=True)
class DataExport:
    """Everything stored about a member: rows by kind as plain values, and the text of further files by name."""

    rows: Mapping[str, list[dict[str, Any]]]
    files: Mapping[str, str]

    def count_rows(self) -> dict[str, int]:
        """Return how many rows there are of each kind, without kinds that have none."""
        return {name: len(rows) for name, rows in self.rows.items() if rows}

    def build_archive(self) -> bytes:
        """Return a ZIP of data.json, which has the rows by kind, and the other files."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.json", json.dumps(self.rows, ensure_ascii=False, indent=1))
            for name, text in self.files.items():
                archive.writestr(name, text)
        return content.getvalue()
