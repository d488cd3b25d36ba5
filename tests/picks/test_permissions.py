"""Who may curate, checked at every command and press, also of buttons that somebody forged."""

from bot.core.discord import custom_id
from bot.picks.models import NewPick
from tests.conftest import World
from tests.picks.steps import OTHER, THIRD, forge_button, list_film_ids, plan, show_pick_to
from tests.responses import FILM, assert_refused, read_text, require_response


async def test_discord_offers_members_only_what_they_can_use(world: World) -> None:
    commands = {each.name: each for each in world.env.bot.tree.get_commands()}  # type: ignore[attr-defined]
    hidden = {name for name, each in commands.items() if each.default_permissions is not None}
    assert hidden == {"moderation", "pick", "settings"}
    assert commands["pick"].default_permissions.manage_guild
    assert {"suggest", "suggestions", "featured"} <= commands.keys() - hidden


async def test_curating_is_for_curators(world: World) -> None:
    role = world.server.create_role("Curators")
    show_pick_to(world, world.mina, role)
    for command, options in (
        ("pick add", {"film": FILM}),
        ("pick list", {}),
        ("pick next", {}),
        ("pick rotate", {}),
        ("pick remove", {"pick": "1"}),
        ("pick series create", {"name": "x"}),
    ):
        assert_refused(
            world, await world.mina.slash(world.channel, command, **options), "Only curators can do that"
        )
    assert await world.mina.autocomplete(world.channel, "pick edit", "pick", "") == []
    noor = world.server.add_member(world.env.create_user("noor"), roles=[role])
    assert_refused(world, await noor.slash(world.channel, "pick list"), "Only curators can do that")
    chosen = read_text(await world.sam.slash(world.channel, "settings picks", curator_role=role))
    assert "or have <@&" in chosen
    assert "Allow the role to use /pick in Server Settings > Integrations" in chosen
    assert "Planned" in read_text(await noor.slash(world.channel, "pick add", film=FILM))


async def create_other_server(world: World) -> tuple[int, int, int, int]:
    """Create a server with a current pick, a planned one and a suggestion; return its id and theirs."""
    server = world.env.create_guild("Other club").id
    picks = world.services.picks
    current = await picks.add(server, NewPick(FILM, None))
    await picks.start(server, current.id)
    planned = await picks.add(server, NewPick(OTHER, None))
    suggestion = await world.services.pick_engagement.suggest(server, 7, THIRD)
    return server, current.id, planned.id, suggestion.id


async def test_nothing_of_another_server_is_reached_by_a_forged_button_or_id(world: World) -> None:
    other, current, planned, suggestion = await create_other_server(world)
    pressed = await world.mina.click(await forge_button(world, custom_id("going", current)), label="Forged")
    assert_refused(world, pressed, "isn't featured anymore")
    assert await world.services.pick_engagement.repository.list_rsvps(current) == []
    for decision in ("taken", "declined"):
        button = await forge_button(world, custom_id("suggested", decision, suggestion))
        assert_refused(
            world, await world.sam.click(button, label="Forged"), "That suggestion was already decided."
        )
    for command, more in (("edit", {"note": "Mine now."}), ("move", {"to_place": 1}), ("remove", {})):
        for pick in (current, planned):
            result = await world.sam.slash(world.channel, f"pick {command}", pick=str(pick), **more)
            assert_refused(world, result, f"No planned film is called “{pick}”.")
    programme = await world.services.picks.repository.get_programme(other)
    assert programme.current is not None
    assert (programme.current.id, [pick.id for pick in programme.queue]) == (current, [planned])
    suggestions = await world.services.pick_engagement.repository.list_open_suggestions(other)
    assert [each.id for each in suggestions] == [suggestion]
    assert "Nothing is planned" in read_text(await world.sam.slash(world.channel, "pick list"))
    assert "No film has been featured yet." in read_text(
        await world.sam.slash(world.channel, "featured", history=True)
    )
    assert await world.sam.autocomplete(world.channel, "pick edit", "pick", "") == []


async def test_permission_is_checked_at_every_press(world: World) -> None:
    for film in await list_film_ids(world, 9):
        await plan(world, film)
    await world.mina.slash(world.channel, "suggest", film=FILM)
    engagement = world.services.pick_engagement.repository
    (suggestion,) = await engagement.list_open_suggestions(world.server.id)
    for button_id in (
        custom_id("programme", 1),
        custom_id("suggested", "taken", suggestion.id),
        custom_id("suggestions", 0),
        custom_id("pick-restore", 1),
        custom_id("series-reopen", 1),
    ):
        button = await forge_button(world, button_id)
        assert_refused(world, await world.mina.click(button, label="Forged"), "Only curators can do that")
    assert await engagement.list_open_suggestions(world.server.id) == [suggestion]


async def test_a_curator_who_lost_the_role_decides_nothing(world: World) -> None:
    role = world.server.create_role("Curators")
    noor = world.server.add_member(world.env.create_user("noor"), roles=[role])
    show_pick_to(world, role)
    await world.sam.slash(world.channel, "settings picks", curator_role=role)
    await world.mina.slash(world.channel, "suggest", film=FILM)
    waiting = await noor.slash(world.channel, "suggestions")
    assert "or have <@&" in read_text(await world.sam.slash(world.channel, "settings picks"))  # only shown
    await world.sam.slash(world.channel, "settings picks", clear="curator_role")
    assert_refused(world, await noor.click(require_response(waiting), label="Accept"), "Only curators can do that")
    assert_refused(world, await noor.slash(world.channel, "pick next"), "Only curators can do that")
