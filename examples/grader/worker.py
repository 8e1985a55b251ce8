"""``python -m examples.grader.worker``: grades until it is stopped; ``--once`` ends when nothing waits.

It runs code as it is, in a process of its own with a time limit. A platform puts that process into a sandbox; what
this example shows is the claiming: a lease, and results that a lost claim cannot write.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from codezest_sql import Database
from codezest_sql.models.learning import SubmissionStatus
from codezest_sql.queries.learning import progress, submissions
from codezest_sql.queries.notifications import messages
from codezest_sql.types import TestResult

if TYPE_CHECKING:
    from codezest_sql.queries.learning.submissions import ClaimSubmissionsRow
    from codezest_sql.types import TestCase

LEASE = timedelta(seconds=60)
_PAUSE = 1.0


def grade(claimed: ClaimSubmissionsRow) -> tuple[SubmissionStatus, list[TestResult], int]:
    """Run all test cases; return how it ended, each result, and the milliseconds that it took."""
    began = time.monotonic()
    results = [_run(claimed, case) for case in claimed.assignment.test_cases]
    passed = all(each.passed for each in results)
    status = SubmissionStatus.PASSED if passed else SubmissionStatus.FAILED
    return status, results, int(1000 * (time.monotonic() - began))


def _run(claimed: ClaimSubmissionsRow, case: TestCase) -> TestResult:
    began = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", claimed.code],
            input=case.input,
            capture_output=True,
            text=True,
            timeout=claimed.assignment.time_limit_ms / 1000,
            check=False,
        )
        said, passed = done.stdout, done.returncode == 0 and _same(done.stdout, case.expected_output)
    except subprocess.TimeoutExpired:
        said, passed = "", False
    took = int(1000 * (time.monotonic() - began))
    return TestResult(name=case.name, passed=passed, output=None if case.is_hidden else said, duration_ms=took)


def _same(said: str, expected: str) -> bool:
    return [line.rstrip() for line in said.rstrip().split("\n")] == [
        line.rstrip() for line in expected.rstrip().split("\n")
    ]


def record(db: Database, grader: str, claimed: ClaimSubmissionsRow) -> bool:
    """Grade a submission, and tell its learner; False where the claim was lost meanwhile."""
    status, results, took = grade(claimed)
    score = claimed.assignment.max_score * sum(each.passed for each in results) // max(1, len(results))
    with db.transaction() as transaction:
        recorded = transaction.run(
            submissions.record_result(
                status=status,
                score=score,
                test_results=results,
                execution_ms=took,
                memory_kb=None,
                error_message=None,
                user_id=claimed.user_id,
                id=claimed.id,
                grader=grader,
                claim_expires_at=claimed.claim_expires_at,
            )
        )
        if recorded is None:
            return False
        transaction.run(
            messages.notify(
                user_id=claimed.user_id,
                id=claimed.id,  # so that a second try tells nobody twice
                kind="GRADING",
                channel="IN_APP",
                title=f"{claimed.assignment.title}: {status.value.lower()}",
                body=f"{score} of {claimed.assignment.max_score} points",
                data={"submission_id": str(claimed.id)},
            )
        )
        transaction.run(
            progress.refresh_module_progress(user_id=claimed.user_id, module_id=claimed.assignment.module_id)
        )
    return True


def work(db: Database, grader: str, stopped: threading.Event, *, once: bool = False) -> int:
    """Grade what waits until ``stopped``, or with ``once`` until nothing waits; return how many were graded."""
    graded = 0
    while not stopped.is_set():
        claimed = db.run(submissions.claim_submissions(limit=4, grader=grader, lease=LEASE))
        for each in claimed:
            graded += record(db, grader, each)
        if not claimed:
            if once:
                break
            stopped.wait(_PAUSE)
    return graded


def main() -> None:
    """Work until SIGTERM or Ctrl-C: what is claimed is finished first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--once", action="store_true", help="end when nothing waits")
    options = parser.parse_args()
    stopped = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopped.set())
    with Database.connect() as db:
        print(work(db, f"{socket.gethostname()}-{os.getpid()}", stopped, once=options.once))


if __name__ == "__main__":
    main()
