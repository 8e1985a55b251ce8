"""Names of classes from names of SQL: words with a capital each, and initialisms as they are written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.python_types.identifiers import snake_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Words that no other spelling becomes; the setting initialisms adds to them.
INITIALISMS = _words(
    "API ASCII CPU CSS CSV DNS FAQ GPU HTML HTTP HTTPS ID IP ISBN JSON JWT OAuth OTP PDF QR RPC SEO SKU SLA SMS SMTP "
    "SQL SSH SSL SSO SVG TCP TLS TTL UDP UI URI URL UTC UUID VAT XML"
)


class Speller:
    """Turns names of SQL into names of classes; ``initialisms`` are spelt as they are given."""

    def __init__(self, initialisms: Iterable[str] = ()) -> None:
        self._spelt: Mapping[str, str] = {word.lower(): word for word in (*INITIALISMS, *initialisms)}

    def class_name(self, name: str, *, singular: Callable[[str], str] | None = None) -> str:
        """Return the name in CamelCase: ``oauth_accounts`` is ``OAuthAccounts``, or, made singular, ``OAuthAccount``.

        Only the last word is made singular. "" if nothing of the name is allowed in one; where it begins with a
        digit, the name of no class: the caller decides.
        """
        words = self._words(name)
        if words and singular is not None and words[-1].isalpha():
            words[-1] = singular(words[-1])
        return "".join(self._capital(word) for word in words)

    def row_name(self, query: str, chosen: str | None) -> str:
        """Return what the class of a query's rows is called; ``chosen`` is the value of ``-- row:``."""
        return chosen or f"{self.class_name(query)}Row"

    def _words(self, name: str) -> list[str]:
        if any(character.isupper() for character in name) and name.isascii():
            name = snake_case(name)
        return [word.lower() for word in re.split(r"[\W_]+", name) if word]

    def _capital(self, word: str) -> str:
        if word in self._spelt:
            return self._spelt[word]
        if word.endswith("s") and word[:-1] in self._spelt:
            return f"{self._spelt[word[:-1]]}s"
        return word[:1].upper() + word[1:]
