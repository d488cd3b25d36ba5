"""The check of licences finds what does not fit, in made-up packages and in the environment as it is."""

import re
import runpy
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def check() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / "check_licences.py"))


def make_package(folder: Path, *metadata: str, files: tuple[str, ...] = ()) -> Distribution:
    info = folder / "reel-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("\n".join(("Metadata-Version: 2.4", "Name: reel", "Version: 1.0", *metadata)))
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    return Distribution.at(info)


@pytest.mark.parametrize(
    ("metadata", "problems"),
    [
        ("License-Expression: MIT", []),
        ("License-Expression: BSD-3-Clause AND (GPL-3.0-only OR MIT)", []),
        ("License-Expression: MIT AND GPL-3.0-only", ["reel: its licence is MIT AND GPL-3.0-only"]),
        ("License-Expression: GPL-2.0-or-later OR LGPL-2.1-only", 1),
        ("License: Apache 2.0", []),
        ("License: GPLv3", ["reel: its licence is GPLv3"]),
        ("Classifier: License :: OSI Approved :: BSD License", []),
        ("Classifier: License :: OSI Approved :: GNU Affero General Public License v3", 1),
        ("Summary: A reel", ["reel: its licence is not declared"]),
    ],
)
def test_a_licence_is_allowed_by_name(
    check: dict[str, Any], tmp_path: Path, metadata: str, problems: list[str] | int
) -> None:
    found = list(check["find_problems"](make_package(tmp_path, metadata)))
    assert found == problems if isinstance(problems, list) else len(found) == problems


def test_a_library_in_a_wheel_is_found_whatever_the_package_declares(
    check: dict[str, Any], tmp_path: Path
) -> None:
    files = (
        "reel/__init__.py",
        "reel.libs/libx264-0b814221.so.165",
        "reel.libs/libjpeg-32d42e28.so.62.4.0",
        "reel.libs/libgfortran-040039e1-0352e75f.so.5.0.0",
        "reel/.dylibs/libx265.4.dylib",
    )
    package = make_package(tmp_path, "License-Expression: BSD-3-Clause", files=files)
    assert list(check["find_problems"](package)) == [
        "reel: its wheel brings libx264",
        "reel: its wheel brings libx265",
    ]


def test_what_users_install_is_under_licences_that_fit(
    check: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    lock = ROOT / "requirements" / "app.lock"
    names = check["list_packages"](lock)
    assert {"simcord", "discord-py", "asyncpg"} <= set(names)
    assert check["main"](lock) == 0, capsys.readouterr().out


def test_a_package_that_is_not_installed_is_named(
    check: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "app.lock"
    lines = ("no-such-reel==1.0 \\", "    --hash=sha256:00", "elsewhere==1 ; sys_platform == 'nowhere' \\")
    lock.write_text("\n".join((*lines, "    --hash=sha256:00")))
    assert check["main"](lock) == 1
    assert capsys.readouterr().out.splitlines()[0] == "no-such-reel: not installed"


@pytest.mark.parametrize("name", ["app.lock", "dev.lock"])
def test_the_locked_packages_leave_out_codecs_under_the_gpl(name: str) -> None:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    assert not re.search(r"^av==", lines, re.MULTILINE)
