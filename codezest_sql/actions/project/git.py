"""Reads files of another revision from git, and reports why that is not possible. Changes nothing.

Contents come from ``git cat-file``: neither attributes such as ``export-ignore`` nor filters of line ends stand
between a commit and what is read of it.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.errors import RevisionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_REGULAR = ("100644", "100755", "100664")
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Repository:
    """A working tree of git."""

    root: Path

    @classmethod
    def around(cls, folder: Path) -> Repository:
        """Return the repository that a folder lies in. Raises ``RevisionError`` where there is none, or no git."""
        done = _git(folder, ["rev-parse", "--show-toplevel"])
        if done.returncode:
            raise RevisionError(
                f"{folder} is in no git repository: {_reason(done)}",
                hint="--base names a revision of the project's repository: run it within a checkout",
            )
        return cls(Path(os.fsdecode(done.stdout.rstrip(b"\n"))))

    def commit(self, revision: str) -> str:
        """Return the hash of the commit that a revision names. Raises ``RevisionError`` for an unknown one."""
        if not revision or revision.startswith("-"):
            raise RevisionError(
                f"{revision!r} is no revision", hint="write a tag, a branch or a commit: --base v1.2.0"
            )
        done = _git(self.root, ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"])
        if not done.returncode:
            return done.stdout.decode().strip()
        if self.is_shallow():
            raise RevisionError(
                f"git does not know the revision {revision}: this clone is shallow",
                hint="fetch what is missing: git fetch --unshallow --tags; with actions/checkout, fetch-depth: 0",
            )
        raise RevisionError(
            f"git does not know the revision {revision}",
            hint="git fetch --tags brings what the remote has; git tag and git branch --all show what is there",
        )

    def is_shallow(self) -> bool:
        """Whether the history is incomplete, as in a shallow clone."""
        return _git(self.root, ["rev-parse", "--is-shallow-repository"]).stdout.strip() == b"true"

    def inside(self, path: Path) -> str | None:
        """Return the way from the repository's root to a path, with ``/``; None for one outside of it."""
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return None

    def read(self, commit: str, path: str) -> dict[str, bytes]:
        """Return every regular file at or below a path of a commit, under its way from the root; none is no error."""
        arguments = ["ls-tree", "-r", "-z", "--full-tree", commit, *(["--", path] if path not in {"", "."} else [])]
        listed = self._succeed(arguments, f"list {path} of {commit[:12]}")
        found: list[tuple[str, str]] = []
        for line in filter(None, listed.split(b"\0")):
            facts, _, name = line.partition(b"\t")
            mode, _, digest = facts.decode().split(" ")
            if mode in _REGULAR:
                found.append((os.fsdecode(name), digest))
        if not found:
            return {}
        wanted = "".join(f"{digest}\n" for _, digest in found).encode()
        answer = self._succeed(["cat-file", "--batch"], f"read {path} of {commit[:12]}", given=wanted)
        return dict(zip([name for name, _ in found], _blobs(answer, len(found)), strict=True))

    def changed_since(self, revision: str) -> frozenset[Path]:
        """Return the files that differ from where this branch left ``revision``, with those git does not know yet."""
        commit = self.commit(revision)
        done = _git(self.root, ["merge-base", commit, "HEAD"])
        if done.returncode:
            hint = "fetch the history: git fetch --unshallow; with actions/checkout, fetch-depth: 0"
            raise RevisionError(f"{revision} and this branch have no commit in common", hint=hint)
        fork = done.stdout.decode().strip()
        differing = ["diff", "--name-only", "-z", "--diff-filter=d", "--no-renames", "--no-ext-diff", fork, "--"]
        changed = self._succeed(differing, f"compare with {revision}")
        new = self._succeed(["ls-files", "--others", "--exclude-standard", "-z"], "list new files")
        names = filter(None, [*changed.split(b"\0"), *new.split(b"\0")])
        return frozenset((self.root / os.fsdecode(name)).resolve() for name in names)

    def _succeed(self, arguments: Sequence[str], what: str, *, given: bytes | None = None) -> bytes:
        done = _git(self.root, arguments, given=given)
        if done.returncode:
            raise RevisionError(f"git cannot {what}: {_reason(done)}", hint="look at it with git fsck")
        return done.stdout


def _blobs(answer: bytes, count: int) -> Iterator[bytes]:
    """Take the answer of ``git cat-file --batch`` apart: a line with the size, the content, a line end."""
    offset = 0
    for _ in range(count):
        end = answer.index(b"\n", offset)
        words = answer[offset:end].split(b" ")
        if words[-1] == b"missing":
            raise RevisionError(
                f"git has not got the content {words[0].decode()}",
                hint="this clone leaves contents out: git fetch --refetch brings them",
            )
        size = int(words[2])
        yield answer[end + 1 : end + 1 + size]
        offset = end + 1 + size + 1


def _git(folder: Path, arguments: Sequence[str], *, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603  # no shell; a revision never begins with a dash
            ["git", "-C", os.fspath(folder), *arguments],  # noqa: S607  # the user's own git
            input=b"" if given is None else given,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise RevisionError("git is not installed, and --base reads from it", hint="install git") from None
    except subprocess.TimeoutExpired:
        raise RevisionError(f"git did not answer within {_SECONDS} s", hint="try the same again") from None


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = os.fsdecode(done.stderr).strip().splitlines()
    return lines[-1].removeprefix("fatal: ") if lines else f"git ended with {done.returncode}"
