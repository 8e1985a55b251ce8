"""Makes the files of a relation as long as those of a large table. They hold nothing, and take no room on the disk.

The planner takes the number of a table's pages from the length of its files (``RelationGetNumberOfBlocks``): whatever
the statistics report, an empty file is a table without rows. A page of zeros is one that PostgreSQL itself makes
when it extends a file ahead (``PageIsNew``); scans skip it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from codezest_sql.errors import ServerError

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = 8192
"""Bytes of a page, of every server that was built without ``--with-blocksize``."""
SEGMENT_BLOCKS = 131_072
"""Pages of one file, of every server that was built without ``--with-segsize``: 1 GB."""


def lengthen(
    data: Path, relation: str, pages: int, *, block: int = BLOCK, segment_blocks: int = SEGMENT_BLOCKS
) -> None:
    """Give a relation at least so many pages.

    ``data`` is the data directory of a running temporary server, ``relation`` is the result of
    ``pg_relation_filepath``. No session may use the relation. Raises ``ServerError``.
    """
    first = data / relation
    try:
        owner = first.stat()
        for number in range(max((pages + segment_blocks - 1) // segment_blocks, 1)):
            path = first.with_name(f"{first.name}.{number}") if number else first
            length = min(segment_blocks, pages - number * segment_blocks) * block
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if number:
                    os.fchown(file, owner.st_uid, owner.st_gid)
                if os.fstat(file).st_size < length:
                    os.ftruncate(file, length)
            finally:
                os.close(file)
    except OSError as error:
        raise ServerError(
            f"a table of {pages:,} pages cannot be made: {error.strerror}",
            hint="the temporary folder must allow files with holes of up to 1 GB; TMPDIR names another one",
        ) from error
