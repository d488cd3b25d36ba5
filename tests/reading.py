"""Former names of what is in `tests.responses`, until no test uses them any more."""

from tests.responses import FILM, Actor, Result
from tests.responses import assert_refused as refused
from tests.responses import list_messages as messages
from tests.responses import post_review as review
from tests.responses import read_text as told
from tests.responses import replace_component as forge
from tests.responses import require_response as last

__all__ = ["FILM", "Actor", "Result", "forge", "last", "messages", "refused", "review", "told"]
