"""The folder with IMDb's six files."""

from dataclasses import dataclass
from pathlib import Path

from bot.core.errors import InvalidInputError
from bot.sources.imdb.records import COLUMNS, OPTIONAL
from bot.sources.imdb.tsv import TsvFile

UNITS = ("films", "votes", "titles", "directors and writers", "cast and composers", "people")
"""What is kept of each file."""
ENDINGS = (".tsv.gz", ".tsv")


@dataclass(frozen=True, slots=True)
class ImdbFolder:
    """The six files, each there and with the columns that are needed."""

    basics: TsvFile
    ratings: TsvFile
    akas: TsvFile
    crew: TsvFile
    principals: TsvFile
    names: TsvFile

    @property
    def files(self) -> tuple[TsvFile, ...]:
        """All of them, in the order in which they are read."""
        return (self.basics, self.ratings, self.akas, self.crew, self.principals, self.names)


def open_folder(folder: Path) -> ImdbFolder:
    """Find the files, gzipped or not.

    Raises InvalidInputError naming every file that is missing or can't be opened, and every column that is.
    """
    found, wrong = [], []
    for name, columns in COLUMNS.items():
        path = next((path for end in ENDINGS if (path := folder / f"{name}{end}").is_file()), None)
        if path is None:
            wrong.append(f"{name}.tsv.gz is not in {folder} (nor {name}.tsv).")
            continue
        try:
            found.append(TsvFile(path, columns, OPTIONAL.get(name, ())))
        except InvalidInputError as error:
            wrong.append(str(error))
    if wrong:
        raise InvalidInputError("\n".join(wrong))
    for file, unit in zip(found, UNITS, strict=True):
        file.report.unit = unit
    return ImdbFolder(*found)
