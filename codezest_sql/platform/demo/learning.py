"""How a dummy person learns: language by language, module by module, until they stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.platform.demo.catalogue import TEST_NAMES
from codezest_sql.platform.demo.copy_text import DAY, NULL, document, new_id
from codezest_sql.platform.demo.words import ERRORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.platform.demo.catalogue import DemoLanguage, DemoModule, DemoQuiz
    from codezest_sql.platform.demo.copy_text import Clock
    from codezest_sql.platform.demo.person import Person
    from codezest_sql.platform.demo.tables import Rows

_STEPS = 5
"""Materials, assignments and quizzes that a person of keenness 1 takes up."""
_MOST_ATTEMPTS = 4
_PASSING = 60
_RESULTS = tuple(
    document(
        [
            {"name": name, "passed": number < passed, "duration_ms": 12 + number}
            for number, name in enumerate(TEST_NAMES)
        ]
    )
    for passed in range(len(TEST_NAMES) + 1)
)
"""The outcome of the test cases, by how many passed."""
_OPINIONS = tuple(
    document({"summary": summary, "strengths": [strength], "improvements": [improvement]})
    for summary, strength, improvement in (
        ("Correct and easy to read.", "clear names", "add a test of the empty input"),
        ("Correct, with a detour.", "handles every case", "the loop can be a sum()"),
        ("The idea is right, one case is missing.", "small functions", "look at the largest input again"),
    )
)


class Learning:
    """Adds what one person did."""

    def __init__(self, rows: Rows, person: Person, clock: Clock, reviewers: Sequence[str]) -> None:
        self._rows = rows
        self._person = person
        self._random = person.random
        self._clock = clock
        self._reviewers = reviewers
        self._steps = int(_STEPS * person.keenness)
        self._now = person.joined + 60
        self._pause = (person.until - person.joined) / (self._steps + 1)
        self._visit = ""
        self._visited = 0
        self.graded = 0
        """How often a submission of theirs was graded."""

    def run(self, languages: Sequence[DemoLanguage]) -> None:
        """Learn as much as the person is keen to."""
        count = self._random.choices((0, 1, 2, 3), (10, 55, 25, 10))[0]
        # The first languages are the most liked.
        weights = [1 / place for place in range(1, len(languages) + 1)]
        chosen = {language.id: language for language in self._random.choices(languages, weights, k=count)}
        for language in chosen.values():
            self._enroll(language)

    def _enroll(self, language: DemoLanguage) -> None:
        enrolled = self._now
        complete = [self._module(module) for module in language.modules if self._steps > 0]
        finished = len(complete) == len(language.modules) and all(complete)
        status, completed = "ACTIVE", NULL
        if finished:
            status, completed = "COMPLETED", self._clock(self._now)
        elif self._random.random() < 0.2:
            status = self._random.choice(("PAUSED", "DROPPED"))
        began, now = self._clock(enrolled), self._clock(self._now)
        self._rows["learning.language_enrollments"].append(
            f"{self._person.id}\t{new_id(self._random)}\t{language.id}\t{status}\t{began}\t{completed}\t{began}\t{now}"
        )

    def _module(self, module: DemoModule) -> bool:
        """Go through a module as far as it goes, and return whether that was to completion."""
        began = self._now
        done = 0
        begun = False
        for material_id in module.materials:
            if not self._step():
                break
            begun = True
            done += self._material(material_id)
        for assignment_id in module.assignments:
            if self._step():
                begun = True
                done += self._assignment(assignment_id)
        if self._step():
            self._quiz(module.quiz)
        # As refresh_module_progress derives it.
        percent = 100 * done // (len(module.materials) + len(module.assignments))
        complete = percent == 100
        status, completed = ("COMPLETED", self._clock(self._now)) if complete else ("IN_PROGRESS", NULL)
        made = self._clock(began)
        status, start = (status, made) if begun else ("NOT_STARTED", NULL)
        self._rows["learning.module_progress"].append(
            f"{self._person.id}\t{new_id(self._random)}\t{module.id}\t{status}\t{percent}\t{start}\t{completed}\t"
            f"{made}\t{self._clock(self._now)}"
        )
        return complete

    def _step(self) -> bool:
        """Come to the next thing to do; False when the person has stopped learning."""
        if self._steps <= 0:
            return False
        self._steps -= 1
        # Most steps follow each other within minutes, some days later, and the year's end is the end.
        gap = (
            self._random.randint(60, 1800)
            if self._random.random() < 0.7
            else self._random.expovariate(1 / (2.2 * self._pause))
        )
        self._now += int(gap)
        if self._now >= self._person.until - 7200:
            self._now = self._person.until - 7200
            self._now = max(self._now, self._person.joined)
            self._steps = 0
            return False
        if self._now - self._visited > 7200 or not self._visit:
            self._visit = new_id(self._random)
        self._visited = self._now
        return True

    def _material(self, material_id: str) -> bool:
        random = self._random
        complete = random.random() < 0.93
        percent = 100 if complete else random.randint(5, 95)
        status, completed = ("COMPLETED", self._clock(self._now)) if complete else ("IN_PROGRESS", NULL)
        now = self._clock(self._now)
        seconds = random.randint(0, 600)
        self._rows["learning.material_progress"].append(
            f"{self._person.id}\t{new_id(random)}\t{material_id}\t{status}\t{percent}\t{seconds}\t{completed}\t{now}\t"
            f"{now}"
        )
        self._event("material_viewed", f"/materials/{material_id}")
        if complete:
            self._activity("MATERIAL_COMPLETED", "learning.materials", material_id)
        return complete

    def _assignment(self, assignment_id: str) -> bool:
        """Hand in until it passes or is given up, and return whether it passed."""
        random, user_id = self._random, self._person.id
        self._event("assignment_opened", f"/assignments/{assignment_id}")
        for attempt in range(1, _MOST_ATTEMPTS + 1):
            submission_id = new_id(random)
            submitted = self._clock(self._now)
            graded = self._clock(self._now + 3)
            passed = len(TEST_NAMES) if random.random() < 0.55 else random.randrange(len(TEST_NAMES))
            status, error = ("PASSED", NULL) if passed == len(TEST_NAMES) else ("FAILED", NULL)
            if passed == 0 and random.random() < 0.5:
                status, error = "ERROR", random.choice(ERRORS)
            score = 100 * passed // len(TEST_NAMES)
            code = f"print(int(input()) * {attempt % 3 + 1})\\n"
            self._rows["learning.assignment_submissions"].append(
                f"{user_id}\t{submission_id}\t{assignment_id}\t{attempt}\t{code}\t"
                f"{status}\t{score}\t{_RESULTS[passed]}\t{random.randint(15, 900)}\t{random.randint(9000, 60000)}\t"
                f"{error}\t{submitted}\t{graded}\t{submitted}\t{graded}"
            )
            self._activity("SUBMISSION_CREATED", "learning.assignment_submissions", submission_id)
            self.graded += 1
            if random.random() < 0.35 and status != "ERROR":  # nothing came out that could be analysed
                self._analysis("learning.assignment_analyses", submission_id, score)
            if status == "PASSED":
                return True
            if random.random() < 0.25:
                break
            self._now = min(self._now + random.randint(60, 1200), self._person.until - 3600)
        return False

    def _quiz(self, quiz: DemoQuiz) -> None:
        random, user_id = self._random, self._person.id
        attempt_id = new_id(random)
        began, score = self._now, 0
        started = self._clock(began)
        skill = 0.45 + 0.5 * random.random()
        answers = self._rows["learning.mcq_answers"]
        for question in quiz.questions:
            self._now += random.randint(8, 60)
            if random.random() < 0.03:
                continue  # not answered
            right = random.random() < skill
            option = question.options[0] if right else random.choice(question.options[1:])
            points = question.points if right else 0
            score += points
            now = self._clock(self._now)
            answers.append(
                f"{user_id}\t{new_id(random)}\t{attempt_id}\t{quiz.id}\t{question.id}\t{option}\t"
                f"{'t' if right else 'f'}\t{points}\t{now}\t{now}\t{now}"
            )
        done = self._clock(self._now)
        passed = "t" if 100 * score >= _PASSING * quiz.points else "f"
        self._rows["learning.mcq_attempts"].append(
            f"{user_id}\t{attempt_id}\t{quiz.id}\t1\tCOMPLETED\t{score}\t{quiz.points}\t{passed}\t{started}\t{done}\t"
            f"{started}\t{done}"
        )
        self._event("quiz_finished", f"/quizzes/{quiz.id}")
        self._activity("QUIZ_COMPLETED", "learning.mcq_attempts", attempt_id)
        if random.random() < 0.2:
            self._analysis("learning.quiz_analyses", attempt_id, 100 * score // quiz.points)

    def _analysis(self, table: str, parent_id: str, score: int) -> None:
        random = self._random
        made = self._clock(self._now + 30)
        kind, reviewer, notes, reviewed = "AI", NULL, NULL, NULL
        if random.random() < 0.15:
            kind, reviewer, notes = "HYBRID", random.choice(self._reviewers), "I agree; see the second remark."
            reviewed = self._clock(min(self._now + random.randint(3600, 3 * DAY), self._person.until))
        self._rows[table].append(
            f"{self._person.id}\t{new_id(random)}\t{parent_id}\t{kind}\treviewer-1\t{random.choice(_OPINIONS)}\t"
            f"{reviewer}\t{notes}\t{score}\t{reviewed}\t{made}\t{made if reviewed == NULL else reviewed}"
        )

    def _activity(self, action: str, entity_type: str, entity_id: str) -> None:
        self._rows["activity.user_activities"].append(
            f"{self._person.id}\t{self._clock(self._now)}\t{new_id(self._random)}\t{action}\t{entity_type}\t"
            f"{entity_id}\t{{}}"
        )

    def _event(self, name: str, path: str) -> None:
        self._rows["activity.analytics_events"].append(
            f"{self._person.id}\t{self._clock(self._now)}\t{new_id(self._random)}\t{name}\tf\t{self._visit}\t{{}}\t"
            f"https://codezest.example{path}\t{NULL}"
        )
