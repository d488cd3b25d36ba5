"""Decades as the languages of members write them, put into the English form that look-up and `/ask` read.

`90er Jahre`, `années 90`, `anni novanta`, `90'lar`, `90-е` and `90年代` become `90s`.
"""

import re
from functools import lru_cache

_NUMBER = r"(?:1[89]|20)?[0-9]0"
_BEFORE = r"ann[ée]es|a[nñ]os|anni|latach|lata|lat|jaren|d[ée]cada (?:de(?: los)?|dos anos)"
"""What stands before a number, or before its name in _NAMES_AFTER_WORD, to make a decade of it."""
_AFTER = (
    r"i?ger(?: jahren?)?|er(?: jahren?)?"  # German
    r"|['’]?l[ae]r(?:[ıi]n?|d[ae]n?)?|['’]?l[ıiuü] y[ıi]llar(?:[ıi]n?)?| y[ıi]llar[ıi]n?"  # Turkish
    r"|[- ]?(?:ые|ых|е|х)(?: год(?:ы|ов|ах))?"  # Russian
    r"|[- ](?:tych|te)|年代|\s?년대"  # Polish, Japanese and Chinese, Korean
)
_NAMES_AFTER_WORD = {
    20: "vingt|veinte|vinte|venti|twintig|dwudziest(?:e|ych)",
    30: "trente|treinta|trinta|trenta|dertig|trzydziest(?:e|ych)",
    40: "quarante|cuarenta|quarenta|quaranta|veertig|czterdziest(?:e|ych)",
    50: "cinquante|cincuenta|cinquenta|cinquanta|vijftig|pi[ęe][ćc]dziesi[ąa]t(?:e|ych)",
    60: "soixante|sesenta|sessenta|sessanta|zestig|sze[śs][ćc]dziesi[ąa]t(?:e|ych)",
    70: "soixante[- ]dix|setenta|settanta|zeventig|siedemdziesi[ąa]t(?:e|ych)",
    80: "quatre[- ]vingts?|ochenta|oitenta|ottanta|tachtig|osiemdziesi[ąa]t(?:e|ych)",
    90: "quatre[- ]vingt[- ]dix|noventa|novanta|negentig|dziewi[ęe][ćc]dziesi[ąa]t(?:e|ych)",
}
_NAMES_ALONE = {
    20: "zwanziger(?: jahren?)?|yirmiler|двадцаты[ех]|二十年代",
    30: "drei(?:ß|ss)iger(?: jahren?)?|otuzlar|тридцаты[ех]|三十年代",
    40: "vierziger(?: jahren?)?|k[ıi]rklar|сороковы[ех]|四十年代",
    50: "f(?:ü|ue?)nfziger(?: jahren?)?|elliler|пятидесяты[ех]|五十年代",
    60: "sechziger(?: jahren?)?|altm[ıi][şs]lar|шестидесяты[ех]|六十年代",
    70: "siebziger(?: jahren?)?|yetmi[şs]ler|семидесяты[ех]|七十年代",
    80: "achtziger(?: jahren?)?|seksenler|восьмидесяты[ех]|八十年代",
    90: "neunziger(?: jahren?)?|doksanlar|девяносты[ех]|九十年代",
}


@lru_cache(maxsize=1)
def _compile() -> re.Pattern[str]:
    """Return the pattern of all forms, which is made when a text that may have one is first read."""
    after = "|".join(f"(?P<w{decade}>{names})" for decade, names in reversed(_NAMES_AFTER_WORD.items()))
    alone = "|".join(f"(?P<a{decade}>{names})" for decade, names in _NAMES_ALONE.items())
    return re.compile(
        rf"(?<!\w)(?:(?:{_BEFORE}) (?:['’]?(?P<first>{_NUMBER})\.?(?!\w)|(?:{after})(?!\w))"
        rf"|['’]?(?P<second>{_NUMBER})(?:{_AFTER})(?![a-zа-яıñé])|(?:{alone})(?![a-zа-яı]))",
        re.IGNORECASE,
    )


_MAY_HAVE_DECADE = re.compile(
    r"\d0|ann[ée]es|a[nñ]os|anni|\blat|jaren|d[ée]cada|iger|ziger|l[ae]r\b|ты[ех]|вы[ех]|年代", re.IGNORECASE
)


def translate_decades(text: str) -> str:
    """Return the text, as typed or folded, with decades of other languages as English has them: `90s`, `1990s`."""
    return _compile().sub(_write, text) if _MAY_HAVE_DECADE.search(text) else text


def _write(match: re.Match[str]) -> str:
    number = match["first"] or match["second"] or (match.lastgroup or "")[1:]
    return f"{number}s"
