"""Words for the countries, languages and decades that films are from, as data: adjectives, nouns and short names.

All phrases are folded: lower case, without marks, apostrophes and hyphens. Autocomplete, title search and requests
in plain words read the same tables.
"""

import re

_LAST_CENTURY_FROM = 20
"""Two digits from this on mean a decade of the last century, as `20s`; those below one of this."""


def read_word_table(table: str) -> dict[str, tuple[str, ...]]:
    """Return a table of lines `value, value: phrase, phrase` as its phrases' values."""
    rows: dict[str, tuple[str, ...]] = {}
    for line in table.strip().splitlines():
        values, _, phrases = line.partition(":")
        for phrase in phrases.split(","):
            rows[phrase.strip()] = tuple(value.strip() for value in values.split(",") if value.strip())
    return rows


COUNTRY_WORDS = read_word_table("""
US: american, usa, us made, united states, america, the states
GB: british, english, uk, britain, england, scottish, scotland, welsh, wales, united kingdom, great britain
FR: french, france
DE: german, germany
IT: italian, italy
ES: spanish, spain
PT: portuguese, portugal
IE: irish, ireland
NL: dutch, netherlands, holland
BE: belgian, belgium
CH: swiss, switzerland
AT: austrian, austria
SE: swedish, sweden
NO: norwegian, norway
DK: danish, denmark
FI: finnish, finland
IS: icelandic, iceland
PL: polish, poland
CZ: czech, czechia, czech republic, czechoslovak, czechoslovakia, czechoslovakian
SK: slovak, slovakia
HU: hungarian, hungary
RO: romanian, romania
BG: bulgarian, bulgaria
GR: greek, greece
TR: turkish, turkey, turkiye
RU: russian, russia
SU: soviet, soviet union, ussr
UA: ukrainian, ukraine
RS: serbian, serbia
HR: croatian, croatia
BA: bosnian, bosnia
GE: georgian
EE: estonian, estonia
LV: latvian, latvia
LT: lithuanian, lithuania
IL: israeli, israel
PS: palestinian, palestine
LB: lebanese, lebanon
EG: egyptian, egypt
IR: iranian, iran, persian
IQ: iraqi, iraq
SA: saudi, saudi arabian, saudi arabia
MA: moroccan, morocco
TN: tunisian, tunisia
DZ: algerian, algeria
NG: nigerian, nigeria
SN: senegalese, senegal
ZA: south african, south africa
KE: kenyan, kenya
ET: ethiopian, ethiopia
GH: ghanaian, ghana
ML: malian
IN: indian, india
PK: pakistani, pakistan
BD: bangladeshi, bangladesh
CN: chinese, china
HK: hong kong, hongkong, cantonese cinema
TW: taiwanese, taiwan
JP: japanese, japan
KR: korean, south korean, korea, south korea
TH: thai, thailand
VN: vietnamese, vietnam
ID: indonesian, indonesia
PH: filipino, philippine, philippines
MY: malaysian, malaysia
SG: singaporean, singapore
KH: cambodian, cambodia
MN: mongolian, mongolia
AU: australian, australia, aussie
NZ: new zealand, kiwi
CA: canadian, canada, quebecois
MX: mexican, mexico
BR: brazilian, brazil
AR: argentinian, argentine, argentina
CL: chilean, chile
CO: colombian, colombia
PE: peruvian, peru
CU: cuban, cuba
VE: venezuelan, venezuela
UY: uruguayan, uruguay
DK, FI, IS, NO, SE: scandinavian, nordic, scandinavia
AF, BD, BT, CN, HK, ID, IN, JP, KH, KR, KZ, LA, LK, MM, MN, MO, MY, NP, PH, PK, SG, TH, TW, UZ, VN: asian, asia
CN, HK, JP, KR, MN, TW: east asian, east asia
AO, BF, BI, BJ, BW, CD, CG, CI, CM, CV, DZ, EG, ER, ET, GA, GH, GM, GN, GW, KE, LR, LS, LY, MA, MG, ML, MR, MW, MZ, NA, NE, NG, RW, SD, SN, SO, TD, TG, TN, TZ, UG, ZA, ZM, ZW: african, africa
AR, BO, BR, CL, CO, CR, CU, DO, EC, GT, HN, MX, NI, PA, PE, PY, SV, UY, VE: latin american, latin america
AR, BO, BR, CL, CO, EC, PE, PY, UY, VE: south american, south america
AL, AT, BA, BE, BG, CH, CZ, DE, DK, EE, ES, FI, FR, GB, GR, HR, HU, IE, IS, IT, LT, LU, LV, MK, MT, NL, NO, PL, PT, RO, RS, RU, SE, SI, SK, SU, UA: european, europe
BG, CZ, HU, PL, RO, RS, RU, SK, SU, UA: eastern european, eastern europe
AE, EG, IL, IQ, IR, JO, LB, PS, QA, SA, SY, TR, YE: middle eastern, middle east
""")  # fmt: skip # noqa: E501
"""The codes of one or more countries, one of which is meant, by phrase."""
AMBIGUOUS_COUNTRY_WORDS = frozenset({"turkey", "georgian", "kiwi", "polish", "china"})
"""Words that mean something else as well, so that something has to show that a country is meant."""
LANGUAGE_WORDS = read_word_table("""
en: english
fr: french
de: german
it: italian
es: spanish, castilian
pt: portuguese
nl: dutch, flemish
sv: swedish
no: norwegian
da: danish
fi: finnish
is: icelandic
pl: polish
cs: czech
sk: slovak
hu: hungarian
ro: romanian
bg: bulgarian
el: greek
tr: turkish
ru: russian
uk: ukrainian
sr: serbian
bs: bosnian
ka: georgian
he: hebrew
ar: arabic
fa: persian, farsi
hi: hindi
bn: bengali
ta: tamil
te: telugu
ml: malayalam
ur: urdu
zh: chinese, mandarin, cantonese
ja: japanese
ko: korean
th: thai
vi: vietnamese
id: indonesian
tl: tagalog, filipino
sw: swahili
yi: yiddish
ga: irish gaelic, gaelic
wo: wolof
zu: zulu
xh: xhosa
mi: maori
ca: catalan
la: latin
""")  # fmt: skip
"""The codes of languages by phrase."""
DECADE_WORDS = {
    "twenties": 1920, "thirties": 1930, "forties": 1940, "fifties": 1950, "sixties": 1960, "seventies": 1970,
    "eighties": 1980, "nineties": 1990, "noughties": 2000, "aughts": 2000,
}  # fmt: skip
"""The first year of a decade by its name."""
_DECADE = re.compile(r"(1[89]|20)?(\d0) ?s")


def read_decade(text: str) -> int | None:
    """Return the first year of the decade that a text names, as `90s`, `1990s` or `nineties`; None for none."""
    if text in DECADE_WORDS:
        return DECADE_WORDS[text]
    match = _DECADE.fullmatch(text)
    if match is None:
        return None
    century, decade = match.groups()
    if century is None:
        century = "20" if int(decade) < _LAST_CENTURY_FROM else "19"
    return int(century + decade)
