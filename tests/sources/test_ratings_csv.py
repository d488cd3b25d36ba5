"""The files of ratings that `marquee evaluate` reads."""

from pathlib import Path

import pytest

from bot.core.errors import InvalidInputError
from bot.sources import ratings_csv


@pytest.mark.parametrize(
    ("content", "ratings"),
    [
        (b"member,film,stars\nana,heat-1995,4.5\n", [("ana", "heat-1995", 4.5)]),
        (b"\xef\xbb\xbfMember;Film;Stars\r\nana;heat-1995;4,5\r\n\r\n", [("ana", "heat-1995", 4.5)]),
        (b"userId,movieId,rating,timestamp\n1,2,0.5,9\n", [("1", "2", 0.5)]),
        (b"stars\tFILM\tmember\n3\theat-1995\tana\n", [("ana", "heat-1995", 3.0)]),
        (b"1::1193::5::978300760\n1::661::3::978302109\n", [("1", "1193", 5.0), ("1", "661", 3.0)]),
        ("member,film,stars\nJosé,Amélie,4\n".encode("latin-1"), [("José", "Amélie", 4.0)]),
        ("member,film,stars\nJosé,Amélie,4\n".encode(), [("José", "Amélie", 4.0)]),
        (b'member,film,stars\n"a, b","x ""y""",2\n', [("a, b", 'x "y"', 2.0)]),
    ],
)  # fmt: skip
def test_every_form(tmp_path: Path, content: bytes, ratings: list[tuple[str, str, float]]) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(content)
    result = ratings_csv.read(path)
    assert (result.ratings, result.bad_rows) == (ratings, 0)


def test_bad_rows_are_named_and_a_header_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(b"1::2::5::9\n1::2::6::9\n::\n1::3::x::9\n")
    result = ratings_csv.read(path)
    assert result.ratings == [("1", "2", 5.0)]
    assert (result.bad_rows, result.problems[0]) == (3, "own.csv:2: stars must be a number from 0.5 to 5, not '6'")
    assert [line.rsplit(": ", 1)[1] for line in result.problems[1:]] == [
        "no member", "stars must be a number from 0.5 to 5, not 'x'",
    ]  # fmt: skip
    for content in (b"", b"a,b,c\n1,2,3\n", b"member,film\n1,2\n"):
        path.write_bytes(content)
        with pytest.raises(InvalidInputError, match="columns member, film, stars"):
            ratings_csv.read(path)
