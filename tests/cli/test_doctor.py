"""What `marquee doctor` finds wrong with settings before the bot starts, on plain values."""

import re
from pathlib import Path

import pytest

from bot import config
from bot.cli.doctor import list_setting_problems
from bot.config import KNOWN_SETTINGS
from tests.conftest import settings_in


def test_settings_that_fail_only_later_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert list_setting_problems(settings_in(tmp_path, BACKUP_DIR=str(tmp_path / "backups"))) == []
    (tmp_path / ".env").write_text("DISCORD_TOKN=abc\nHOME_PAGE=x\nTMDB_TOKEN=y\n")
    (tmp_path / "file").touch()
    problems = list_setting_problems(settings_in(tmp_path, BACKUP_DIR=str(tmp_path / "file"), SENTRY_DSN="x"))
    assert problems == [
        ".env has DISCORD_TOKN, which isn't a setting. Did you mean DISCORD_TOKEN?",
        f"backups: {tmp_path / 'file'} can't be written (File exists)",
        "SENTRY_DSN isn't a Sentry address. Copy the DSN from your project's settings.",
    ]


def test_every_setting_that_is_read_is_known() -> None:
    source = Path(config.__file__).read_text(encoding="utf-8")
    read = set(re.findall(r"""values\.get\(\s*"([A-Z_]+)\"""", source))
    assert len(read) > 10
    assert read <= set(KNOWN_SETTINGS)
