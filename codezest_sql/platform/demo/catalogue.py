"""The catalogue of the demo: six modules for each language, with materials, assignments and a quiz."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from codezest_sql.platform.demo.copy_text import NULL, document, new_id
from codezest_sql.platform.demo.tables import CATALOGUE_TABLES, Rows, new_rows
from codezest_sql.platform.demo.words import ASSIGNMENTS, MATERIALS, SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.platform.demo.copy_text import Clock

_QUESTIONS = 5
_OPTIONS = 4
_DIFFICULTIES = ("BEGINNER", "INTERMEDIATE", "ADVANCED")
TEST_NAMES: Final = ("the example", "nothing", "many", "the largest")


@dataclass(frozen=True, slots=True)
class DemoQuestion:
    """A question: its points, and its options, the right one first."""

    id: str
    points: int
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoQuiz:
    """A quiz."""

    id: str
    questions: tuple[DemoQuestion, ...]

    @property
    def points(self) -> int:
        """The points of all its questions."""
        return sum(question.points for question in self.questions)


@dataclass(frozen=True, slots=True)
class DemoModule:
    """A module: the ids of what it holds."""

    id: str
    materials: tuple[str, ...]
    assignments: tuple[str, ...]
    quiz: DemoQuiz


@dataclass(frozen=True, slots=True)
class DemoLanguage:
    """A language and its modules, in their order."""

    id: str
    slug: str
    modules: tuple[DemoModule, ...]


@dataclass(frozen=True, slots=True)
class DemoCatalogue:
    """All languages, and the rows of their modules."""

    languages: tuple[DemoLanguage, ...]
    rows: Rows


def make_catalogue(
    languages: Sequence[tuple[str, str]], *, seed: int, authors: Sequence[str], clock: Clock, made_at: int
) -> DemoCatalogue:
    """Return the modules of ``languages`` (id in hexadecimal, slug), written by ``authors`` at ``made_at``."""
    maker = _Maker(Random(f"catalogue {seed}"), seed, authors, clock(made_at))  # noqa: S311  # to be repeatable
    made = tuple(DemoLanguage(language_id, slug, maker.modules(language_id, slug)) for language_id, slug in languages)
    return DemoCatalogue(made, maker.rows)


class _Maker:
    def __init__(self, random: Random, seed: int, authors: Sequence[str], made_at: str) -> None:
        self.rows = new_rows(CATALOGUE_TABLES)
        self._random = random
        self._seed = seed
        self._authors = authors
        self._times = f"{made_at}\t{made_at}"

    def modules(self, language_id: str, slug: str) -> tuple[DemoModule, ...]:
        made: list[DemoModule] = []
        for position, (subject, title) in enumerate(SUBJECTS, start=1):
            module_id = new_id(self._random)
            difficulty = _DIFFICULTIES[(position - 1) * len(_DIFFICULTIES) // len(SUBJECTS)]
            minutes = self._random.randrange(20, 90, 5)
            author = self._random.choice(self._authors)
            self.rows["learning.modules"].append(
                f"{module_id}\t{language_id}\t{subject}-{self._seed}\t{title}\t{title}, in {slug}\t{difficulty}\t"
                f"{minutes}\t{position}\tt\t{author}\t{self._times}"
            )
            made.append(
                DemoModule(
                    module_id,
                    tuple(self._material(module_id, slug, place) for place in range(len(MATERIALS))),
                    tuple(self._assignment(module_id, difficulty, place) for place in range(len(ASSIGNMENTS))),
                    self._quiz(module_id, title, difficulty),
                )
            )
        return tuple(made)

    def _material(self, module_id: str, slug: str, position: int) -> str:
        material_id = new_id(self._random)
        kind, title = MATERIALS[position]
        body, url, code, seconds = NULL, NULL, NULL, NULL
        if kind == "ARTICLE":
            body = f"## {title}\\n\\n" + "An idea, an example, and what to remember. " * self._random.randint(8, 30)
        elif kind == "VIDEO":
            url, seconds = f"https://media.codezest.example/{material_id}.mp4", str(self._random.randint(120, 900))
        else:
            code = document({"language": slug, "source": "print(sum(range(10)))\n"})
        self.rows["learning.materials"].append(
            f"{material_id}\t{module_id}\t{kind}\t{title}\t{body}\t{url}\t{code}\t{seconds}\t{position}\tt\t"
            f"{self._times}"
        )
        return material_id

    def _assignment(self, module_id: str, difficulty: str, position: int) -> str:
        assignment_id = new_id(self._random)
        cases = document(
            [
                {"name": name, "input": f"{number}\n", "expected_output": f"{number * 2}\n", "is_hidden": number > 1}
                for number, name in enumerate(TEST_NAMES)
            ]
        )
        attempts = self._random.choice((NULL, NULL, "10", "20"))
        self.rows["learning.assignments"].append(
            f"{assignment_id}\t{module_id}\t{ASSIGNMENTS[position]}\tRead a number and print its double.\t"
            f"{difficulty}\t# your program\\n\tprint(int(input()) * 2)\\n\t{cases}\t{attempts}\t{position}\t"
            f"{self._times}"
        )
        return assignment_id

    def _quiz(self, module_id: str, title: str, difficulty: str) -> DemoQuiz:
        quiz_id = new_id(self._random)
        self.rows["learning.mcq_quizzes"].append(
            f"{quiz_id}\t{module_id}\t{title}: questions\t{difficulty}\t900\t60\t5\tt\t{self._times}"
        )
        return DemoQuiz(quiz_id, tuple(self._question(quiz_id, number) for number in range(_QUESTIONS)))

    def _question(self, quiz_id: str, position: int) -> DemoQuestion:
        question_id = new_id(self._random)
        points = self._random.choice((1, 1, 2))
        self.rows["learning.mcq_questions"].append(
            f"{question_id}\t{quiz_id}\tWhat does program {position + 1} print?\tRead it line by line.\t{points}\t"
            f"{position}\t{self._times}"
        )
        options = tuple(new_id(self._random) for _ in range(_OPTIONS))
        places = self._random.sample(range(_OPTIONS), _OPTIONS)
        for number, (option_id, place) in enumerate(zip(options, places, strict=True)):
            self.rows["learning.mcq_options"].append(
                f"{option_id}\t{question_id}\t{number * 7 + position}\t{'t' if number == 0 else 'f'}\t{place}\t"
                f"{self._times}"
            )
        return DemoQuestion(question_id, points, options)
