"""Imported by the process that tests fork others from: what each of them would have to import and read anew."""

from importlib import import_module
from pkgutil import iter_modules

import bot.__main__
import bot.cli
import bot.health
import bot.preview
import cogs
from bot.core.discord import list_languages
from bot.core.text.i18n import use_locale

for package in (bot.cli, bot.preview, cogs):  # the bot executes cogs anew, but not what they import
    for module in iter_modules(package.__path__, f"{package.__name__}."):
        import_module(module.name)
for language in list_languages():
    with use_locale(language):
        pass  # its catalogue is read when it is first used
