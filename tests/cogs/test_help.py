from tests.conftest import World


async def test_help_names_every_command_in_one_private_card(world: World) -> None:
    result = await world.mina.slash(world.channel, "help")
    assert result.ephemeral
    assert result.response is not None
    (embed,) = result.response.embeds
    for name in ("film", "person", "me country", "settings country", "help"):
        assert f"</{name}:" in str(embed.description)
    assert len(embed) < 6000
