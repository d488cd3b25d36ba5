"""A release is one command: it changes, checks, builds, commits and tags all there is, or nothing."""

import os
import runpy
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
DAY = date(2026, 12, 24)
PASSES, FAILS = (sys.executable, "-c", ""), (sys.executable, "-c", "raise SystemExit(1)")
FILES = {
    "pyproject.toml": (
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n\n'
        '[project]\nname = "reel"\nversion = "0.1.0"\n'
    ),
    "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n### Added\n\n- Reels.\n\n## 0.1.0 (2026-11-22)\n\n- All.\n",
    "docs/upgrading.md": "# Upgrading\n\n## 0.1.0 to the next release\n\n**Before.** Nothing.\n",
    "reel/__init__.py": '"""A reel."""\n',
    ".gitignore": "dist/\n",
}


def git(folder: Path, *arguments: str) -> str:
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    options = ("-c", "user.name=Op", "-c", "user.email=op@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *options, *arguments], cwd=folder, env=environ, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "user.name", "Op")
    git(tmp_path, "config", "user.email", "op@example.org")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "Begin")
    return tmp_path


def test_a_release_is_made_as_a_whole_or_not_at_all(project: Path) -> None:
    script: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "release.py"))
    make, refusal = script["make_release"], script["ReleaseError"]
    before = git(project, "rev-parse", "HEAD")
    for version, checks, reason in (
        ("0.1.0", (PASSES,), "must be newer"),
        ("next", (PASSES,), "isn't a version"),
        ("0.2.0", (PASSES, FAILS), "failed"),
    ):
        with pytest.raises(refusal, match=reason):
            make(project, version, DAY, checks)
        assert git(project, "status", "--porcelain") == ""
    assert (git(project, "rev-parse", "HEAD"), git(project, "tag")) == (before, "")

    assert make(project, "0.2.0", DAY, (PASSES,)) == "v0.2.0"
    assert git(project, "status", "--porcelain") == ""
    assert 'version = "0.2.0"' in (project / "pyproject.toml").read_text()
    changelog = (project / "CHANGELOG.md").read_text()
    assert "## Unreleased\n\n## 0.2.0 (2026-12-24)\n\n### Added\n\n- Reels.\n\n## 0.1.0 (2026-11-22)" in changelog
    assert "## 0.1.0 to 0.2.0\n" in (project / "docs" / "upgrading.md").read_text()
    assert {path.name for path in (project / "dist").iterdir()} == {
        "reel-0.2.0-py2.py3-none-any.whl",
        "reel-0.2.0.tar.gz",
    }
    assert git(project, "tag", "--list", "--format=%(contents)") == "Marquee 0.2.0\n\n### Added\n\n- Reels."
    assert git(project, "rev-parse", "v0.2.0^{commit}") == git(project, "rev-parse", "HEAD") != before
    with pytest.raises(refusal, match="nothing under"):  # and there is nothing new since
        make(project, "0.3.0", DAY, (PASSES,))
    (project / "CHANGELOG.md").write_text("changed")
    with pytest.raises(refusal, match="aren't committed"):
        make(project, "0.3.0", DAY, (PASSES,))


def test_this_tree_can_be_released() -> None:
    script: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "release.py"))
    release = script["plan_release"](ROOT, "99.0.0", DAY)
    assert release.tag_text.startswith("Marquee 99.0.0\n\n### Added\n")
    assert "## Unreleased\n\n## 99.0.0 (2026-12-24)\n" in release.files["CHANGELOG.md"]
