import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text.csv_files import read_cell, write_csv

ROOT = Path(__file__).parents[3]
SIGNS = "=+-@＝＋－＠\t\r\n|%"


def read_back(*cells: str | int | None) -> list[str]:
    file = io.StringIO(newline="")
    write_csv(file, [cells])
    file.seek(0)
    (row,) = csv.reader(file)
    return row


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0",
        "+1",
        "-2+3",
        "@A1",
        "＝1+1",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\u00a0=1",
        "\ufeff=1",
    ],
)
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(text: str) -> None:
    assert read_back(text) == [f"'{text}"]


def test_numbers_and_other_texts_stay_as_they_are() -> None:
    assert read_back(-5, None, "Fargo", "8½", "a=b") == ["-5", "", "Fargo", "8½", "a=b"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.text(SIGNS + " a,\"'"), min_size=2))
def test_no_cell_begins_as_a_formula_and_none_loses_text(cells: list[str]) -> None:
    for cell, written in zip(cells, read_back(*cells), strict=True):
        assert read_cell(written) == cell
        assert not written.strip().startswith(tuple(SIGNS.strip()))


def test_every_csv_file_is_written_in_one_place() -> None:
    writers = [
        str(path.relative_to(ROOT))
        for folder in ("bot", "cogs")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "csv.writer(" in (source := path.read_text(encoding="utf-8")) or "DictWriter(" in source
    ]
    assert writers == ["bot/core/text/csv_files.py"]
