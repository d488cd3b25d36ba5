import csv
import io
import json
import zipfile

from sqlalchemy import select

from bot.client import create_bot
from bot.core.database.columns import metadata
from bot.moderation.models import ContentRef, Reason
from bot.reviews.models import Draft
from bot.streaming.models import Alert
from tests.conftest import World
from tests.repositories import list_blocks
from tests.responses import FILM, post_review, read_text, require_response

ELSEWHERE = 4_242


async def store_something_everywhere(world: World) -> None:
    """Let Mina store something in most tables, here and in another server."""
    await post_review(world, world.mina, "Rain, and then the barn.", 9, watched="2025-12-31", spoiler=True)
    await post_review(world, world.jonas, "His view.", 4)
    await world.services.reviews.post(Draft(ELSEWHERE, world.mina.id, FILM, 3))
    page = await world.mina.slash(world.channel, "reviews", film=FILM)
    await world.mina.click(
        require_response(page), custom_id=require_response(page).components[0]["components"][0]["custom_id"]
    )
    his = await world.services.reviews.repository.get_own(world.server.id, world.jonas.id, FILM)
    assert his is not None
    await world.services.replies.post(world.server.id, his.id, world.mina.id, "Is it?")
    answered = await world.services.replies.post(world.server.id, his.id, world.jonas.id, "It is.")
    subject = ContentRef(answered.reply.id, is_reply=True)
    await world.services.moderation.report(world.server.id, subject, world.mina.id, Reason.OTHER)
    form = await world.mina.click(require_response(page), custom_id=f"v1:report:{his.id}")
    await world.mina.submit_modal(form, {"reason": ["spam"]})
    await world.mina.slash(world.channel, "watchlist add", film="john-wick-2014")
    await world.mina.slash(world.channel, "mydata hide", hidden=True)
    await world.mina.slash(world.channel, "me country", country="KR")
    (service, *_) = world.services.subscriptions.list_services(None)
    await world.services.subscriptions.set_subscriptions(world.mina.id, [service])
    alert = Alert(world.mina.id, FILM, "KR", world.env.now())
    await world.services.alerts.repository.save_alert(alert)


async def test_the_export_has_everything_of_the_member_and_nothing_of_others(world: World) -> None:
    await store_something_everywhere(world)
    result = await world.mina.slash(world.channel, "mydata export")
    assert require_response(result).ephemeral
    (file,) = require_response(result).attachments
    packed = zipfile.ZipFile(io.BytesIO(await file.read()))
    names = sorted(packed.namelist())
    here, forms = world.server.id, ("letterboxd-{}.csv", "imdb-ratings-{}.csv", "trakt-{}.json")
    listed = [f"letterboxd-watchlist-{here}.csv", f"imdb-watchlist-{here}.csv"]
    assert names == sorted(
        ["data.json", *listed, *(form.format(server) for form in forms for server in (here, ELSEWHERE))]
    )
    data = json.loads(packed.read("data.json"))
    assert {name: len(rows) for name, rows in data.items() if rows} == {
        "ratings": 2, "viewings": 2, "helpful_votes": 1, "replies": 1, "reply_reports": 1, "reports": 1,
        "watchlist": 1, "server_members": 2, "member_privacy": 1, "member_settings": 1,
        "subscriptions": 1, "alerts": 1,
    }  # fmt: skip
    text = packed.read("data.json").decode()
    assert "His view." not in text
    assert "It is." not in text
    assert str(world.jonas.id) not in text
    text = packed.read(f"letterboxd-{world.server.id}.csv").decode()
    assert (
        text.splitlines()[0]
        == "Title,Year,imdbID,tmdbID,Directors,WatchedDate,Rating,Rewatch,Tags,Review,Spoiler,Liked"
    )
    (row,) = csv.DictReader(io.StringIO(text))
    assert row == {
        "Title": "Burning", "Year": "2018", "imdbID": row["imdbID"], "tmdbID": row["tmdbID"],
        "Directors": "Lee Chang-dong", "WatchedDate": "2025-12-31", "Rating": "4.5", "Rewatch": "", "Tags": "",
        "Review": "Rain, and then the barn.", "Spoiler": "true", "Liked": "",
    }  # fmt: skip


async def test_the_deletion_lists_what_it_deletes_and_leaves_nothing(world: World) -> None:
    await store_something_everywhere(world)
    question = await world.mina.slash(world.channel, "mydata delete")
    assert require_response(question).ephemeral
    for line in (
        "Ratings and reviews, with their replies: 2\n",
        "Diary entries: 2\n",
        "Replies: 1\n",
        "Films on your watchlists: 1\n",
        "Alerts: 1\n",
        "\n\nIf moderators blocked you, that stays.",  # a single line break would make it part of the last item
    ):
        assert line in read_text(question)
    saved = await world.mina.click(require_response(question), label="Download all your data")
    assert require_response(saved).ephemeral
    assert read_text(saved).startswith("Here's all your data")
    kept = await world.mina.click(require_response(question), label="Keep it")
    assert read_text(kept).strip() == "Nothing was deleted."
    question = await world.mina.slash(world.channel, "mydata delete")
    assert "Ratings and reviews, with their replies: 2\n" in read_text(question)
    reply = await world.mina.click(require_response(question), label="Delete it all")
    assert "Deleted" in read_text(reply)
    async with world.services.database.read() as connection:
        for table in metadata.tables.values():
            columns = [column for column in table.c if column.name in ("member_id", "actor_id")]
            for column in columns:
                remaining = (await connection.execute(select(table).where(column == world.mina.id))).all()
                assert not remaining, table.name
    stars = await world.services.reviews.repository.get_film_stars(world.server.id, FILM)
    assert stars.totals.rating_count == 1
    his = await world.services.reviews.repository.get_own(world.server.id, world.jonas.id, FILM)
    assert his is not None
    assert his.helpful_count == 0
    left = (await world.services.reviews.get(world.server.id, his.id)).replies
    assert [reply.text for reply in left] == ["It is."]
    assert "I don't have any data about you" in read_text(await world.mina.slash(world.channel, "mydata delete"))


def find_files_with(world: World, text: str) -> list[str]:
    folder = world.services.settings.data_dir
    return [path.name for path in sorted(folder.glob("marquee.db*")) if text.encode() in path.read_bytes()]


async def test_a_deleted_text_is_in_no_file_of_the_database(world: World) -> None:
    await post_review(world, world.mina, "Ottilie hid the reel behind the third seat.")
    assert find_files_with(world, "behind the third seat")
    question = await world.mina.slash(world.channel, "mydata delete")
    assert "Deleted" in read_text(await world.mina.click(require_response(question), label="Delete it all"))
    assert find_files_with(world, "behind the third seat") == []


async def test_a_deletion_removes_the_name_from_the_moderators_log(world: World) -> None:
    await post_review(world, world.mina, "Rude.")
    moderation = world.services.moderation
    await moderation.change_settings(world.server.id, world.sam.id, {"report_threshold": 0})
    await moderation.block(world.server.id, world.mina.id, actor_id=world.sam.id, days=3, reason="Rude")
    before = await moderation.repository.get_log_page(world.server.id)
    await world.services.privacy.delete_data(world.mina.id)
    after = await moderation.repository.get_log_page(world.server.id)
    assert [entry.action for entry in after.entries] == [entry.action for entry in before.entries]
    assert before.entries[0].member_id == world.mina.id
    assert after.entries[0].member_id is None
    blocks = await list_blocks(world.services.database, world.server.id)
    assert [block.member_id for block in blocks] == [world.mina.id]


async def test_members_named_only_in_others_rows_can_delete_their_name(world: World) -> None:
    """A member who wrote nothing, but was blocked and unblocked; and a curator who only planned."""
    moderation = world.services.moderation
    await moderation.block(world.server.id, world.jonas.id, actor_id=world.sam.id, days=3, reason="Rude")
    await moderation.unblock(world.server.id, world.jonas.id, actor_id=world.sam.id)
    question = await world.jonas.slash(world.channel, "mydata delete")
    assert "Your name in the moderation log: 2\n" in read_text(question)
    assert "Deleted" in read_text(await world.jonas.click(require_response(question), label="Delete it all"))
    assert [entry.member_id for entry in (await moderation.repository.get_log_page(world.server.id)).entries] == [
        None,
        None,
    ]
    await world.sam.slash(world.channel, "pick add", film=FILM)
    question = await world.sam.slash(world.channel, "mydata delete")
    assert "Your name on picks you planned: 1\n" in read_text(question)
    await world.sam.click(require_response(question), label="Delete it all")
    assert [
        pick.curator_id for pick in (await world.services.picks.repository.get_programme(world.server.id)).queue
    ] == [None]
    for actor in (world.jonas, world.sam):
        assert "I don't have any data about you" in read_text(await actor.slash(world.channel, "mydata delete"))


async def test_a_hidden_name_stays_out_of_reviews(world: World) -> None:
    await post_review(world, world.mina, "Guess who.")
    await world.mina.slash(world.channel, "mydata hide", hidden=True)
    text = read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))
    assert "a member" in text
    assert str(world.mina.id) not in text
    await world.mina.slash(world.channel, "mydata hide", hidden=False)
    assert f"<@{world.mina.id}>" in read_text(await world.jonas.slash(world.channel, "reviews", film=FILM))


async def test_hide_shows_the_choice_before_it_changes(world: World) -> None:
    shown = require_response(await world.mina.slash(world.channel, "mydata hide"))
    assert shown.ephemeral
    assert shown.content == "Your name is visible in lists."
    assert not (await world.services.privacy.get_privacy(world.mina.id)).is_name_hidden
    await world.env.restart_bot(create_bot(world.services))
    hidden = require_response(await world.mina.click(shown, label="Hide my name"))
    assert hidden.content == "Your name is hidden: lists say “a member”. Your profile is private."
    assert (await world.services.privacy.get_privacy(world.mina.id)).is_name_hidden
    await world.mina.click(hidden, label="Show my name")
    assert not (await world.services.privacy.get_privacy(world.mina.id)).is_name_hidden


async def test_sharing_and_the_diary_are_shown_with_a_button_that_changes_them(world: World) -> None:
    mina, privacy = world.mina, world.services.privacy
    sharing = world.services.recommendations.repository.is_member_sharing
    shown = require_response(await mina.slash(world.channel, "mydata learning"))
    assert shown.content == "Your ratings are only used in the servers where you gave them."
    diary = require_response(await mina.slash(world.channel, "mydata diary"))
    assert diary.content == "Your diary is private."
    assert not await sharing(mina.id)
    assert not (await privacy.get_privacy(mina.id)).is_diary_public
    await world.env.restart_bot(create_bot(world.services))
    shared = require_response(await mina.click(shown, label="Share my ratings"))
    assert shared.content.startswith("Your ratings can improve recommendations in other servers.")
    assert await sharing(mina.id)
    await mina.click(shared, label="Stop sharing my ratings")
    assert not await sharing(mina.id)
    opened = require_response(await mina.click(diary, label="Make my diary public"))
    assert (await privacy.get_privacy(mina.id)).is_diary_public
    await mina.click(opened, label="Make my diary private")
    assert not (await privacy.get_privacy(mina.id)).is_diary_public
