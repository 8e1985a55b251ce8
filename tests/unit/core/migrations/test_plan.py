"""Files and history to a plan: what runs, in which order, and every reason for which nothing may."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.core.migrations.files.folder import MigrationFolder
from codezest_sql.core.migrations.files.script import Migration, Script
from codezest_sql.core.migrations.history import Applied, Direction, History, JournalEntry, StatementState
from codezest_sql.core.migrations.plan import Plan, Step, check_history, plan_down, plan_up, require_plan, resolve
from codezest_sql.errors import (
    CodezestError,
    ExitCode,
    HalfRunError,
    IntegrityErrors,
    PlanChangedError,
    ProjectErrors,
    RollbackMissingError,
    UsageError,
)

WHEN = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def script(name: str, text: str) -> Script:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Script(f"m/{name}.sql", text, digest, transactional=True, statements=())


def migration(name: str, text: str | None = None, *, rollback: bool = True) -> Migration:
    down = script(f"{name}.rollback", f"undo {name}") if rollback else None
    return Migration(name, script(name, f"do {name}" if text is None else text), down)


def folder(*migrations: Migration | str) -> MigrationFolder:
    return MigrationFolder("m", tuple(migration(m) if isinstance(m, str) else m for m in migrations))


def applied(name: str, text: str | None = None, *, by_yoyo: bool = False) -> Applied:
    return Applied(name, None if by_yoyo else migration(name, text).up.sha256, WHEN)


def history(*entries: Applied | str, journal: tuple[JournalEntry, ...] = ()) -> History:
    return History("public", tuple(applied(e) if isinstance(e, str) else e for e in entries), journal)


def half(name: str, direction: Direction) -> JournalEntry:
    return JournalEntry(name, direction, 1, "VACUUM", StatementState.DONE, WHEN)


def ids(plan: Plan) -> list[str]:
    return [step.migration.id for step in plan.steps]


def told(errors: list[CodezestError] | tuple[CodezestError, ...]) -> list[str]:
    assert all(error.hint for error in errors)
    return [
        f"{error.place}: {error.message} [{error.code}]" if error.place else f"{error.message} [{error.code}]"
        for error in errors
    ]


def refused_up(found: MigrationFolder, known: History, *, to: str | None = None) -> list[str]:
    with pytest.raises(IntegrityErrors) as caught:
        plan_up(found, known, to=to)
    assert caught.value.exit_code is ExitCode.DRIFT
    return told(caught.value.errors)


# --- up --------------------------------------------------------------------------------------------------------


def test_what_is_not_applied_runs_in_the_order_of_the_folder() -> None:
    plan = plan_up(folder("a", "b", "c"), history("a"))
    assert ids(plan) == ["b", "c"]
    assert {step.direction for step in plan.steps} == {Direction.UP}
    assert [step.script.text for step in plan.steps] == ["do b", "do c"]


def test_where_all_is_applied_nothing_runs() -> None:
    assert plan_up(folder("a", "b"), history("a", "b")).steps == ()


def test_the_order_of_application_does_not_matter_to_what_is_pending() -> None:
    assert ids(plan_up(folder("a", "b", "c"), history("b", "a"))) == ["c"]


@pytest.mark.parametrize(("to", "expected"), [("a", []), ("b", ["b"]), ("c", ["b", "c"]), ("c.sql", ["b", "c"])])
def test_up_to_a_migration_stops_behind_it(to: str, expected: list[str]) -> None:
    assert ids(plan_up(folder("a", "b", "c", "d"), history("a"), to=to)) == expected


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[str], int]:
    count = draw(st.integers(1, 15))
    return [f"{number:04}" for number in range(count)], draw(st.integers(0, count))


@given(runs())
def test_up_and_then_down_by_as_many_leads_back(run: tuple[list[str], int]) -> None:
    names, done = run
    before = history(*names[:done])
    up = plan_up(folder(*names), before)
    assert ids(up) == names[done:]
    after = history(*names)
    if up.steps:
        assert ids(plan_down(folder(*names), after, steps=len(up.steps))) == list(reversed(ids(up)))


# --- integrity -------------------------------------------------------------------------------------------------


def test_an_edited_migration_is_told() -> None:
    assert refused_up(folder(migration("a", "do something else"), "b"), history("a")) == [
        "m/a.sql: was edited after it was applied on 2026-01-31 09:30 UTC [edited-migration]"
    ]


def test_an_edited_rollback_is_no_disagreement() -> None:
    """It did not run; a mistake in it must be correctable. ``migrations.sum`` guards it."""
    edited = replace(migration("a"), down=script("a.rollback", "undo a better"))
    assert check_history(folder(edited), history("a")) == []


def test_a_renamed_migration_is_told_with_both_names() -> None:
    assert refused_up(folder(migration("z", "do a")), history("a")) == [
        "m/z.sql: a was applied on 2026-01-31 09:30 UTC; its content is z now [renamed-migration]"
    ]


def test_two_migrations_that_changed_places_are_told() -> None:
    assert refused_up(folder(migration("a", "do b"), migration("b", "do a")), history("a", "b")) == [
        "m/a.sql: holds what was applied as b: the files were reordered [edited-migration]",
        "m/b.sql: holds what was applied as a: the files were reordered [edited-migration]",
    ]


def test_a_migration_that_became_a_copy_of_another_is_edited() -> None:
    assert refused_up(folder("a", migration("b", "do a")), history("a", "b")) == [
        "m/b.sql: was edited after it was applied on 2026-01-31 09:30 UTC [edited-migration]"
    ]


def test_a_database_ahead_of_the_folder_is_told() -> None:
    """An old checkout must not continue as if it knew everything."""
    assert refused_up(folder("a"), history("a", "b")) == [
        "b was applied on 2026-01-31 09:30 UTC, and there is no such file in m [missing-migration]"
    ]


def test_a_missing_migration_whose_content_another_applied_one_has_is_missing() -> None:
    assert refused_up(folder(migration("b", "do a")), history("a", applied("b", "do a"))) == [
        "a was applied on 2026-01-31 09:30 UTC, and there is no such file in m [missing-migration]"
    ]


def test_what_yoyo_applied_has_no_content_to_compare() -> None:
    known = history(applied("a", by_yoyo=True), applied("b", by_yoyo=True))
    assert ids(plan_up(folder("a", migration("b", "edited"), "c"), known)) == ["c"]


def test_a_pending_file_before_an_applied_one_is_refused() -> None:
    """Elsewhere it ran, or will run, in the order of the files."""
    assert refused_up(folder("a", "b", "c", "d"), history("a", "c")) == [
        "m/b.sql: b comes before c, which is applied already [out-of-order]"
    ]


def test_a_pending_file_before_an_applied_one_may_be_allowed() -> None:
    found, known = folder("a", "b", "c", "d"), history("a", "c")
    assert ids(plan_up(found, known, allow_out_of_order=True)) == ["b", "d"]
    with pytest.raises(IntegrityErrors):
        plan_up(folder("b", "c", "d"), known, allow_out_of_order=True)  # a is missing all the same


def test_all_disagreements_are_told_at_once() -> None:
    assert len(refused_up(folder(migration("a", "x"), "b", "c"), history("a", "c", "gone"))) == 3


# --- down ------------------------------------------------------------------------------------------------------


def test_down_undoes_the_last_one() -> None:
    plan = plan_down(folder("a", "b", "c"), history("a", "b"))
    assert ids(plan) == ["b"]
    assert plan.steps[0].direction is Direction.DOWN
    assert plan.steps[0].script.text == "undo b"


@pytest.mark.parametrize(
    ("steps", "expected"), [(1, ["c"]), (2, ["c", "b"]), (3, ["c", "b", "a"]), (99, ["c", "b", "a"])]
)
def test_down_undoes_several_in_reverse(steps: int, expected: list[str]) -> None:
    assert ids(plan_down(folder("a", "b", "c"), history("a", "b", "c"), steps=steps)) == expected


def test_last_is_by_the_order_of_the_files() -> None:
    """Whatever was allowed to run out of order."""
    assert ids(plan_down(folder("a", "b", "c"), history("a", "c", "b"))) == ["c"]


@pytest.mark.parametrize(("to", "expected"), [("a", ["c", "b"]), ("b", ["c"]), ("c", [])])
def test_down_to_a_migration_keeps_it(to: str, expected: list[str]) -> None:
    assert ids(plan_down(folder("a", "b", "c"), history("a", "b", "c"), to=to)) == expected


def test_down_to_one_that_is_not_applied_is_refused() -> None:
    with pytest.raises(UsageError, match="b is not applied"):
        plan_down(folder("a", "b"), history("a"), to="b")


def test_where_nothing_is_applied_nothing_is_undone() -> None:
    assert plan_down(folder("a"), history()).steps == ()


def test_down_takes_a_number_from_one_on() -> None:
    with pytest.raises(UsageError, match="from 1 on"):
        plan_down(folder("a"), history("a"), steps=0)


def test_a_missing_rollback_file_stops_everything() -> None:
    """Before the first of several is undone; each missing one is told."""
    found = folder(migration("a", rollback=False), migration("b", rollback=False), "c")
    with pytest.raises(ProjectErrors) as caught:
        plan_down(found, history("a", "b", "c"), steps=3)
    assert told(caught.value.errors) == [
        "m/a.sql: a has no rollback file [rollback-missing]",
        "m/b.sql: b has no rollback file [rollback-missing]",
    ]
    assert ids(plan_down(found, history("a", "b", "c"))) == ["c"]


def test_a_step_down_without_a_rollback_file_has_no_script() -> None:
    with pytest.raises(RollbackMissingError):
        _ = Step(migration("a", rollback=False), Direction.DOWN).script


def test_down_checks_the_history_as_up_does() -> None:
    with pytest.raises(IntegrityErrors):
        plan_down(folder(migration("a", "edited"), "b"), history("a", "b"))


def test_down_ignores_what_comes_before_an_applied_one() -> None:
    """A pending file out of order is no reason not to undo another."""
    assert ids(plan_down(folder("a", "b"), history("b"))) == ["b"]


# --- half run --------------------------------------------------------------------------------------------------


def test_a_half_applied_migration_is_finished_by_up() -> None:
    known = history("a", journal=(half("b", Direction.UP),))
    assert ids(plan_up(folder("a", "b", "c"), known)) == ["b", "c"]


def test_a_half_applied_migration_is_not_passed_by() -> None:
    known = history("a", journal=(half("c", Direction.UP),))
    with pytest.raises(HalfRunError, match="c is half applied") as caught:
        plan_up(folder("a", "b", "c"), known, to="b")
    assert str(caught.value.place) == "m/c.sql"
    assert caught.value.hint == 'finish it with "codezest-sql migrate up", or see "codezest-sql migrate repair"'


def test_down_is_refused_while_a_migration_is_half_applied() -> None:
    with pytest.raises(HalfRunError, match="b is half applied"):
        plan_down(folder("a", "b"), history("a", journal=(half("b", Direction.UP),)))


def test_up_is_refused_while_a_migration_is_half_rolled_back() -> None:
    with pytest.raises(HalfRunError, match="b is half rolled back") as caught:
        plan_up(folder("a", "b", "c"), history("a", "b", journal=(half("b", Direction.DOWN),)))
    assert caught.value.hint == 'finish it with "codezest-sql migrate down", or see "codezest-sql migrate repair"'


def test_a_half_rolled_back_migration_is_finished_by_down() -> None:
    known = history("a", "b", journal=(half("b", Direction.DOWN),))
    assert ids(plan_down(folder("a", "b"), known)) == ["b"]
    with pytest.raises(HalfRunError, match="a is half rolled back"):
        plan_down(folder("a", "b"), history("a", "b", journal=(half("a", Direction.DOWN),)))


def test_a_half_run_migration_without_a_file_is_told() -> None:
    with pytest.raises(HalfRunError, match="gone is half applied") as caught:
        plan_up(folder("a"), history("a", journal=(half("gone", Direction.UP),)))
    assert caught.value.place is None


# --- names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["0002_badges", "0002_badges.sql", "0002", "0002_b"])
def test_a_migration_is_meant_by_its_id_or_by_a_beginning_that_only_it_has(name: str) -> None:
    assert resolve(folder("0001_users", "0002_badges"), name).id == "0002_badges"


def test_an_id_that_is_the_beginning_of_another_is_meant_itself() -> None:
    assert resolve(folder("0001_a", "0001_a_b"), "0001_a").id == "0001_a"


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("000", "000 could mean 0001_users, 0002_badges", "write more of the name"),
        ("0001_user_s", "there is no migration '0001_user_s'", "did you mean 0001_users?"),
        ("zzz", "there is no migration 'zzz'", '"codezest-sql migrate status" lists them'),
        ("", "there is no migration ''", '"codezest-sql migrate status" lists them'),
        (".sql", "there is no migration '.sql'", '"codezest-sql migrate status" lists them'),
    ],
)
def test_a_name_that_means_none_or_several_is_refused(name: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(folder("0001_users", "0002_badges"), name)
    assert (caught.value.message, caught.value.hint) == (message, hint)


# --- the name of a plan ----------------------------------------------------------------------------------------


def test_the_same_steps_with_the_same_content_have_the_same_name() -> None:
    """In every process and version: it travels from the reviewer to the deployer."""
    plan = plan_up(folder("a", "b"), history())
    assert plan.sha256 == plan_up(folder("a", "b"), history()).sha256
    expected = hashlib.sha256(
        f'["codezest-sql plan 1", [["up", "a", "{migration("a").up.sha256}"], '
        f'["up", "b", "{migration("b").up.sha256}"]]]'.encode()
    )
    assert plan.sha256 == expected.hexdigest()


def test_any_other_steps_have_another_name() -> None:
    names = {
        plan_up(folder("a", "b"), history()).sha256,
        plan_up(folder("a", "b"), history("a")).sha256,
        plan_up(folder("a", "c"), history()).sha256,
        plan_up(folder("a", migration("b", "edited")), history()).sha256,
        plan_up(folder("b", "a"), history()).sha256,
        plan_down(folder("a", "b"), history("a", "b"), steps=2).sha256,
        Plan().sha256,
    }
    assert len(names) == 7


@pytest.mark.parametrize("digits", [12, 40, 64])
def test_a_plan_is_named_by_its_digits_or_the_first_of_them(digits: int) -> None:
    plan = plan_up(folder("a"), history())
    require_plan(plan, plan.sha256[:digits])
    require_plan(plan, plan.sha256[:digits].upper())


def test_another_plan_is_refused() -> None:
    plan = plan_up(folder("a"), history())
    other = plan_up(folder("a", "b"), history()).sha256
    with pytest.raises(PlanChangedError) as caught:
        require_plan(plan, other)
    assert caught.value.message == f"what would run now is plan {plan.sha256[:12]}, not {other[:12]}"
    assert caught.value.exit_code is ExitCode.DRIFT


def test_nothing_to_run_is_within_every_plan() -> None:
    """Of two deployers with the same reviewed plan, the second one finds it done."""
    require_plan(Plan(), plan_up(folder("a"), history()).sha256)


@pytest.mark.parametrize("name", ["", "abc", "0" * 11, "0" * 65, "g" * 12, "0" * 12 + "\n", "\u0661" * 12])
def test_what_is_no_name_of_a_plan_is_a_mistake_of_the_command_line(name: str) -> None:
    with pytest.raises(UsageError, match="12 to 64 hexadecimal digits"):
        require_plan(plan_up(folder("a"), history()), name)


def test_a_thousand_migrations_are_planned_at_once() -> None:
    names = [f"{number:05}" for number in range(1000)]
    assert ids(plan_up(folder(*names), history(*names[:999]))) == names[999:]
