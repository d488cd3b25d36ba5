from pathlib import Path

import pytest

from bot.config import Settings, SettingsError, Shards, operator_locale


def test_defaults() -> None:
    settings = Settings.from_env({})
    assert settings.database_url.startswith("sqlite+aiosqlite:///")
    assert settings.database_url.endswith("marquee.db")
    assert (settings.discord_token, settings.shards, settings.log_level) == (None, Shards(1), "INFO")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("sqlite:///films.db", "sqlite+aiosqlite:///films.db"),
        ("sqlite:///~/films.db", f"sqlite+aiosqlite:///{Path.home()}/films.db"),
        (
            "postgresql://u:p%40ss@h/d?options=-c%20x%3Da@b",
            "postgresql+asyncpg://u:p%40ss@h/d?options=-c%20x%3Da@b",
        ),
    ],
)
def test_database_urls(url: str, expected: str) -> None:
    assert Settings.from_env({"DATABASE_URL": url}).database_url == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "films.db"),
        ("DATABASE_URL", "sqlite:///~nobody-of-that-name/films.db"),
        ("DATABASE_POOL_SIZE", "0"),
        ("DATABASE_POOL_SIZE", "many"),
        ("HEALTH_PORT", "0"),
        ("HEALTH_PORT", "http"),
        ("ADAPT_RECOMMENDATIONS", "maybe"),
        ("SHARDS", "8/8"),
        ("SHARDS", "3-1/8"),
        ("SHARDS", "0/0"),
        ("SHARDS", "0"),
        ("SHARDS", "two"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_an_unusable_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({name: value})


def test_a_password_with_an_at_sign_is_not_taken_for_the_host_and_shown() -> None:
    with pytest.raises(SettingsError, match="as %40") as caught:
        Settings.from_env({"DATABASE_URL": "postgresql://marquee:p@ss-secret@host/films"})
    assert "secret" not in str(caught.value)


def test_blank_settings_count_as_unset() -> None:
    assert Settings.from_env({"DISCORD_TOKEN": "  ", "SHARDS": ""}).discord_token is None


@pytest.mark.parametrize(
    ("text", "shards"),
    [
        ("auto", Shards(None)),
        ("8", Shards(8)),
        ("2/8", Shards(8, (2,))),
        ("0-3/8", Shards(8, (0, 1, 2, 3))),
        ("7-7/8", Shards(8, (7,))),
    ],
)
def test_a_process_runs_all_shards_or_some(text: str, shards: Shards) -> None:
    assert Settings.from_env({"SHARDS": text}).shards == shards


def test_an_env_file_of_a_folder_above_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("SHARDS=3\n")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.delenv("SHARDS", raising=False)
    assert Settings.from_env().shards == Shards(1)


def test_the_env_file_fills_in_what_the_environment_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("SHARDS=3\nLOG_LEVEL=warning\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOG_LEVEL", "error")
    monkeypatch.delenv("SHARDS", raising=False)
    settings = Settings.from_env()
    assert (settings.shards, settings.log_level) == (Shards(3), "ERROR")


def test_secrets_are_not_shown() -> None:
    settings = Settings.from_env({"DISCORD_TOKEN": "hush", "DATABASE_URL": "postgres://u:hush@h/d"})
    assert "hush" not in repr(settings)


def test_every_setting_is_explained() -> None:
    import bot.config

    root = Path(bot.config.__file__).parent.parent
    example, readme = ((root / name).read_text() for name in (".env.example", "README.md"))
    names = (
        "ADAPT_RECOMMENDATIONS DISCORD_TOKEN DATABASE_URL DATABASE_POOL_SIZE HEALTH_PORT MARQUEE_DATA_DIR SHARDS "
        "LOG_LEVEL TMDB_TOKEN"
    )
    for name in names:
        assert name in example
        assert name in readme


@pytest.mark.parametrize(
    ("environ", "locale"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_AT.UTF-8"}, "de-AT"),
        ({"LANG": "de_DE", "LC_MESSAGES": "pt_BR@latin"}, "pt-BR"),
        ({"LANG": "de_DE", "LC_ALL": "POSIX"}, "en"),
    ],
)
def test_commands_speak_the_operators_language(environ: dict[str, str], locale: str) -> None:
    assert operator_locale(environ) == locale
