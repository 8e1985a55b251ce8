"""Passwords and tokens: what is stored of both is a hash.

A bearer token is the user's id and a secret, so that a session is found by its owner first, as the schema wants it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from typing import NamedTuple
from uuid import UUID

_COST, _BLOCK, _PARALLEL = 16_384, 8, 1  # 16 MB and about 50 ms
_OURS = re.compile(r"scrypt\$(\d+)\$(\d+)\$(\d+)\$([0-9a-f]+)\$([0-9a-f]+)")
_MEMORY = 64 * 1024 * 1024


def _derive(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


async def hash_password(password: str) -> str:
    """Return ``scrypt$n$r$p$salt$key``, salt and key in hexadecimal digits; worked out beside the event loop."""
    salt = secrets.token_bytes(16)
    key = await asyncio.to_thread(_derive, password, salt, _COST, _BLOCK, _PARALLEL)
    return f"scrypt${_COST}${_BLOCK}${_PARALLEL}${salt.hex()}${key.hex()}"


async def is_password(password: str, stored: str | None) -> bool:
    """Tell whether a password is the stored one's. Takes as long where there is none of ours."""
    found = _OURS.fullmatch(stored or "")
    n, r, p, salt, key = found.groups() if found else (_COST, _BLOCK, _PARALLEL, "00", "")
    try:
        derived = await asyncio.to_thread(_derive, password, bytes.fromhex(salt), int(n), int(r), int(p))
        return found is not None and hmac.compare_digest(derived, bytes.fromhex(key))
    except ValueError:  # digits by halves, or a cost that is none
        return False


class Token(NamedTuple):
    """A bearer token in its parts."""

    user_id: UUID
    secret: str

    @classmethod
    def new(cls, user_id: UUID) -> Token:
        """Return a fresh one."""
        return cls(user_id, secrets.token_urlsafe(32))

    @classmethod
    def read(cls, text: str) -> Token | None:
        """Return the token of a header's text; None where that is none."""
        user_id, _, secret = text.partition(".")
        try:
            return cls(UUID(user_id), secret) if secret else None
        except ValueError:
            return None

    @property
    def hash(self) -> bytes:
        """What is stored of it."""
        return hashlib.sha256(self.secret.encode()).digest()

    def __str__(self) -> str:
        return f"{self.user_id}.{self.secret}"
