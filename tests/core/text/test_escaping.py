import discord
import pytest

from bot.core.text.escaping import escape, escape_line


@pytest.mark.parametrize(
    "text",
    [
        "**bold**",
        "||secret||",
        "[link](https://example.invalid)",
        "`code`",
        "# head",
        "@everyone",
        "<@100000000000000001>",
    ],
)
def test_escape_line_lets_nothing_out(text: str) -> None:
    shown = escape_line(text)
    assert "**" not in shown.replace("\\*", "")
    assert "||" not in shown.replace("\\|", "")
    assert "](" not in shown
    assert "@everyone" not in shown
    assert "<@1" not in shown


def test_escape_does_as_discord_does() -> None:
    assert escape("a_b") == discord.utils.escape_markdown("a_b", as_needed=False)


def test_markdown_between_a_link_and_a_later_bracket_is_escaped() -> None:
    assert escape_line("[x](y) ||spoiler|| `code` **bold** (2001)") == (
        "[x]\u200b(y) \\|\\|spoiler\\|\\| \\`code\\` \\*\\*bold\\*\\* (2001)"
    )
