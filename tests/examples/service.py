"""The example service in a process of its own, on a database with the small course; driven over HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


@contextmanager
def serving(url: str, log: Path) -> Iterator[str]:
    """Run uvicorn until the block ends; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["-m", "uvicorn", "examples.learning_api.app:app", "--host", "127.0.0.1", "--port", str(port)]
    words += ["--log-level", "warning", "--timeout-keep-alive", "75"]
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"}
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
        ) as server,
    ):
        try:
            _await(f"http://127.0.0.1:{port}", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(PATIENCE)


def _await(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    began = time.monotonic()
    while server.poll() is None and time.monotonic() - began < PATIENCE:
        try:
            httpx.get(f"{address}/health", timeout=PATIENCE)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"uvicorn did not begin: {log.read_text()[-2000:]}")


class Client:
    """Somebody who uses the service; signed in once registered."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._headers: dict[str, str] = {}
        self.email = f"{uuid4()}@example.org"

    def register(self, **change: Any) -> httpx.Response:
        """Open an account, and use its token from now on."""
        said = {"email": self.email, "name": "Ada", "password": "long enough"}
        answer = self.post("/register", said | change)
        if answer.status_code == httpx.codes.CREATED:
            self.use(answer.json()["token"])
        return answer

    def use(self, token: str) -> None:
        """Use another token."""
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> httpx.Response:
        """Send GET."""
        return self._send("GET", path, params=query)

    def post(self, path: str, body: object = None) -> httpx.Response:
        """Send POST with JSON."""
        return self._send("POST", path, json=body if body is not None else {})

    def put(self, path: str, body: object = None) -> httpx.Response:
        """Send PUT with JSON."""
        return self._send("PUT", path, json=body if body is not None else {})

    def send_bytes(self, method: str, path: str, body: bytes) -> httpx.Response:
        """Send what no library would make."""
        headers = {**self._headers, "content-type": "application/json"}
        return httpx.request(method, self._address + path, content=body, headers=headers, timeout=PATIENCE)

    def _send(self, method: str, path: str, **what: Any) -> httpx.Response:
        return httpx.request(method, self._address + path, headers=self._headers, timeout=PATIENCE, **what)
