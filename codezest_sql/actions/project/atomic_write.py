"""Files that are written all or not at all: what a failed run made is removed, what it changed is as it was."""

from __future__ import annotations

import errno
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from codezest_sql.actions.project.settings import show_path
from codezest_sql.errors import FolderError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self


class AllOrNothing:
    """Writes files while its ``with`` block runs; whatever ends that early undoes them.

    An error of the operating system becomes a ``FolderError`` that names the path.
    """

    def __init__(self) -> None:
        self._folders: list[Path] = []
        self._files: list[Path] = []
        self._changed: list[tuple[Path, bytes]] = []
        self._removed: list[tuple[Path, bytes]] = []
        self._current: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            return
        self._undo()
        if isinstance(error, OSError) and self._current is not None:
            raise FolderError(
                f"cannot write {show_path(self._current)}: {error.strerror}",
                hint="nothing was written: look at what is there, and at its permissions",
            ) from None

    def make_folder(self, path: Path) -> None:
        """Make a folder with those above it, unless it is there."""
        self._current = path
        for folder in reversed([each for each in (path, *path.parents) if not each.exists()]):
            folder.mkdir()
            self._folders.append(folder)
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "it is a file, and a folder must be there")

    def create(self, path: Path, content: bytes) -> None:
        """Write a file that is not there yet."""
        self.make_folder(path.parent)
        self._current = path
        with path.open("xb") as opened:
            self._files.append(path)
            opened.write(content)

    def replace(self, path: Path, content: bytes) -> None:
        """Give a file another content."""
        self._current = path
        before = path.read_bytes()
        replace_file(path, content)
        self._changed.append((path, before))

    def remove(self, path: Path) -> None:
        """Remove a file."""
        self._current = path
        before = path.read_bytes()
        path.unlink()
        self._removed.append((path, before))

    def _undo(self) -> None:
        for path, before in self._removed:
            with suppress(OSError):
                path.write_bytes(before)
        for path, before in self._changed:
            with suppress(OSError):
                replace_file(path, before)
        for file in self._files:
            with suppress(OSError):
                file.unlink()
        for folder in reversed(self._folders):
            with suppress(OSError):
                folder.rmdir()


def replace_file(path: Path, content: bytes) -> None:
    """Write through a temporary file: a reader sees the old content or the new one, and a failure leaves the old."""
    file = path.resolve()  # a link stays a link
    beside = file.with_name(f".{file.name}.new")
    try:
        # A folder that others may write must not choose what is written to.
        with suppress(FileNotFoundError):
            beside.unlink()
        with beside.open("xb") as opened:
            opened.write(content)
        with suppress(FileNotFoundError):
            shutil.copymode(file, beside)
        beside.replace(file)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
