"""Names in keywords spelt with their capitals: the catalogue has keywords in lower case, `los angeles chase`."""

import re

from bot.core.text.origins import COUNTRY_WORDS

_COMMON_WORDS = frozenset({"polish", "turkey", "the states", "us made"})
"""Words for countries that mean something else more often, or are no names as they stand."""
_SPELT = """
New York, Los Angeles, London, Paris, Tokyo, Berlin, Rome, Vienna, Venice, Hollywood, San Francisco, San Diego,
Chicago, Las Vegas, Boston, Philadelphia, Seattle, Detroit, Miami, Atlanta, Memphis, Pittsburgh, Baltimore,
Oakland, New Orleans, New Jersey, New Mexico, New England, Manhattan, Brooklyn, Harlem, Soho, Broadway, Beverly
Hills, Coney Island, Central Park, Little Italy, Greenwich Village, Atlantic City, Santa Barbara, El Paso,
Washington, Sacramento, Compton, Texas, California, Florida, Louisiana, Utah, Hawaii, Alaska, Minnesota, Oregon,
Montana, Wyoming, Nebraska, Kansas, Oklahoma, Ohio, Pennsylvania, Massachusetts, Maine, Maryland, Virginia,
North Carolina, South Dakota, Tennessee, Alabama, Mississippi, Arkansas, Arizona, Colorado, Idaho, Connecticut,
Mexico City, Buenos Aires, Rio de Janeiro, Havana, Toronto, Quebec, Dublin, Belfast, Edinburgh, Liverpool,
Oxford, Cambridge, Barcelona, Lisbon, Amsterdam, Prague, Budapest, Warsaw, Copenhagen, Oslo, Stockholm, Moscow,
Istanbul, Jerusalem, Baghdad, Mumbai, Bangkok, Singapore, Hong Kong, Macau, Shanghai, Beijing, Taipei, Seoul,
Busan, Osaka, Hiroshima, Nagasaki, Okinawa, Saigon, Jakarta, Kyoto, Sydney, Wellington, Johannesburg, Marseille,
Montmartre, Normandy, Versailles, Tuscany, Sicily, Naples, Mallorca, Transylvania, Siberia, Africa, Asia,
Europe, America, South America, Eastern Europe, Southeast Asia, Middle East, Antarctica, Arctic, Alps,
Caribbean, Amazon, Himalayas, Mars, African, Asian, European, Mexican, Cuban, Jewish, Christian, Catholic,
Muslim, Nazi, Nazis, Viking, Vikings, Roman, Romans, Victorian, Native American, Inuit, Mormon, Puritan,
Puritans, Norse, Hebrew, Christmas, Halloween, Thanksgiving, Easter, Hanukkah, Good Friday, New Year, New Year's
Eve, Fourth of July, Santa Claus, Santa, Hitler, Elvis, Dracula, Frankenstein, King Arthur, Vietnam War, Cold
War, World War, Civil War, Iraq War, Great Depression, French Revolution, Berlin Wall, Olympics, Holocaust,
Watergate, Vatican, Colosseum, Hogwarts, Gotham, North Korea, South Korea, Alzheimer's, FBI, CIA, NASA, SWAT,
NBA, MIT, AIDS, LSD, UFO, TV, DNA, D-Day, Ku Klux Klan, Navy SEAL, Navy SEALs, Wild West, I
"""
_NAMES = {name.lower(): name for name in (part.strip() for part in _SPELT.split(",")) if name} | {
    phrase: "UK" if phrase == "uk" else "USA" if phrase == "usa" else phrase.title()
    for phrase in COUNTRY_WORDS
    if phrase not in _COMMON_WORDS and phrase.isascii() and len(phrase) > 1
}
_PATTERN = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, _NAMES), key=len, reverse=True))})\b")


def spell_names(keyword: str) -> str:
    """Return the keyword with the names in it as English spells them: `Los Angeles chase`, `FBI agent`."""
    return _PATTERN.sub(lambda found: _NAMES[found[0]], keyword)
