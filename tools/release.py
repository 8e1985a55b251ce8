"""Make a release: version, changelog, build, commit and tag; or check one, as the release workflow does.

``python -m tools.release make 1.2.3`` (or ``major``, ``minor``, ``patch``) changes two files, builds and checks the
distributions, and commits and tags. Until the commit everything is put back when anything fails, so that a second try
begins where the first one did. Nothing is pushed and nothing published: pushing the tag lets the workflow do that.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from tools.release_notes import (
    Part,
    ReleaseError,
    bump,
    close_section,
    parse_version,
    read_version,
    section,
    write_version,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MODULE: Final = Path("codezest_sql/__init__.py")
CHANGELOG: Final = Path("CHANGELOG.md")
SUMS: Final = Path("sql/migrations/migrations.sum")
BRANCH: Final = "main"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line in the current folder; return 0, or 1 after saying on stderr what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make", help="change, build, commit and tag")
    making.add_argument("version", help="such as 1.2.3, or major, minor, patch")
    checking = commands.add_parser("check", help="compare a tag with the version and the changelog of its commit")
    checking.add_argument("tag")
    notes = commands.add_parser("notes", help="print what the changelog says of the release of a tag")
    notes.add_argument("tag")
    options = parser.parse_args(arguments)
    try:
        if options.command == "make":
            make(options.version)
        elif options.command == "check":
            check(options.tag)
        else:
            print(section(CHANGELOG.read_text("utf-8"), options.tag.removeprefix("v")))
    except ReleaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def make(wanted: str) -> None:
    """Release what is committed on the branch.

    Args:
        wanted: The version, or which part of the present one counts on.

    Raises:
        ReleaseError: A condition is not met, or a step failed; files, commits and tags are as before.

    """
    module, changelog = MODULE.read_text("utf-8"), CHANGELOG.read_text("utf-8")
    present = read_version(module)
    version = next((bump(present, part) for part in get_args(Part) if part == wanted), wanted)
    if parse_version(version) <= parse_version(present):
        raise ReleaseError(f"{version} is not after {present}, the present version")
    tag = f"v{version}"
    refuse_unfit_checkout(tag)
    refuse_changed_migrations()
    day = datetime.now(UTC).date()
    changes = {MODULE: write_version(module, version), CHANGELOG: close_section(changelog, version, day)}
    with put_back_on_failure():
        for path, text in changes.items():
            path.write_text(text, "utf-8")
        build(version)
        run("git", "commit", "--quiet", "--message", f"Release {version}", *map(str, changes))
    run("git", "tag", "--annotate", tag, "--message", f"Release {version}")
    print(f"released {version}: commit and tag {tag} are made, dist/ is built")
    print(f"publish it: git push origin {BRANCH} {tag}")


def check(tag: str) -> None:
    """Compare a tag with what its commit says on its own.

    Raises:
        ReleaseError: The version is another one, or the changelog tells nothing of it.

    """
    version = read_version(MODULE.read_text("utf-8"))
    if tag != f"v{version}":
        raise ReleaseError(f"the tag {tag} is on a commit whose version is {version}")
    if not section(CHANGELOG.read_text("utf-8"), version):
        raise ReleaseError(f"CHANGELOG.md tells nothing of {version}")
    print(f"{tag} is {version}, and the changelog tells of it")


def refuse_unfit_checkout(tag: str) -> None:
    """Raise unless the checkout is the branch with nothing uncommitted, and the tag is new."""
    branch = run("git", "branch", "--show-current").strip()
    if branch != BRANCH:
        raise ReleaseError(f"releases are made of {BRANCH}, and this is {branch or 'no branch'}")
    if changed := run("git", "status", "--porcelain").rstrip():
        raise ReleaseError(f"commit or remove first what is not committed:\n{changed}")
    if run("git", "tag", "--list", tag).strip():
        raise ReleaseError(f"there is a tag {tag} already")


def refuse_changed_migrations() -> None:
    """Raise when a migration of a release is not as it was, as databases have run it. A rollback may be repaired."""
    tags = run("git", "tag", "--list", "v*", "--merged", "HEAD", "--sort=-version:refname").split()
    if not tags:
        return
    released = sums(run("git", "show", f"{tags[0]}:{SUMS}"))
    if changed := sorted(released.items() - sums(SUMS.read_text("utf-8")).items()):
        names = ", ".join(name for name, _ in changed)
        raise ReleaseError(f"migrations of {tags[0]} were changed or removed: {names}; add a new one instead")


def sums(text: str) -> dict[str, str]:
    """Return the hash of each migration in a ``migrations.sum``."""
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith(("#", "total "))]
    return {name: digest for name, _, digest in lines if name and not name.endswith(".rollback.sql")}


def build(version: str) -> None:
    """Build sdist and wheel into an empty ``dist/``, and check them as an index will.

    Raises:
        ReleaseError: A step failed, or something else was built.

    """
    shutil.rmtree("dist", ignore_errors=True)
    run(sys.executable, "-m", "build", "--quiet", "--no-isolation")
    built = sorted(path.name for path in Path("dist").iterdir())
    if not all(f"-{version}" in name for name in built):
        raise ReleaseError(f"{version} is wanted and this was built: {', '.join(built)}")
    run(sys.executable, "-m", "twine", "check", "--strict", *(f"dist/{name}" for name in built))


@contextmanager
def put_back_on_failure() -> Iterator[None]:
    """Give the two files and git's index back their committed state when the block fails or is interrupted."""
    try:
        yield
    except BaseException:
        run("git", "checkout", "--quiet", "HEAD", "--", str(MODULE), str(CHANGELOG))
        raise


def run(*words: str) -> str:
    """Run a program and return its stdout.

    Raises:
        ReleaseError: It failed; the message holds what it said.

    """
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 (words of this file)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise ReleaseError(f"{' '.join(words)} exited with {done.returncode}:\n{said}")
    return done.stdout


if __name__ == "__main__":
    raise SystemExit(main())
