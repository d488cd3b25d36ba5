from discord import app_commands

from tests.conftest import World
from tests.responses import require_response


async def test_help_names_every_command_in_one_private_card(world: World) -> None:
    result = await world.mina.slash(world.channel, "help")
    assert result.ephemeral
    (embed,) = require_response(result).embeds
    text = "\n".join([str(embed.description), *(str(field.value) for field in embed.fields)])
    tree = world.env.bot.tree  # type: ignore[attr-defined]
    commands = [each for each in tree.walk_commands() if isinstance(each, app_commands.Command)]
    assert len(commands) > 50
    assert [each.qualified_name for each in commands if f"</{each.qualified_name}:" not in text] == []
    assert len(embed) < 6000
