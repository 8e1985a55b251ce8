"""The catalogue, enrolments and progress."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from codezest_sql.platform.queries.learning import catalogue, dashboards, enrollments, progress
from codezest_sql.platform.queries.learning.catalogue import (
    GetAssignmentRow,
    GetLanguageRow,
    GetMaterialRow,
    GetModuleRow,
    ListLanguagesRow,
)
from codezest_sql.platform.queries.learning.dashboards import GetLearnerDashboardRow
from codezest_sql.platform.queries.learning.enrollments import EnrollRow
from codezest_sql.platform.queries.learning.progress import GetModuleProgressRow, RecordMaterialProgressRow
from examples.learning_api.context import Db, Signed
from examples.learning_api.journal import note
from examples.learning_api.problems import found, refuse

router = APIRouter()


class Watched(BaseModel):
    """How far somebody is in a material."""

    percent: Annotated[int, Field(ge=0, le=100)]
    position_seconds: Annotated[int, Field(ge=0)] = 0


@router.get("/languages")
async def languages(db: Db) -> list[ListLanguagesRow]:
    """Return what can be learned."""
    return await db.run(catalogue.list_languages())


@router.get("/languages/{language_id}")
async def language(language_id: UUID, db: Db) -> GetLanguageRow:
    """Return a language with its modules."""
    return found(await db.run(catalogue.get_language(language_id=language_id)), "language")


@router.get("/modules/{module_id}")
async def module(module_id: UUID, db: Db) -> GetModuleRow:
    """Return a module with all that is in it."""
    return found(await db.run(catalogue.get_module(module_id=module_id)), "module")


@router.get("/materials/{material_id}")
async def material(material_id: UUID, db: Db) -> GetMaterialRow:
    """Return a material with its content."""
    return found(await db.run(catalogue.get_material(material_id=material_id)), "material")


@router.get("/assignments/{assignment_id}")
async def assignment(assignment_id: UUID, db: Db) -> GetAssignmentRow:
    """Return an assignment as learners see it."""
    return found(await db.run(catalogue.get_assignment(assignment_id=assignment_id)), "assignment")


@router.put("/languages/{language_id}/enrollment")
async def enroll(language_id: UUID, db: Db, live: Signed) -> EnrollRow:
    """Take up a language; again is harmless."""
    taken = found(await db.run(enrollments.enroll(user_id=live.user_id, language_id=language_id)), "open language")
    await note(
        db, "language.enrolled", "learning.language_enrollments",
        user_id=live.user_id, id=taken.id, at=taken.enrolled_at,
    )  # fmt: skip
    return taken


@router.put("/materials/{material_id}/progress")
async def watch(material_id: UUID, asked: Watched, db: Db, live: Signed) -> RecordMaterialProgressRow:
    """Note how far somebody is, and derive the module's percentage, in one transaction."""
    shown = found(await db.run(catalogue.get_material(material_id=material_id)), "material")
    _, noted, _ = await db.batch(
        progress.lock_module_progress(user_id=live.user_id, module_id=shown.module_id),
        progress.record_material_progress(
            user_id=live.user_id,
            material_id=material_id,
            percent=asked.percent,
            position_seconds=asked.position_seconds,
        ),
        progress.refresh_module_progress(user_id=live.user_id, module_id=shown.module_id),
    )
    if noted is None:
        refuse(409, "not-enrolled", "enrol in the language first")
    return noted


@router.get("/modules/{module_id}/progress")
async def module_progress(module_id: UUID, db: Db, live: Signed) -> GetModuleProgressRow:
    """Return how far who is signed in is with a module."""
    return found(await db.run(progress.get_module_progress(user_id=live.user_id, module_id=module_id)), "module")


@router.get("/me/dashboard")
async def dashboard(db: Db, live: Signed, timezone: str = "UTC") -> GetLearnerDashboardRow:
    """Return where who is signed in stands."""
    query = dashboards.get_learner_dashboard(user_id=live.user_id, timezone=timezone, limit=10)
    return found(await db.run(query), "account")
