"""What is kept about a member: shown to them, deleted at their wish, and what others may see of it."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

LETTERBOXD_COLUMNS = (
    "Title", "Year", "imdbID", "tmdbID", "WatchedDate", "Rating", "Rewatch", "Tags", "Review",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Privacy:
    """What a member has chosen: their name is shown in lists, and their diary is their own, unless they say."""

    is_name_hidden: bool = False
    is_diary_public: bool = False


@dataclass(frozen=True, slots=True)
class ExportedViewing:
    """A viewing with what an import elsewhere needs; `stars` are half-stars."""

    title: str
    year: int | None
    ids: Mapping[str, str]
    watched_on: date | None
    stars: int | None
    is_rewatch: bool
    review: str


@dataclass(frozen=True, slots=True)
class Export:
    """Everything kept about a member: rows by table as plain values, and their viewings server by server."""

    rows: Mapping[str, list[dict[str, Any]]]
    viewings: Mapping[int, list[ExportedViewing]]

    def counts(self) -> dict[str, int]:
        """Give how many rows there are of each kind, without those of which there are none."""
        return {name: len(rows) for name, rows in self.rows.items() if rows}


class PrivacyStore(Protocol):
    """Where it is kept."""

    async def get(self, member_ids: Iterable[int]) -> dict[int, Privacy]:
        """Give what each of these members has chosen, those who chose nothing left out."""
        ...

    async def put(self, member_id: int, privacy: Privacy) -> None:
        """Store what the member has chosen."""
        ...

    async def export(self, member_id: int) -> Export:
        """Give everything kept about the member, in one state."""
        ...

    async def delete(self, member_id: int) -> None:
        """Delete all of it, in one transaction, in all servers."""
        ...


class PrivacyService:
    """Gives and deletes what is kept about a member, and keeps what they chose."""

    def __init__(self, store: PrivacyStore) -> None:
        self._store = store

    async def of(self, *member_ids: int) -> dict[int, Privacy]:
        """Give what each of these members has chosen, or what holds where they chose nothing."""
        chosen = await self._store.get(member_ids)
        return {member_id: chosen.get(member_id, Privacy()) for member_id in member_ids}

    async def set_name_hidden(self, member_id: int, is_name_hidden: bool) -> None:
        """Store whether the member's name is kept out of lists."""
        before = (await self.of(member_id))[member_id]
        await self._store.put(member_id, replace(before, is_name_hidden=is_name_hidden))

    async def set_diary_public(self, member_id: int, is_diary_public: bool) -> None:
        """Store whether others may read the member's diary."""
        before = (await self.of(member_id))[member_id]
        await self._store.put(member_id, replace(before, is_diary_public=is_diary_public))

    async def export(self, member_id: int) -> Export:
        """Give everything kept about the member."""
        return await self._store.export(member_id)

    async def delete(self, member_id: int) -> None:
        """Delete everything kept about the member, in all servers; returns when it is gone."""
        await self._store.delete(member_id)


def archive(export: Export) -> bytes:
    """Give the ZIP that a member gets: data.json with everything, and a letterboxd CSV for each server.

    The CSV has the columns of Letterboxd's import format (https://letterboxd.com/about/importing-data/):
    ratings from 0.5 to 5, dates as YYYY-MM-DD.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("data.json", json.dumps(export.rows, ensure_ascii=False, indent=1))
        for server_id, viewings in export.viewings.items():
            packed.writestr(f"letterboxd-{server_id}.csv", letterboxd_csv(viewings))
    return file.getvalue()


def letterboxd_csv(viewings: Iterable[ExportedViewing]) -> str:
    """Give the viewings as Letterboxd imports them."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(LETTERBOXD_COLUMNS)
    for viewing in viewings:
        rows.writerow(
            (
                viewing.title,
                viewing.year or "",
                viewing.ids.get("imdb", ""),
                viewing.ids.get("tmdb", ""),
                viewing.watched_on.isoformat() if viewing.watched_on else "",
                f"{viewing.stars / 2:g}" if viewing.stars else "",
                "true" if viewing.is_rewatch else "",
                "",
                viewing.review,
            )
        )
    return text.getvalue()
