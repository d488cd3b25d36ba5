"""What the simulated Discord does not do yet: other languages than English, and new pictures of events."""

from typing import Any

import simcord.interactions
from simcord.http import router
from simcord.http.routes import scheduled_events

_EVENT = "/guilds/{guild_id}/scheduled-events/{event_id}"


def _edit_event(ctx: router.RequestContext) -> Any:
    """Change an event; a new picture is discarded, as the simulator does with the first one."""
    if isinstance(ctx.json, dict):
        ctx.json.pop("image", None)
    return scheduled_events.edit_scheduled_event(ctx)


def speak(locale: str) -> None:
    """Let all clients and servers be in the language of the locale; the simulator has only English ones."""
    build = simcord.interactions.base_payload

    def build_spoken(backend: Any, **rest: Any) -> tuple[Any, dict[str, Any]]:
        record, payload = build(backend, **rest)
        payload["locale"] = locale
        if "guild_locale" in payload:
            payload["guild_locale"] = locale
        return record, payload

    simcord.interactions.base_payload = build_spoken


def accept_event_pictures() -> None:
    """Let the simulated Discord take the new picture of a scheduled event."""
    routes = router._ROUTES["PATCH"]
    template = _EVENT.strip("/").split("/")
    routes[:] = [(path, _edit_event if path == template else handler) for path, handler in routes]
