"""`marquee ask`: requests in plain words, answered on the command line."""

import argparse
import json
import sys
import time
from datetime import UTC, datetime

from bot.bootstrap import open_catalogue, title_index
from bot.cli import ExitCode, log_warnings_only
from bot.config import Settings
from bot.conversation.engine import ConversationEngine
from bot.conversation.models import Answer, Conversation, TextKind
from bot.conversation.repository import DocumentRepository
from bot.conversation.wording import describe_answer, describe_reason, describe_what_i_can
from bot.core.runtime import gc_paused
from bot.core.text.formatting import with_year

UNDERSTOOD_FIELDS = (
    "genres", "any_genres", "not_genres", "countries", "languages", "not_languages", "year_from", "year_to",
    "runtime_min", "runtime_max", "people", "like", "services", "group",
)  # fmt: skip


async def ask(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Answer each line of standard input; an empty line ends a conversation."""
    log_warnings_only(settings)
    async with open_catalogue(settings) as (database, film_repository):
        titles = await title_index(settings, database, film_repository).open()
        documents = await DocumentRepository(database).list_documents()
        with gc_paused():
            engine = ConversationEngine(titles, documents)
        today = datetime.now(UTC).date()
        conversation = Conversation()
        lines = iter([" ".join(arguments.text)]) if arguments.text else (line.strip() for line in sys.stdin)
        for line in lines:
            if not line:
                conversation = Conversation()
                continue
            start = time.perf_counter()
            understood = engine.read(line, conversation, today)
            answer, conversation = engine.answer(understood, conversation)
            milliseconds = (time.perf_counter() - start) * 1e3
            print(
                render_json(answer, milliseconds) if arguments.json else _render_text(answer, engine), flush=True
            )
    return ExitCode.SUCCESS


def render_json(answer: Answer, milliseconds: float) -> str:
    """Return a line of JSON: what was understood, and the films shown, best first."""
    request = answer.understood.request
    understood = {name: getattr(request, name) for name in UNDERSTOOD_FIELDS}
    understood["offtopic"] = answer.understood.kind is TextKind.OFF_TOPIC
    films = [
        {
            "id": each.film.id,
            "title": each.film.title,
            "year": each.film.year,
            "score": round(each.score, 3),
            "reason": describe_reason(each.reason, each.film),
        }
        for each in answer.films
    ]
    return json.dumps({"understood": understood, "films": films, "ms": round(milliseconds, 3)}, ensure_ascii=False)


def _render_text(answer: Answer, engine: ConversationEngine) -> str:
    if answer.understood.kind is TextKind.OFF_TOPIC:
        return describe_what_i_can()
    names = answer.understood.request.like
    titles = {
        film: engine.index.films[engine.index.row_of[film]].title for film in names if film in engine.index.row_of
    }
    lines = [describe_answer(answer, titles)]
    for each in answer.films:
        lines += [
            f"{with_year(each.film.title, each.film.year)}  [{each.film.id}]",
            f"    {describe_reason(each.reason, each.film)}",
        ]
    return "\n".join(line for line in lines if line)
