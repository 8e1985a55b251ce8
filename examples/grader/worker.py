"""``python -m examples.grader.worker``: grades until it is stopped; ``--once`` ends when nothing waits.

It runs code as it is, with a time limit. What this example shows is the claiming: a lease that is kept up while
there is something to do, and results that a lost claim cannot write.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid5

from codezest_sql import (
    CodezestError,
    CommitUnknown,
    ConnectionLostError,
    ConnectionUnusableError,
    Database,
    SerializationConflict,
    UnreadableValueError,
)
from codezest_sql.platform.models.learning import SubmissionStatus
from codezest_sql.platform.queries.activity import activities
from codezest_sql.platform.queries.learning import progress, submissions
from codezest_sql.platform.queries.notifications import messages
from codezest_sql.platform.types import TestResult
from examples.grader import sandbox

if TYPE_CHECKING:
    from codezest_sql.platform.queries.learning.submissions import ClaimSubmissionsRow
    from codezest_sql.platform.types import TestCase

LEASE = timedelta(seconds=60)
_PAUSE = 1.0
# What is wrong with one submission, or was at one moment.
_LATER = (SerializationConflict, UnreadableValueError)
_AWAY = (ConnectionLostError, ConnectionUnusableError, CommitUnknown)


class Graded(NamedTuple):
    """How grading ended."""

    status: SubmissionStatus
    results: list[TestResult]
    error: str | None = None


def grade(db: Database, grader: str, claimed: ClaimSubmissionsRow) -> tuple[Graded, datetime] | None:
    """Run all test cases; return how it ended and when the claim does, or None where the claim was lost meanwhile."""
    until, results = claimed.claim_expires_at, list[TestResult]()
    seconds = claimed.assignment.time_limit_ms / 1000
    for case in claimed.assignment.test_cases:
        kept = db.run(
            submissions.extend_claim(
                lease=LEASE + timedelta(seconds=seconds),
                user_id=claimed.user_id,
                id=claimed.id,
                grader=grader,
                claim_expires_at=until,
            )
        )
        if kept is None:
            return None
        until = kept.claim_expires_at
        try:
            results.append(_result(case, sandbox.run(claimed.code, case.input, seconds)))
        except OSError as error:  # no process, no room on the disk: nobody's code is at fault
            return Graded(SubmissionStatus.ERROR, results, f"the grader could not run it: {error.strerror}"), until
    passed = all(each.passed for each in results)
    return Graded(SubmissionStatus.PASSED if passed else SubmissionStatus.FAILED, results), until


def _result(case: TestCase, ran: sandbox.Ran) -> TestResult:
    passed = ran.status == 0 and _lines(ran.output) == _lines(case.expected_output)
    return TestResult(
        name=case.name,
        passed=passed,
        output=None if case.is_hidden else ran.output,
        duration_ms=ran.milliseconds,
        message="it took too long" if ran.status is None else None,
    )


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]


def record(db: Database, grader: str, claimed: ClaimSubmissionsRow) -> bool:
    """Grade a submission, and tell its learner; False where the claim was lost meanwhile."""
    ended = grade(db, grader, claimed)
    if ended is None:
        return False
    (status, results, error), until = ended
    most = claimed.assignment.max_score
    score = most * sum(each.passed for each in results) // len(results) if results else most
    with db.transaction() as transaction:
        transaction.run(
            progress.lock_module_progress(user_id=claimed.user_id, module_id=claimed.assignment.module_id)
        )
        recorded = transaction.run(
            submissions.record_result(
                status=status,
                score=None if error else score,
                test_results=results,
                execution_ms=sum(each.duration_ms for each in results),
                memory_kb=None,
                error_message=error,
                user_id=claimed.user_id,
                id=claimed.id,
                grader=grader,
                claim_expires_at=until,
            )
        )
        if recorded is None:
            return False
        transaction.run(
            messages.notify(
                user_id=claimed.user_id,
                # One for each time that it is graded.
                id=uuid5(claimed.id, str(recorded.graded_at)),
                kind="GRADING",
                channel="IN_APP",
                title=f"{claimed.assignment.title}: {status.value.lower()}",
                body=error or f"{score} of {most} points",
                data={"submission_id": str(claimed.id)},
            )
        )
        transaction.run(
            progress.refresh_module_progress(user_id=claimed.user_id, module_id=claimed.assignment.module_id)
        )
    _note(db, claimed, f"submission.{status.value.lower()}", recorded.graded_at)
    return True


def _note(db: Database, claimed: ClaimSubmissionsRow, action: str, at: datetime) -> None:
    """Note it for the learner's feed; the result does not depend on that."""
    query = activities.record_activity(
        user_id=claimed.user_id,
        id=claimed.id,
        occurred_at=at,
        action=action,
        entity_type="learning.assignment_submissions",
        entity_id=claimed.id,
        metadata={},
    )
    try:
        db.run(query)
    except CodezestError as error:
        print(f"not in the feed: {action}: {error}", file=sys.stderr)


def work(db: Database, grader: str, stopped: threading.Event, *, once: bool = False) -> int:
    """Grade what waits until ``stopped``, or with ``once`` until nothing waits; return how many were graded.

    While the database is away it waits for it, unless ``once``.
    """
    graded = 0
    while not stopped.is_set():
        try:
            # One at a time: what others could take meanwhile should not wait for us.
            claimed = db.run(submissions.claim_submissions(limit=1, grader=grader, lease=LEASE))
            for each in claimed:
                graded += record(db, grader, each)
        except _LATER as error:
            # Its claim runs out, and somebody takes it again; until then the others come first.
            print(f"left for later: {error}", file=sys.stderr)
            continue
        except _AWAY as error:
            if once:
                raise
            print(f"waiting for the database: {error}", file=sys.stderr)
            stopped.wait(_PAUSE)
            continue
        if not claimed:
            if once:
                break
            stopped.wait(_PAUSE)
    return graded


def main() -> int:
    """Work until SIGTERM or Ctrl-C: what is claimed is finished first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--once", action="store_true", help="end when nothing waits")
    options = parser.parse_args()
    stopped = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopped.set())
    try:
        with Database.connect() as db:
            print(work(db, f"{socket.gethostname()}-{os.getpid()}", stopped, once=options.once))
    except CodezestError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
