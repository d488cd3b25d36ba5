"""Every text that is shown goes through gettext: looked for in the code, so that no command has to run for it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
GETTEXT = {"_", "ngettext", "pgettext", "npgettext", "gettext_noop", "gettext_lazy"}
SHOWN = {
    "print", "Response", "TextDisplay", "Button", "Select", "Label", "TextInput", "SelectOption", "Choice",
    "Embed",
    "add_field", "set_footer", "set_author", "send", "send_message", "add_parser", "add_argument", "add_problem",
    "InvalidInputError", "CannotRunError", "StorageUnavailableError", "SettingsError", "SeriesError", "FieldError",
    "DatabaseUnavailableError", "PortTakenError",
}  # fmt: skip
"""Functions and classes whose text arguments somebody reads."""
WORDS = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
SAME_EVERYWHERE = {
    "pip install 'marquee-bot[try]'",
    "burning 2018",
    " is for tests alone: an address such as http://127.0.0.1:8000.",
}
"""What is the same in every language, or only tests read."""


def find_untranslated(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and get_name(call) in SHOWN:
            for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
                yield from find_constants(argument)


def find_constants(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the texts in an expression that are no argument of another function."""
    if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Attribute) and node.func.attr == "format"):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORDS.search(node.value):
        yield node.lineno, node.value
    for child in ast.iter_child_nodes(node):
        yield from find_constants(child)


def get_name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def test_no_shown_text_is_outside_the_catalogue() -> None:
    found = []
    for folder in ("bot", "cogs"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if {"migrations", "preview"} & set(path.parts):
                continue
            texts = find_untranslated(ast.parse(path.read_text(encoding="utf-8")))
            found += [
                f"{path.relative_to(ROOT)}:{line}: {text}" for line, text in texts if text not in SAME_EVERYWHERE
            ]
    assert not found, "\n".join(found)


def test_a_text_outside_the_catalogue_is_found() -> None:
    code = 'print(_("It is fine.").format(n=1))\nraise InvalidInputError("It is not.")\nprint(f"All of {n}")'
    assert [line for line, _text in find_untranslated(ast.parse(code))] == [2, 3]
    assert [text for _line, text in find_untranslated(ast.parse('print(f"{n} were bad rows")'))] == [
        " were bad rows"
    ]
