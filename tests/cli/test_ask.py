import json
import shutil
from pathlib import Path

from tests.command_line import marquee

FIELDS = {
    "genres", "any_genres", "not_genres", "countries", "languages", "not_languages", "year_from", "year_to",
    "runtime_min", "runtime_max", "people", "like", "services", "group", "offtopic",
}  # fmt: skip


def test_questions_from_standard_input_are_answered_as_json(prepared: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared, tmp_path / "data")
    lines = "a korean thriller under 2 hours\nshorter\n\nshorter\nwhat is 2+2\n"
    done = marquee("ask", "--json", folder=tmp_path, stdin=lines)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 4
    assert all(row.keys() == {"understood", "films", "ms"} and row["understood"].keys() == FIELDS for row in rows)
    first, shorter, alone, off_topic = rows
    assert first["understood"]["countries"] == ["KR"]
    assert first["understood"]["runtime_max"] == 120
    assert all(film.keys() == {"id", "title", "year", "score", "reason"} for film in first["films"])
    assert shorter["understood"]["countries"] == ["KR"]
    assert alone["films"] == []  # the blank line ended the conversation
    assert off_topic["understood"]["offtopic"]
    asked = marquee("ask", "a", "korean", "thriller", folder=tmp_path)
    assert asked.stdout.startswith("South Korea · Thriller\n")
