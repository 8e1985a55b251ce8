"""Which files differ from another revision, as git tells."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from codezest_sql.errors import RevisionError

if TYPE_CHECKING:
    from pathlib import Path


def changed_files(root: Path, base: str) -> frozenset[Path]:
    """Return the files that differ from where this branch left ``base``, with those that git does not know yet.

    Raises ``RevisionError`` where there is no git, no repository, or no such revision.
    """
    top = _git(root, "rev-parse", "--show-toplevel").removesuffix("\n")
    commit = _commit(root, base)
    try:
        fork = _git(root, "merge-base", commit, "HEAD").strip()
    except RevisionError:
        raise RevisionError(
            f"{base} and this branch have no commit in common",
            hint="in CI, fetch the history: a shallow clone has none (fetch-depth: 0)",
        ) from None
    changed = _git(root, "diff", "--name-only", "-z", "--diff-filter=d", "--no-renames", fork, "--")
    new = _git(root, "ls-files", "--others", "--exclude-standard", "--full-name", "-z", ":/")
    folder = root.__class__(top)
    return frozenset((folder / name).resolve() for name in (*changed.split("\0"), *new.split("\0")) if name)


def _commit(root: Path, base: str) -> str:
    if base.startswith("-"):
        raise RevisionError(f"{base!r} is no revision", hint="name a branch, a tag or a commit")
    try:
        return _git(root, "rev-parse", "--verify", "--quiet", f"{base}^{{commit}}").strip()
    except RevisionError:
        raise RevisionError(
            f"git knows no revision {base!r}", hint="name a branch, a tag or a commit; in CI, fetch it first"
        ) from None


def _git(root: Path, *words: str) -> str:
    program = shutil.which("git")
    if program is None:
        raise RevisionError("git is not installed", hint="install it, or leave --base out")
    done = subprocess.run(  # noqa: S603  # a list of words, no shell
        [program, "-C", str(root), *words],
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
    )
    if done.returncode:
        reason = done.stderr.strip().split("\n")[-1].removeprefix("fatal: ")
        raise RevisionError(f"git: {reason or 'failed'}", hint="run it within the project's repository")
    return done.stdout
