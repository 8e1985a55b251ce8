"""The singular of an English word, as a table's name needs it.

The rules are those of ``inflection``, a port of what Rails does. It takes whole classes of words for others
(``drives`` → ``drife``, ``bonus`` → ``bonu``, ``caches`` → ``cach``); those are set right here.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KEEP_S = _words(
    "aws bias canvas chaos dns gas https ios kudos lens news pos series settings sms sos species stats tennis thanks "
    "analytics atlas bos alias economics ethics genetics graphics logistics mathematics physics"
)
_NO_PLURALS = _words("agenda alumni bacteria data dice media metadata schema staff")
_IRREGULAR = {
    "axes": "axis",
    "bases": "base",
    "corpora": "corpus",
    "criteria": "criterion",
    "appendices": "appendix",
    "vortices": "vortex",
    "feet": "foot",
    "geese": "goose",
    "oases": "oasis",
    "teeth": "tooth",
    "phenomena": "phenomenon",
}
# The few whose singular ends in i or u; of the others one in -is or -us is a singular itself.
_IS = _words("alibis apis bikinis emojis guis kpis minis rabbis skis taxis uis wikis")
_US = _words("cpus emus gnus gpus gurus menus skus submenus")
# -ses, -ches, -ies: the s goes with the e before it, or alone.
_ES = _words(
    "apparatuses atlases biases bonuses cactuses campuses canvases censuses choruses focuses gases lenses nexuses "
    "octopuses radiuses surpluses syllabuses viruses"
)
_S = _words(
    "aches avalanches caches headaches niches quiches toothaches "
    "aunties bookies brownies budgies calories cookies dies foodies freebies genies goalies hoodies indies junkies "
    "lies movies newbies pies pixies prairies rookies selfies smoothies ties townies zombies"
)
_FROM_F = {
    "calves": "calf",
    "elves": "elf",
    "halves": "half",
    "hooves": "hoof",
    "knives": "knife",
    "leaves": "leaf",
    "lives": "life",
    "loaves": "loaf",
    "scarves": "scarf",
    "selves": "self",
    "shelves": "shelf",
    "thieves": "thief",
    "wives": "wife",
    "wolves": "wolf",
}


def singular(word: str) -> str:
    """Return the singular of a word in lower case; a singular is its own."""
    if word in _KEEP_S or word in _NO_PLURALS or word.endswith("ss"):
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ves"):
        return _FROM_F.get(word, word[:-1])
    if word.endswith(("is", "us")):
        return word[:-1] if word in _IS or word in _US else word
    if word in _ES:
        return word[:-2]
    if word in _S:
        return word[:-1]
    import inflection  # noqa: PLC0415  # start-up time; and only naming needs it

    return inflection.singularize(word)
