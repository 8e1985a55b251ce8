r"""The checksums that other tools keep of a file's content, computed as they do.

Line ends count as one: a checkout on another system, where git turns ``\n`` into ``\r\n``, is the same file.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codezest_sql.core.adoption.tools import Tool

_SHA256_HEX = 64


# Our header lines, which a file may have got since the tool applied it.
_HEADER = re.compile(
    rb"(?im)^[ \t]*--[ \t]*(?:depends|transactional|lock-timeout|irreversible|codezest)[ \t]*:"
    rb"[^\r\n]*(?:\r\n|\r|\n|\Z)"
)
_COMMENTS_ABOVE = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:--[^\r\n]*)?(?:\r\n|\r|\n))*")


def holds_what_was_applied(tool: Tool, data: bytes, checksum: str) -> bool:
    """Whether a file of these bytes has the checksum that the tool's ledger keeps.

    Headers of ours do not count: a file that the tool ran without a transaction may need one to be run here.
    """
    return any(_has_checksum(tool, each, checksum) for each in _without_headers(data))


def _without_headers(data: bytes) -> tuple[bytes, ...]:
    """Return the bytes as they are and, where there are headers, without these and the blank lines below them."""
    above = _COMMENTS_ABOVE.match(data)
    end = above.end() if above else 0
    comments = _HEADER.sub(b"", data[:end])
    if comments == data[:end]:
        return (data,)
    bare = comments + data[end:]
    return (data, bare, bare.lstrip(b" \t\r\n"))


def _has_checksum(tool: Tool, data: bytes, checksum: str) -> bool:
    match tool.name:
        case "flyway":
            return checksum == str(flyway_checksum(data))
        case "sqlx":
            return any(hashlib.sha384(text).hexdigest() == checksum for text in _line_ends(data))
        case "prisma":
            return any(_prisma(text, checksum) for text in _line_ends(data))
        case _:
            return True


def flyway_checksum(data: bytes) -> int:
    r"""Return Flyway's CRC-32: over the lines without their ends, as a signed number of 32 bits.

    ``ChecksumCalculator``: ``readLine`` ends a line at ``\n``, ``\r`` or both; a byte order mark before the first is
    left out. The bytes are those of UTF-8, and Flyway's default encoding is UTF-8 as well.
    """
    value = 0
    for line in re.split(rb"\r\n|\r|\n", data.removeprefix(b"\xef\xbb\xbf")):
        value = zlib.crc32(line, value)
    return value - (1 << 32) if value >= 1 << 31 else value


def _prisma(text: bytes, checksum: str) -> bool:
    """SHA-256; older Prismas wrote each byte without its leading zero (prisma-engines, ``checksum.rs``)."""
    digest = hashlib.sha256(text)
    if len(checksum) == _SHA256_HEX:
        return digest.hexdigest() == checksum
    return "".join(f"{byte:x}" for byte in digest.digest()) == checksum


def _line_ends(data: bytes) -> tuple[bytes, ...]:
    unix = data.replace(b"\r\n", b"\n")
    return data, unix, unix.replace(b"\n", b"\r\n")
