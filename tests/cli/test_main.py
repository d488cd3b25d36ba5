"""The command line, as an operator uses it: in processes of its own."""

import asyncio
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import RunningCommand, marquee

ROOT = Path(__file__).parents[2]
TOO_LONG = "x" * 300
"""More than a file's name may have."""


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared, tmp_path / "data")
    shutil.copy(tmp_path / "data" / "marquee.db", tmp_path / "data" / "try.db")
    return tmp_path


def run_python(folder: Path, *python: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a new process, in which nothing is imported yet."""
    return subprocess.run(
        [sys.executable, *python],
        cwd=ROOT,
        env={**os.environ, "MARQUEE_DATA_DIR": str(folder / "data")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_find_prints_the_film_first(folder: Path) -> None:
    done = run_python(folder, "-m", "bot", "find", "balerina 2023")
    assert done.returncode == 0
    assert "Ballerina (2023) · 발레리나 · Lee Chung-hyun" in done.stdout.splitlines()[0]


def test_find_imports_nothing_that_it_does_not_need(folder: Path) -> None:
    command = "import sys; from bot.__main__ import main; main(['find', 'ballerina']); print(*sys.modules)"
    done = run_python(folder, "-c", command)
    imported = set(done.stdout.splitlines()[-1].split())
    assert "bot.cli.find" in imported
    assert not imported & {"alembic", "discord", "aiohttp", "scipy", "PIL", "babel"}


def test_find_prints_json_lines_of_queries_from_standard_input(folder: Path) -> None:
    done = marquee("find", "--json", "--limit", "2", folder=folder, stdin="balerina 2023\n발레리나\nqzxqzx\n")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["query"] for row in rows] == ["balerina 2023", "발레리나", "qzxqzx"]
    best = rows[0]["matches"][0]
    assert set(best) == {"id", "title", "original_title", "year", "score", "matched"}
    assert (best["id"], best["year"], best["original_title"]) == ("ballerina-2023", 2023, "발레리나")
    assert rows[1]["matches"][0]["id"] == "ballerina-2023"
    assert all(row["ms"] >= 0 and len(row["matches"]) <= 2 for row in rows)
    assert done.returncode == 1  # the last found nothing


@pytest.mark.parametrize(
    ("title", "stdin"), [(["\udcff balerina 2023"], b""), ([], b"\xff balerina 2023\n")], ids=["argument", "input"]
)
def test_find_takes_bytes_that_are_no_text(folder: Path, title: list[str], stdin: bytes) -> None:
    """Python is strict about input and output in UTF-8; an argument has a surrogate there."""
    done = marquee("find", "--limit", "1", *title, folder=folder, stdin=stdin)
    assert "Traceback" not in done.stderr
    assert "[ballerina-2023]" in done.stdout
    printed = marquee("find", "--json", *title, folder=folder, stdin=stdin)
    assert json.loads(printed.stdout)["query"].endswith(" balerina 2023")


def test_a_database_server_that_may_come_back_is_exit_code_1(folder: Path) -> None:
    url = "postgresql://u:hunter2@127.0.0.1:1/x"
    done = marquee("find", "x", folder=folder, LOG_LEVEL="ERROR", DATABASE_URL=url)
    assert done.returncode == 1
    assert "can't be opened" in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "environ", "sentence"),
    [
        (["run"], {}, "DISCORD_TOKEN isn't set"),
        (["invite"], {}, "DISCORD_TOKEN isn't set"),
        (["sync", "--guild", "7"], {}, "DISCORD_TOKEN isn't set"),
        (["emojis"], {}, "DISCORD_TOKEN isn't set"),
        (["run"], {"DISCORD_TOKEN": "x", "SENTRY_DSN": "sentry.example"}, "SENTRY_DSN isn't a Sentry address"),
        (["run"], {"SHARDS": "none"}, "SHARDS must be"),
        (["find", "x"], {"DATABASE_URL": "mysql://x"}, "DATABASE_URL must start"),
        (["find", "x"], {"DATABASE_URL": "sqlite:////proc/nowhere/films.db"}, "can't be opened"),
        (
            ["find", "x"],
            {"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:hunter2/x"},
            "DATABASE_URL isn't a database address",
        ),
        (["find", "x"], {"DATABASE_URL": "postgresql://u@127.0.0.1:1/x?sslmode=maybe"}, "option sslmode must be"),
        (["find", "x"], {"DATABASE_URL": "sqlite:///"}, "DATABASE_URL has no file path"),
        (["find", "x"], {"DATABASE_URL": "sqlite://"}, "DATABASE_URL has no file path"),
        (["find", "x"], {"MARQUEE_DATA_DIR": "~nobody-of-that-name/films"}, "MARQUEE_DATA_DIR"),
        (["find", "--limit", "0", "x"], {}, "--limit"),
        (["import", "starter", "nowhere.jsonl"], {}, "nowhere.jsonl can't be read"),
        (["backup", "data/marquee.db"], {}, "already exists"),
        (["backup", "nowhere/copy.db"], {}, "nowhere/copy.db can't be written"),
        (["try", "--port", "99999"], {}, "--port must be a whole number from 0 to 65535"),
        (["find", "--year", "9" * 20, "x"], {}, "--year must be a whole number from 1874 to 2100"),
        (["find", "--year", "-5", "x"], {}, "--year must be a whole number from 1874 to 2100"),
        (["backup", TOO_LONG], {}, "can't be written: File name too long"),
        (["backup", "file:copy.db?mode=memory"], {}, "file:copy.db?mode=memory isn't a file name"),
        (["backup", "copy\udcff.db"], {}, "can't be written"),
        (["restore", "nowhere.db"], {}, "nowhere.db isn't a file"),
        (["find", "x"], {"BACKUP_KEEP": "0"}, "BACKUP_KEEP must be a whole number from 1 to 999"),
        (["find", "x"], {"LOG_FORMAT": "xml"}, "LOG_FORMAT must be one of text, json"),
        (["import", "starter", TOO_LONG], {}, "can't be read: File name too long"),
        (["import", "imdb", TOO_LONG], {}, "can't use"),
        (["import", "movielens", TOO_LONG], {}, "can't use"),
        (["try", "--tmdb-replay", TOO_LONG], {}, "can't use"),
        (["find", "x"], {"MARQUEE_DATA_DIR": f"/{TOO_LONG}"}, "can't be opened"),
        (
            ["find", "x"],
            {"DATABASE_URL": "sqlite:///file:films.db?mode=memory&uri=true"},
            "DATABASE_URL has no file path",
        ),
    ],
)
def test_what_keeps_a_command_from_running_is_one_sentence_and_exit_code_2(
    folder: Path, arguments: list[str], environ: dict[str, str], sentence: str
) -> None:
    done = marquee(*arguments, folder=folder, LOG_LEVEL="ERROR", **environ)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr


def test_a_bad_line_is_named_and_gives_exit_code_1(folder: Path) -> None:
    good = (ROOT / "data" / "films.jsonl").read_text(encoding="utf-8").splitlines()[:2]
    (folder / "films.jsonl").write_text(f"{good[0]}\n{{}}\n{good[1]}\n", encoding="utf-8")
    done = marquee("import", "starter", "films.jsonl", folder=folder)
    assert done.returncode == 1
    assert "films.jsonl:2: id: missing" in done.stderr
    assert "2 films loaded, 1 line skipped" in done.stdout


def test_doctor_and_backup(folder: Path) -> None:
    done = marquee("doctor", folder=folder)
    assert done.returncode == 1
    assert "open and up to date" in done.stdout
    assert "✗ Discord token: not set" in done.stdout
    assert done.stderr == ""
    done = marquee("doctor", folder=folder, DISCORD_TOKEN="x")
    assert done.returncode == 1
    assert "✗ Discord token: that isn't one." in done.stdout
    token = ".".join(("A" * 26, "B" * 6, "C" * 38))
    assert marquee("doctor", folder=folder, DISCORD_TOKEN=token).returncode == 0
    assert marquee("backup", "copy.db", folder=folder).returncode == 0
    assert (folder / "copy.db").stat().st_mode & 0o777 == 0o600
    assert marquee("backup", "nowhere/copy.db", folder=folder).returncode == 2
    copy = sqlite3.connect(folder / "copy.db")
    assert copy.execute("SELECT count(*) FROM films").fetchone()[0] >= 600
    copy.close()
    done = marquee("restore", "copy.db", folder=folder)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "Restored the database from copy.db.")
    assert len(list((folder / "data").glob("marquee-before-restore-*.db"))) == 1


@pytest.mark.parametrize("text", [b"LOG_LEVEL=\xe4\n", "LOG_LEVEL=info\n".encode("utf-16")])
def test_a_settings_file_that_is_not_utf_8_is_one_sentence(folder: Path, text: bytes) -> None:
    (folder / ".env").write_bytes(text)
    done = marquee("doctor", folder=folder)
    assert done.returncode == 2
    assert done.stderr == f"marquee: {folder / '.env'} can't be read: save it as UTF-8 text.\n"


def replace_tmdb_address() -> None:
    """Let TMDB's address be a local port on which nothing listens."""
    import bot.services

    function: Any = bot.services.running_services
    function.__wrapped__.__defaults__ = ("http://127.0.0.1:1",)


def test_doctor_does_not_call_an_unchecked_key_good(folder: Path) -> None:
    done = marquee("doctor", folder=folder, prepare=replace_tmdb_address, TMDB_TOKEN="f" * 32)
    assert "TMDB: can't check the key right now" in done.stdout


def test_the_wheel_finds_its_data_from_any_folder(tmp_path: Path) -> None:
    """Build the wheel, install it by `uv tool install` as hosting.md says, and run the command from `/`."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("marquee_bot-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for part in ("bot/_data/tmdb-replay/", "bot/preview/static/app.js"):  # what the try page reads
        assert any(name.startswith(part) for name in names), part
    # The dependencies are those installed beside the tests, not such as a network would bring: each is overridden
    # by itself where no system has it.
    (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
    needed = re.findall(r"(?m)^Requires-Dist: ([\w.-]+)", zipfile.ZipFile(wheel).read(metadata).decode())
    none = tmp_path / "none.txt"
    none.write_text("".join(f"{each} ; python_version < '3'\n" for each in needed))
    tools = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    subprocess.run(
        [str(Path(sys.executable).parent / "uv"), "tool", "install", "--offline", "--no-index", "--no-config",
         "--python", sys.executable, "--overrides", str(none), str(wheel)],
        cwd=tmp_path, env={**os.environ, **tools}, check=True, capture_output=True,
    )  # fmt: skip
    fresh = tmp_path / "tools" / "marquee-bot"
    python = fresh / "bin" / "python"
    site = next(fresh.glob("lib/python*/site-packages"))  # what is installed here comes first
    parent = next(path for path in sys.path if path.endswith("site-packages"))
    (site / "dependencies.pth").write_text(parent)
    environ = {"MARQUEE_DATA_DIR": str(tmp_path / "data"), "PATH": os.environ["PATH"]}
    where = subprocess.run(
        [str(python), "-c", "import bot; print(bot.__file__)"],
        cwd="/",
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(fresh) in where.stdout
    done = subprocess.run(
        [str(tmp_path / "bin" / "marquee"), "find", "ballerina"],
        cwd="/",
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Ballerina (2023)" in done.stdout.splitlines()[0]


def refuse_token() -> None:
    """Let discord.py's login refuse the token, as Discord does."""
    import discord

    async def refuse(_self: Any, _token: str) -> None:
        raise discord.LoginFailure("Improper token has been passed.")

    discord.http.HTTPClient.static_login = refuse


def test_a_wrong_token_is_one_sentence_and_exit_code_2(folder: Path) -> None:
    done = marquee("run", folder=folder, prepare=refuse_token, DISCORD_TOKEN="not.a.token", LOG_LEVEL="ERROR")
    assert (done.returncode, done.stderr) == (
        2,
        "marquee: Discord rejected DISCORD_TOKEN. Copy the token again from the developer portal.\n",
    )


def test_a_port_in_use_is_one_sentence(folder: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = marquee("try", "--port", str(taken.getsockname()[1]), folder=folder, LOG_LEVEL="ERROR")
    assert done.returncode == 2
    assert "is in use: try another, with --port" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def print_start_and_close() -> None:
    """Let the bot wait instead of connecting to Discord, and print when it begins and when its database closes."""
    import discord

    from bot.core.database.engine import Database

    closing = Database.close

    async def start(_self: Any, _token: str) -> None:
        sys.stdout.write("started\n")
        sys.stdout.flush()
        await asyncio.sleep(60)

    async def close(self: Database) -> None:
        await closing(self)
        sys.stdout.write("closed\n")
        sys.stdout.flush()

    discord.AutoShardedClient.start = start
    Database.close = close


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_bot_stops_cleanly(folder: Path, number: signal.Signals) -> None:
    """A service manager sends SIGTERM: Discord's connection and the database are closed first."""
    command = RunningCommand(
        "run", folder=folder, prepare=print_start_and_close, DISCORD_TOKEN="x", LOG_LEVEL="ERROR"
    )
    command.wait_for_output("started\n")
    command.send_signal(number)
    done = command.wait()
    assert (done.returncode, done.stdout, done.stderr) == (0, "started\nclosed\n", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_try_page_stops_cleanly(folder: Path, number: signal.Signals) -> None:
    command = RunningCommand("try", "--port", "0", folder=folder, LOG_LEVEL="ERROR")
    command.wait_for_output("try.db")
    command.send_signal(number)
    done = command.wait()
    assert (done.returncode, done.stderr) == (0, "")
    assert "Marquee is at http://127.0.0.1:" in done.stdout.splitlines()[0]
