"""The documents: Pydantic models with the name of their collection and its indexes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a collection: fields with 1 or -1.

    With ``expire_after`` (seconds) the server deletes documents so long after the time that their one field holds.
    """

    fields: tuple[tuple[str, int], ...]
    unique: bool = False
    expire_after: int | None = None

    @property
    def name(self) -> str:
        """The name that MongoDB gives such an index."""
        return "_".join(f"{field}_{order}" for field, order in self.fields)


def _now() -> datetime:
    # MongoDB keeps milliseconds: what is read again is what was written.
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class Document(BaseModel):
    """What every document has. A model names its collection and its indexes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    collection: ClassVar[str]
    indexes: ClassVar[tuple[Index, ...]] = ()

    id: UUID = Field(default_factory=uuid4)
    created_at: AwareDatetime = Field(default_factory=_now)


class ExecutionLog(Document):
    """What a graded run printed. Kept for 30 days: the result itself is in learning.assignment_submissions."""

    collection = "execution_logs"
    indexes: ClassVar[tuple[Index, ...]] = (
        Index((("created_at", 1),), expire_after=30 * DAY),
        Index((("user_id", 1), ("submission_id", 1), ("created_at", -1))),
    )

    user_id: UUID
    submission_id: UUID
    test_case: str | None = Field(default=None, max_length=200, description="Its name; None for the whole run.")
    stdout: str = Field(default="", max_length=1_000_000)
    stderr: str = Field(default="", max_length=1_000_000)
    exit_code: int | None = Field(default=None, description="None where the run was stopped.")
    duration_ms: int = Field(ge=0)


class ContentRevision(Document):
    """A version of a material's body, numbered from 1; the newest one is what learning.materials has."""

    collection = "content_revisions"
    indexes: ClassVar[tuple[Index, ...]] = (Index((("material_id", 1), ("revision", -1)), unique=True),)

    material_id: UUID
    revision: int = Field(ge=1)
    body: str
    author_id: UUID | None = None
    comment: str | None = Field(default=None, max_length=500)


class Speaker(StrEnum):
    """The author of a message in a conversation with a model."""

    SYSTEM = "system"
    USER = "user"
    MODEL = "model"


class Utterance(BaseModel):
    """One turn of an exchange."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    speaker: Speaker
    text: str


class AnalysisTranscript(Document):
    """The whole conversation with a model for one analysis. Kept for half a year."""

    collection = "analysis_transcripts"
    indexes: ClassVar[tuple[Index, ...]] = (
        Index((("created_at", 1),), expire_after=180 * DAY),
        Index((("user_id", 1), ("analysis_id", 1))),
    )

    user_id: UUID
    analysis_id: UUID
    ai_model: str = Field(min_length=1)
    utterances: list[Utterance]
    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)


DOCUMENTS: tuple[type[Document], ...] = (ExecutionLog, ContentRevision, AnalysisTranscript)
