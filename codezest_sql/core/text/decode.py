"""Bytes to text, as every file of a project is read: UTF-8, with or without a byte order mark."""

from __future__ import annotations

import hashlib
import unicodedata

from codezest_sql.errors import FileUnreadableError
from codezest_sql.place import excerpt, place_at

_BOM = "\ufeff"
_OTHER_MARKS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def decode(data: bytes, *, file: str) -> str:
    """Return the text of a file without its byte order mark.

    Raises ``FileUnreadableError`` at the line and column of the first byte that is not UTF-8.
    """
    try:
        return data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        encoding = next((name for mark, name in _OTHER_MARKS if data.startswith(mark)), None)
        if encoding is None:
            reason = f"byte 0x{data[error.start]:02x} is not valid UTF-8"
            hint = "save the file as UTF-8"
        else:
            reason, hint = f"the file is {encoding}", "save it as UTF-8"
        before = data[: error.start].decode("utf-8").removeprefix(_BOM)
        place = place_at(file, before, len(before))
        shown = data.decode("utf-8", "replace").removeprefix(_BOM) if encoding is None else ""
        raise FileUnreadableError(reason, place=place, hint=hint, source=excerpt(shown, place) or None) from None


def composed(name: str) -> str:
    """Return a file's name in Unicode's composed form (NFC), the same on every machine.

    macOS hands out names as they were written, often decomposed (NFD), where git and Linux have them composed.
    """
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def content_hash(text: str) -> str:
    r"""Return the SHA-256 of a decoded text as 64 hexadecimal digits.

    ``\r\n`` counts as ``\n`` and a byte order mark not at all: a checkout on another system, where git turns
    line ends, is the same migration.
    """
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()
