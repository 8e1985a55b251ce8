"""``python -m examples.learning_api.load URL``: fifty learners at once, and how long each of their steps took.

Each registers, takes up a language, reads a module, follows a material, hands in code, takes a quiz and looks at the
dashboard, some rounds of it. Ends with 1 where anything was answered that was not meant.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections import defaultdict
from typing import Any
from uuid import uuid4

import httpx


class _GaveUpError(Exception):
    """Why a learner went no further."""


class Learner:
    """One of them, who notes how long each answer took, and why it went no further, if it did not."""

    def __init__(self, http: httpx.AsyncClient, took: dict[str, list[float]], wrong: list[str]) -> None:
        self._http, self._took, self._wrong = http, took, wrong
        self._headers: dict[str, str] = {}

    async def ask(self, step: str, method: str, path: str, body: object = None) -> Any:
        """Send a request; return its JSON. Raises ``_GaveUpError`` where the answer was no good."""
        began = time.perf_counter()
        try:
            answer = await self._http.request(method, path, json=body, headers=self._headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _GaveUpError(f"{step}: {type(error).__name__}: {error}") from None
        self._took[step].append(time.perf_counter() - began)
        if not answer.is_success:
            raise _GaveUpError(f"{step}: {answer.status_code} {answer.text[:200]}")
        return answer.json() if answer.content else None

    async def learn(self, rounds: int) -> None:
        """Go the whole way, or as far as it is good."""
        try:
            await self._learn(rounds)
        except _GaveUpError as error:
            self._wrong.append(str(error))

    async def _learn(self, rounds: int) -> None:
        account = {"email": f"{uuid4()}@example.org", "name": "A learner", "password": "long enough"}
        signed = await self.ask("register", "POST", "/register", account)
        self._headers = {"Authorization": f"Bearer {signed['token']}"}
        languages = await self.ask("languages", "GET", "/languages")
        language = next((each["id"] for each in languages if each["modules"]), None)
        if language is None:
            raise _GaveUpError("languages: none has a module; codezest-sql seed adds a course")
        await self.ask("enroll", "PUT", f"/languages/{language}/enrollment", {})
        whole = await self.ask("language", "GET", f"/languages/{language}")
        module_id = whole["modules"][0]["id"]
        module: Any = {"quizzes": []}
        for _ in range(rounds):
            module = await self.ask("module", "GET", f"/modules/{module_id}")
            for number, material in enumerate(module["materials"]):
                path = f"/materials/{material['id']}/progress"
                await self.ask("progress", "PUT", path, {"percent": 100 if number else 50})
            for assignment in module["assignments"]:
                await self.ask("submit", "POST", f"/assignments/{assignment['id']}/submissions", {"code": "print(1)"})
            await self.ask("unread", "GET", "/me/notifications/unread")
            await self.ask("dashboard", "GET", "/me/dashboard")
        for quiz in module["quizzes"]:
            await self.take(quiz["id"])

    async def take(self, quiz: str) -> None:
        """Take a quiz, with the first option of each question."""
        attempt = await self.ask("start quiz", "POST", f"/quizzes/{quiz}/attempts", {})
        paper = await self.ask("paper", "GET", f"/attempts/{attempt['id']}")
        for question in paper["questions"]:
            chosen = {"option_id": question["options"][0]["id"]}
            await self.ask("answer", "PUT", f"/attempts/{attempt['id']}/answers/{question['id']}", chosen)
        await self.ask("finish quiz", "POST", f"/attempts/{attempt['id']}/finish", {})


async def run(address: str, clients: int, rounds: int) -> tuple[dict[str, list[float]], list[str], float]:
    """Let them all learn at once; return the seconds of each step, what was wrong, and how long it took."""
    took: dict[str, list[float]] = defaultdict(list)
    wrong: list[str] = []
    limits = httpx.Limits(max_connections=clients)
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as http:
        began = time.perf_counter()
        await asyncio.gather(*(Learner(http, took, wrong).learn(rounds) for _ in range(clients)))
        return took, wrong, time.perf_counter() - began


def table(took: dict[str, list[float]]) -> str:
    """Return the latencies in milliseconds, as Markdown."""
    lines = ["| step | requests | median, ms | 95 %, ms | slowest, ms |", "|---|---|---|---|---|"]
    for step, seconds in took.items():
        found = sorted(1000 * each for each in seconds)
        late = found[min(len(found) - 1, int(0.95 * len(found)))]
        lines.append(f"| {step} | {len(found)} | {statistics.median(found):.1f} | {late:.1f} | {found[-1]:.1f} |")
    return "\n".join(lines)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="where the service is, such as http://127.0.0.1:8000")
    parser.add_argument("--clients", type=_positive, default=50)
    parser.add_argument("--rounds", type=_positive, default=3)
    options = parser.parse_args()
    took, wrong, seconds = asyncio.run(run(options.address, options.clients, options.rounds))
    print(table(took))
    count = sum(map(len, took.values()))
    print(f"\n{count} requests of {options.clients} clients in {seconds:.1f} s: {len(wrong)} errors")
    for each in wrong[:10]:
        print(each)
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
