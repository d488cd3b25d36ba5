"""The words of requests as data: genres, tones, services, and what carries no meaning.

All phrases are folded: lower case, without marks, apostrophes and hyphens.
"""

from dataclasses import dataclass

from bot.core.text.origins import read_word_table


@dataclass(frozen=True, slots=True)
class GenreWord:
    """What a word for a kind of film means: all of `genres`, one of `countries`, and words to look for."""

    genres: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, for a set written as one."""
    return frozenset(text.split())


_GENRES = read_word_table("""
Action: action, actioner, action packed, action film
Adventure: adventure, adventures, swashbuckler, swashbuckling, adventurous
Animation: animation, animated, animations, cartoon, cartoons, stop motion, claymation, pixar
Biography: biography, biopic, biopics, biographical, biographies
Comedy: comedy, comedies, comedic, funny, hilarious, satire, satires, satirical, screwball, spoof, parody, comic, laugh, laughs, slapstick
Crime: crime, crimes, heist, heists, gangster, gangsters, mafia, mob, mobster, caper
Documentary: documentary, documentaries, doc, docs, docu, nonfiction
Drama: drama, dramas, dramatic, melodrama, melodramas, period drama, costume drama, period piece
Family: family film, family movie, family films, family movies, family friendly, for the whole family, for the family, for the entire family, whole family, kids film, kids movie, kids movies, kids films, childrens film, childrens movie, childrens films, childrens movies, for kids, for children, for my kids, for our kids, for the kids, for my children, kid friendly, for little ones, for small children
Fantasy: fantasy, fantasies, fantastical, sword and sorcery, fairy tale, fairytale
History: history, historical, historic
Horror: horror, horrors, scary, spooky, creepy, terrifying, slasher, slashers, haunted house, zombie, zombies, creature feature, frightening, folk horror, body horror, zombie film
Music: music film, music films, music movie, concert film, concert films
Musical: musical, musicals
Mystery: mystery, mysteries, whodunit, whodunits, whodunnit, whodunnits, detective film, detective story, detective movie, detective films, detective movies, murder mystery, murder mysteries
Noir: noir, noirs, film noir, films noirs, film noirs
Romance: romance, romances, romantic, love story, love stories
Science Fiction: sci fi, scifi, science fiction, sf, cyberpunk, space movie, space film, space movies, space films, space opera, dystopian, dystopia
Sport: sport, sports, boxing film, boxing movie, football film
Thriller: thriller, thrillers, spy film, spy films, spy movie, spy movies, spy, espionage, suspense
War: war, war film, war films, war movie, war movies, anti war
Western: western, westerns, cowboy, cowboys, spaghetti western
Comedy, Romance: rom com, romcom, rom coms, romcoms, romantic comedy, romantic comedies
Comedy, Drama: dramedy, dramedies, tragicomedy, comedy drama
Action, Comedy: buddy cop
Action: martial arts, kung fu, wuxia, karate
""")  # fmt: skip # noqa: E501
_WITH_COUNTRIES = {
    "anime": (("Animation",), ("JP",)),
    "animes": (("Animation",), ("JP",)),
    "spaghetti western": (("Western",), ("IT",)),
    "spaghetti westerns": (("Western",), ("IT",)),
    "j horror": (("Horror",), ("JP",)),
    "k horror": (("Horror",), ("KR",)),
    "giallo": (("Horror",), ("IT",)),
    "bollywood": ((), ("IN",)),
    "nollywood": ((), ("NG",)),
    "hollywood": ((), ("US",)),
}
_SAID_TOO = (
    "heist", "slasher", "zombie", "gangster", "mafia", "mob", "spy", "kung fu", "martial arts", "buddy cop",
    "satire",     "haunted house", "space movie", "cyberpunk", "dystopian", "stop motion", "cowboy",
    "fairy tale", "wuxia",
    "whodunit", "murder mystery", "giallo", "caper", "parody", "pixar", "period drama", "concert film", "karate",
)  # fmt: skip
"""Words that say more than their genre does, so that they are looked for as well."""
GENRE_WORDS = {
    phrase: GenreWord(genres, words=(phrase,) if phrase.rstrip("s") in _SAID_TOO or phrase in _SAID_TOO else ())
    for phrase, genres in _GENRES.items()
} | {
    phrase: GenreWord(genres, countries, (phrase,) if phrase in _SAID_TOO else ())
    for phrase, (genres, countries) in _WITH_COUNTRIES.items()
}
STORY_GENRE_WORDS = word_set(
    """
    war laugh laughs comic family mob cowboy cowboys zombie zombies spy crime crimes music romantic
    """
)
"""Words that tell of a story at least as often as they ask for a genre."""

TONES = read_word_table("""
cosy: cosy, cozy, feel good, feelgood, heartwarming, heart warming, wholesome, uplifting, light, light hearted, lighthearted, sweet, gentle, comforting, comfort, cheerful, happy
laugh: funnier, more fun, sillier, silly, lighter, fun, goofy, amusing
cry: sad, sadder, tearjerker, tear jerker, cry, heartbreaking, emotional, moving, tragic, depressing
thrill: tense, exciting, thrilling, gripping, suspenseful, nail biting, fast paced, faster, more exciting, tenser, intense
scare: scarier, creepier, disturbing, unsettling, more scary
think: thought provoking, clever, smart, intelligent, slow, slow burn, quiet, philosophical, mind bending, mindbending, complex, artsy, arthouse, art house, deep, serious
wonder: magical, dreamy, whimsical, imaginative, visually stunning, beautiful, weird, surreal, strange, trippy
dark: darker, dark, grim, gritty, bleak, black, more violent, brutal, bloodier, noirish
""")  # fmt: skip # noqa: E501
"""What a film is to feel like, by phrase."""
TONE_GENRES: dict[str, dict[str, float]] = {
    "cosy": {"Family": 1, "Comedy": 1, "Romance": 0.8, "Animation": 0.8, "Musical": 0.5, "Horror": -3, "War": -3,
             "Thriller": -2, "Crime": -1.5},
    "laugh": {"Comedy": 2, "Horror": -0.5, "War": -1, "Drama": -0.3},
    "cry": {"Drama": 1, "Romance": 0.7, "War": 0.5, "Comedy": -1.5, "Horror": -2, "Action": -1},
    "thrill": {"Thriller": 1, "Action": 1, "Crime": 0.4, "Family": -2, "Romance": -1},
    "scare": {"Horror": 2, "Thriller": 0.5, "Comedy": -1, "Family": -2},
    "think": {"Drama": 0.8, "Mystery": 0.8, "Documentary": 0.6, "Science Fiction": 0.5, "Action": -1,
              "Family": -1},
    "wonder": {"Fantasy": 1, "Animation": 0.6, "Science Fiction": 0.6, "Adventure": 0.5, "Crime": -1, "War": -1},
    "dark": {"Thriller": 1, "Crime": 1, "Horror": 0.8, "Noir": 1, "War": 0.3, "Family": -2, "Comedy": -0.8},
}  # fmt: skip
TONE_GENRES_TAKEN_OUT = {"scare": "Horror", "dark": "Horror", "cry": "Drama"}

SERVICES = read_word_table("""
Netflix: netflix
Prime Video: prime video, amazon prime, amazon, prime
Disney+: disney+, disney plus
Apple TV+: apple tv+, apple tv plus, apple tv
Hulu: hulu
Max: hbo max, hbo, max
Paramount+: paramount+, paramount plus
Peacock: peacock
MUBI: mubi
Criterion Channel: criterion channel, criterion
Shudder: shudder
Crunchyroll: crunchyroll
""")
SERVICES_BY_PREPOSITION = frozenset({"max", "prime", "amazon", "criterion", "hbo", "peacock", "apple tv"})
"""Names that are words of their own, so that `on` has to come before."""
OWN_SERVICES = "my services"
"""What `services` has where a member means those that they told Marquee they have."""

GROUP_NOUNS = word_set(
    """
    mum mom mother mam dad father parents parent brother sister siblings friend friends girlfriend boyfriend
    wife husband partner family kids children son daughter roommate roommates flatmate flatmates colleagues
    date grandma grandpa grandmother grandfather grandparents fiance fiancee mate mates gf bf bestie buddy
    buddies cousin cousins aunt uncle nephew niece toddler kid child folks group club server crew
    """
)

FILM_WORDS = word_set(
    """
    film films movie movies flick flicks cinema picture feature features watch watching seen streaming anime
    titles
    """
)
REQUEST_WORDS = word_set(
    """
    a an the any some something anything everything stuff kind kinds sort type i im id ive we me my us our
    you your is are was be been it its this that these those there here what which who whats which can could
    would should will want wants wanted like need looking look find show give get suggest suggestion
    suggestions recommend recommendation recommendations recommended please pls plz thanks thank maybe
    perhaps good great best better nice really very quite pretty rather too also just only but and or nor
    with without for from of in on at to by as about set made mostly preferably ideally tonight today
    tomorrow evening weekend sunday saturday friday monday night afternoon now let lets ok okay hey hi hello
    so do does did dont doesnt have has had lets got one ones few couple number pick picks choose mood
    feeling feel film films movie movies flick flicks cinema picture pictures feature features watch
    watching see seen haven havent hasnt think know remember time again more most much many where when then
    than no not non nothing never neither isnt arent wasnt without except other others another else rated
    rating popular famous well known think em them he she they his her their am up say not language
    languages shorter longer newer older title titles called named old new long short era year years decade
    hour hours minutes minute min mins all directed starring stars featuring director actor actress summer
    winter rainy lazy day date
    """
)
"""Words that a request may hold without meaning anything for the choice of films."""
STOP_WORDS = word_set(
    """
    a an the i im ive id we me my our you your is are was were be been it its this that these those there
    here what which who whom whose whats can could would should will want like need film films movie movies
    flick one ones some something any anything thing things stuff kind and or but nor with for from of in on
    at to by as into onto about where when while then than so do does did dont has have had he she they him
    his her hers their them himself herself themselves not no im just really very too also all only s t re
    ve ll up out off over back down get gets got go goes going called named remember think saw seen watch
    watched watching think old maybe someone somebody how because after before again because if whole ever
    most more much many lot lots way every each both other another same own name title plot story scene
    ending end begins starts guy's look looking looks find finds make makes made being let lets keep keeps
    try tries trying take takes took come comes turn turns around through
    """
)
"""Words that tell nothing about a film's story."""
