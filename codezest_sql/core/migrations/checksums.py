"""``migrations.sum``: the content of every file of a folder, in one file that git merges with care.

``migrate new`` leaves the line of a new file open, since it is still being written; ``migrate hash`` closes it.
Its second line sums up all others. Two branches that each add a migration both change that line, so that git
reports a conflict instead of merging two histories silently.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from codezest_sql.core.text.decode import composed
from codezest_sql.errors import ChecksumFileError, ChecksumMismatchError, CodezestError, ProjectErrors
from codezest_sql.place import Place, excerpt

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from codezest_sql.core.migrations.files.folder import MigrationFolder

FILE_NAME = "migrations.sum"
_HEADING = "# What each migration holds, written by `codezest-sql migrate new` and `codezest-sql migrate hash`."
_OPEN = "open"
_LINE = re.compile(rf"(\S+) (?:sha256:([0-9a-f]{{64}})|{_OPEN})")


def checksums(folder: MigrationFolder) -> dict[str, str]:
    """Return file name → SHA-256 of its content, for every file of every migration, in the order they run."""
    return dict(folder.files)


def write_checksums(found: Mapping[str, str], *, unfinished: Collection[str] = ()) -> str:
    """Return the text of ``migrations.sum``; the lines of ``unfinished`` files are left open."""
    lines = [f"{name} {_OPEN}" if name in unfinished else f"{name} sha256:{digest}" for name, digest in found.items()]
    return "\n".join([_HEADING, f"total sha256:{_total(lines)}", *lines, ""])


def read_checksums(text: str, *, file: str) -> dict[str, str | None]:
    """Return file name → SHA-256, None where the line is open. Raises ``ProjectErrors`` at each unusable line."""
    found: dict[str, str | None] = {}
    errors: list[CodezestError] = []
    total: str | None = None
    lines: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.rstrip("\r")  # noqa: PLW2901  # a checkout with other line ends is equivalent
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            place = Place(file, number, 1)
            conflict = line.startswith(("<<<<<<<", "=======", ">>>>>>>"))
            message = "two branches added migrations" if conflict else "not a line of a migrations.sum"
            hint = 'look at the order of the migrations, then run "codezest-sql migrate hash"'
            errors.append(ChecksumFileError(message, place=place, hint=hint, source=excerpt(text, place)))
            if conflict:
                break
        elif match[1] == "total":
            total = match[2]
        else:
            found[composed(match[1])] = match[2]
            lines.append(line)
    if not errors and total != _total(lines):
        errors.append(
            ChecksumFileError(
                "the total does not fit the lines below it: the file was edited by hand, or merged",
                place=Place(file),
                hint='look at the order of the migrations, then run "codezest-sql migrate hash"',
            )
        )
    if errors:
        raise ProjectErrors(errors)
    return found


def unfinished(written: Mapping[str, str | None], found: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the files whose lines are open."""
    return tuple(name for name, digest in written.items() if digest is None and name in found)


def compare(
    written: Mapping[str, str | None], found: Mapping[str, str], *, folder: MigrationFolder
) -> list[CodezestError]:
    """Return what differs between ``migrations.sum`` and the files: edited, deleted, renamed, swapped, added."""
    errors: list[CodezestError] = []
    hint = 'if you are still writing it, run "codezest-sql migrate hash"; if a database has it, restore the file'

    def differs(name: str, message: str) -> None:
        errors.append(ChecksumMismatchError(message, place=Place(f"{folder.path}/{name}"), hint=hint))

    gone = {digest: name for name, digest in written.items() if digest and name not in found}
    renamed = {gone[digest]: name for name, digest in found.items() if name not in written and digest in gone}
    by_digest = {digest: name for name, digest in written.items() if digest}
    for name, digest in written.items():
        if name in renamed:
            differs(renamed[name], f"was {name} when {FILE_NAME} was written: renamed")
        elif name not in found:
            differs(name, f"is in {FILE_NAME}, but there is no such file: deleted")
        elif digest and found[name] != digest:
            other = by_digest.get(found[name])
            if other and found.get(other) == written[other]:
                other = None  # that one is as it was: this one became a copy of it
            differs(
                name,
                f"holds what {other} held: reordered" if other else f"differs from its hash in {FILE_NAME}: edited",
            )
    errors.extend(
        ChecksumMismatchError(
            f"is not in {FILE_NAME}: added",
            place=Place(f"{folder.path}/{name}"),
            hint='run "codezest-sql migrate hash" and commit the result',
        )
        for name in found
        if name not in written and name not in renamed.values()
    )
    if not errors and list(written) != list(found):
        errors.append(
            ChecksumMismatchError(
                f"the order of the migrations is not the one in {FILE_NAME}: dependencies changed",
                place=Place(f"{folder.path}/{FILE_NAME}"),
                hint=hint,
            )
        )
    return errors


def _total(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
