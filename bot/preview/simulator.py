"""What Marquee sends and the simulated Discord does not take yet."""

from typing import Any

from simcord.http import router
from simcord.http.routes import scheduled_events

_EVENT = "/guilds/{guild_id}/scheduled-events/{event_id}"


def _edit_event(ctx: router.RequestContext) -> Any:
    """Change an event; a new picture is discarded, as the simulator does with the first one."""
    if isinstance(ctx.json, dict):
        ctx.json.pop("image", None)
    return scheduled_events.edit_scheduled_event(ctx)


def accept_event_pictures() -> None:
    """Let the simulated Discord take the new picture of a scheduled event."""
    routes = router._ROUTES["PATCH"]
    template = _EVENT.strip("/").split("/")
    routes[:] = [(path, _edit_event if path == template else handler) for path, handler in routes]
