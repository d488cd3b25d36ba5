"""Small files in the format of IMDb's, about films and people that do not exist."""

import gzip
from pathlib import Path

HEADERS = {
    "title.basics": "tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres",
    "title.akas": "titleId ordering title region language types attributes isOriginalTitle",
    "title.ratings": "tconst averageRating numVotes",
    "title.crew": "tconst directors writers",
    "title.principals": "tconst ordering nconst category job characters",
    "name.basics": "nconst primaryName birthYear deathYear primaryProfession knownForTitles",
}
ROWS: dict[str, list[str]] = {
    "title.basics": [
        r"tt9000001|movie|The Lamp Lighter|Lykttändaren|0|1987|\N|101|Drama,Sci-Fi",
        r"tt9000002|short|A Short Walk|A Short Walk|0|1990|\N|12|Comedy,Short",
        r"tt9000003|tvMovie|Harbour Lights|Harbour Lights|0|\N|\N|\N|\N",
        r"tt9000004|movie|Behind the Curtain|Behind the Curtain|1|1999|\N|80|Adult",
        r"tt9000005|tvSeries|Long Nights|Long Nights|0|2001|2004|45|Drama",
        r"tt9000006|movie|Two Moons|Dvě luny|0|2011|\N|95|Film-Noir,Crime,News",
    ],
    "title.akas": [
        r"tt9000001|1|Lykttändaren|\N|\N|original|\N|1",
        r"tt9000001|2|The Lamp Lighter|XWW|en|imdbDisplay|\N|0",
        r"tt9000001|3|등불지기|KR|ko|imdbDisplay|\N|0",
        r"tt9000001|4|등불지기|KR|ko|alternative|\N|0",
        r"tt9000005|1|Nuits longues|FR|fr|\N|\N|0",
        r"tt9000006|1|Dve luny|\N|\N|alternative|\N|0",
    ],
    "title.ratings": ["tt9000001|7.1|1000", "tt9000005|8.0|5000", "tt9000006|6.0|100000"],
    "title.crew": [
        r"tt9000001|nm9000001|nm9000001,nm9000002",
        r"tt9000002|nm9000001|\N",
        r"tt9000003|\N|\N",
        r"tt9000006|nm9000003,nm9000001|\N",
    ],
    "title.principals": [
        r'tt9000001|1|nm9000002|actress|\N|["Ida"]',
        r'tt9000001|2|nm9000004|actor|\N|["The \"Mayor\"","His Twin"]',
        r"tt9000001|3|nm9000001|director|\N|\N",
        r"tt9000001|4|nm9000005|composer|\N|\N",
        *(rf"tt9000006|{order}|nm90001{order:02}|actor|\N|\N" for order in range(1, 13)),
    ],
    "name.basics": [
        r"nm9000001|Åsa Lind|1950|\N|director|tt9000001",
        r"nm9000002|Mira Holt|\N|\N|actress|tt9000001",
        r"nm9000003|Jan Novotný|\N|\N|director|tt9000006",
        r"nm9000004|Otto Brandt|\N|\N|actor|tt9000001",
        r"nm9000005|Nil Ray|\N|\N|composer|tt9000001",
        *(rf"nm90001{order:02}|Extra {order}|\N|\N|actor|tt9000006" for order in range(1, 13)),
        r"nm9000900|Nobody Here|\N|\N|actor|tt9000005",
    ],
}


def write(folder: Path, changes: dict[str, list[str]] | None = None, *, gzipped: bool = True) -> Path:
    """Write the six files, with other rows for those named in `changes`."""
    folder.mkdir(exist_ok=True)
    for name, rows in (ROWS | (changes or {})).items():
        write_table(folder, name, HEADERS[name].split(), rows, gzipped=gzipped)
    return folder


def write_table(folder: Path, name: str, header: list[str], rows: list[str], *, gzipped: bool = True) -> None:
    """Write one file; its rows' columns are separated by bars."""
    lines = ["\t".join(header), *(row.replace("|", "\t") for row in rows)]
    content = "".join(f"{line}\n" for line in lines).encode()
    if gzipped:
        (folder / f"{name}.tsv.gz").write_bytes(gzip.compress(content, mtime=0))
    else:
        (folder / f"{name}.tsv").write_bytes(content)
