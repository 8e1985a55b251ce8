"""A TCP proxy before a server's unix socket that can cut a connection at its COMMIT, before or after it took effect.

Messages are those of the frontend/backend protocol (PostgreSQL documentation, 54.7): a byte, a length, a body.
psycopg sends COMMIT as a simple query.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from enum import Enum, auto
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

from tests.patience import PATIENCE

if TYPE_CHECKING:
    from types import TracebackType

_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
_CHUNK = 65536


class Cut(Enum):
    """When the connection is cut."""

    BEFORE = auto()
    """The server never sees the COMMIT."""
    AFTER = auto()
    """The server commits, and nobody hears of it."""
    FOR_GOOD = auto()
    """As AFTER, and from then on no session can connect."""


class CuttingProxy:
    """Passes everything on, until a connection that has sent ``marker`` sends a COMMIT: that one is cut, once."""

    def __init__(self, url: str, marker: bytes, cut: Cut) -> None:
        parts = urlsplit(url)
        host = parse_qs(parts.query)["host"][0]
        port = parse_qs(parts.query).get("port", ["5432"])[0]
        self._target = f"{host}/.s.PGSQL.{port}"
        self._marker = marker
        self._cut = cut
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"postgresql://postgres@127.0.0.1:{self._listening.getsockname()[1]}{parts.path}"
        self.cuts = 0
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._refuse()
        for each in self._sockets:
            _hang_up(each)
        for thread in self._threads:
            thread.join(PATIENCE)
        for each in self._sockets:
            each.close()

    def _refuse(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes accept up
        self._listening.close()

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name="proxy")  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
            self._sockets += (client, server)
            self._start(self._to_server, client, server)
            self._start(self._to_client, server, client)

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        marked = False
        with suppress(OSError):
            while data := client.recv(_CHUNK):
                marked = marked or self._marker in data
                if marked and not self.cuts and _COMMIT in data:
                    self.cuts += 1
                    self._cut_here(client, server, data)
                    break
                server.sendall(data)
        _hang_up(server)

    def _cut_here(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        if self._cut is Cut.FOR_GOOD:
            self._refuse()
        _hang_up(client)  # first, so that the answer cannot be passed on
        if self._cut is Cut.BEFORE:
            return
        server.sendall(data)
        # The server ends the session once it has read our end: after the COMMIT.
        server.shutdown(socket.SHUT_WR)

    def _to_client(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(_CHUNK):
                client.sendall(data)
        _hang_up(client)


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
