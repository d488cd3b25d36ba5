"""The files that operators start the bot with."""

import os
import re
import runpy
import shutil
import subprocess
import sys
import textwrap
from argparse import _SubParsersAction
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.__main__ import _build_parser
from bot.cli.run import ANSWER_SECONDS

ROOT = Path(__file__).parent.parent
UNIT = ROOT / "deploy" / "marquee.service"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "marquee"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={program}", UNIT.read_text()))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(unit)], check=True, capture_output=True, text=True
    )
    (score,) = re.findall(r"exposure level for marquee.service: ([0-9.]+) OK", rated.stdout)
    assert f"rates it {score}, “OK”" in (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")


def test_a_container_runs_as_an_ordinary_user_and_gets_the_time_to_stop() -> None:
    dockerfile, compose = ((ROOT / name).read_text() for name in ("Dockerfile", "compose.yaml"))
    users = re.findall(r"(?m)^USER (\S+)", dockerfile)
    assert users
    assert users[-1].split(":")[0].isdecimal()
    assert int(users[-1].split(":")[0]) > 0
    assert "HEALTHCHECK" in dockerfile
    grace = re.search(r"stop_grace_period: (\d+)s", compose)
    stop = re.search(r"(?m)^TimeoutStopSec=(\d+)$", UNIT.read_text())
    assert grace is not None
    assert stop is not None
    assert min(int(grace[1]), int(stop[1])) > 2 * ANSWER_SECONDS
    assert "read_only: true" in compose


@pytest.mark.postgres
def test_the_nightly_copy_of_the_container_is_whole_and_the_oldest_go(postgres_url: str, tmp_path: Path) -> None:
    compose = (ROOT / "compose.yaml").read_text()
    _, _, command = compose.partition("      - -c\n      - |\n")
    script = textwrap.dedent(command.partition("\n\n")[0]).replace("$$", "$")
    assert "sleep 86400" in script
    script = script.replace("sleep 86400", "exit 0").replace("sleep 300", "exit 1")
    backups = tmp_path / "backups"
    backups.mkdir()
    for day in range(1, 16):
        (backups / f"marquee-2020-01-{day:02}.dump").touch()
        os.utime(backups / f"marquee-2020-01-{day:02}.dump", (day, day))
    url = make_url(postgres_url)
    environ = {"PATH": os.environ["PATH"], "PGHOST": url.host or "", "PGPORT": str(url.port)}
    environ |= {"PGUSER": url.username or "", "PGDATABASE": url.database or ""}
    shell = ["sh", "-c", script.replace("/backups", str(backups))]
    subprocess.run(shell, env=environ, check=True)
    copies = sorted(path.name for path in backups.iterdir())
    assert (len(copies), copies[0]) == (14, "marquee-2020-01-03.dump")
    listed = subprocess.run(
        ["pg_restore", "--list", str(backups / copies[-1])], check=True, capture_output=True, text=True
    )
    assert "TABLE DATA public ratings" in listed.stdout
    # A server that isn't there leaves the copies alone.
    failed = subprocess.run(shell, env=environ | {"PGPORT": "1"}, check=False, capture_output=True)
    assert failed.returncode == 1
    assert sorted(path.name for path in backups.iterdir() if path.suffix == ".dump") == copies


def test_the_image_is_built_with_the_locked_uv_and_without_faults() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    (version,) = re.findall(r"uv==(\S+)", dockerfile)
    assert f"\nuv=={version} " in (ROOT / "requirements" / "dev.lock").read_text()
    steps = runpy.run_path(str(ROOT / "scripts" / "build_like_image.py"))["read_steps"](dockerfile)
    assert {name for name, _ in steps} == {"ENV", "WORKDIR", "RUN", "COPY"}  # all that the script can do
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("hadolint is not installed")
    done = subprocess.run([program, str(ROOT / "Dockerfile")], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_readme_names_every_setting_and_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    read = set(re.findall(r'values\.get\("([A-Z_]+)"', (ROOT / "bot" / "config.py").read_text(encoding="utf-8")))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"(?m)^#?([A-Z_]+)=", example)) == read
    assert {name for name in read if f"`{name}`" not in readme} == set()
    (commands,) = (each for each in _build_parser()._actions if isinstance(each, _SubParsersAction))
    assert {name for name in commands.choices if f"`marquee {name}" not in readme} == set()


def test_everything_that_an_image_is_made_of_gets_into_it() -> None:
    """`.dockerignore` leaves out all but what the Dockerfile copies, so that no secret gets into an image."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied: set[str] = set()
    for sources in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text()):
        copied.update(sources.split())
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)
