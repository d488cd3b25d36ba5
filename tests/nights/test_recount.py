"""`marquee recount`, as whoever doubts a result runs it."""

import json
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.cli import ExitCode
from bot.nights.ballots import Ballot, BallotMethod
from bot.nights.recount import seal

TITLES = {"alien": "Alien (1979)", "brazil": "Brazil (1985)", "clue": "Clue (1985)"}


def write(folder: Path, method: BallotMethod, **changes: object) -> str:
    choices = [("alien", "brazil"), ("alien",), ("brazil", "alien"), ("brazil",), ("clue", "brazil")]
    box = seal("Friday", method, TITLES, "5eed", [Ballot(each) for each in choices])
    path = folder / "ballots.json"
    path.write_text(json.dumps({**box.to_document(), **changes}))
    return str(path)


@pytest.mark.parametrize(
    ("method", "line"),
    [
        (BallotMethod.INSTANT_RUNOFF, "round 1: Alien (1979) 2, Brazil (1985) 2, Clue (1985) 1; out: Clue (1985)"),
        (BallotMethod.SCHULZE, "1. Brazil (1985), 2 first choices, preferred to 2 of 2"),
        (BallotMethod.APPROVAL, "1. Brazil (1985), 4"),
    ],
)
def test_a_right_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], method: BallotMethod, line: str
) -> None:
    assert main(["recount", write(tmp_path, method)]) is ExitCode.SUCCESS
    output = capsys.readouterr().out
    assert line in output
    assert "The result is correct." in output


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"result": ["alien", "brazil", "clue"]}, "The file states another result: Alien (1979), Brazil (1985)"),
        ({"seed": "other"}, "The seed doesn't match"),
    ],
)
def test_a_wrong_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, object], sentence: str
) -> None:
    assert main(["recount", write(tmp_path, BallotMethod.SCHULZE, **change)]) is ExitCode.PARTIAL
    assert sentence in capsys.readouterr().out


def test_what_is_no_file_of_ballots(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("", "[" * 100_000, '{"format": "other"}'):
        (tmp_path / "other.json").write_text(text)
        assert main(["recount", str(tmp_path / "other.json")]) is ExitCode.UNUSABLE
        assert "isn't a film night's ballot file" in capsys.readouterr().err
    assert main(["recount", str(tmp_path / "none.json")]) is ExitCode.UNUSABLE
