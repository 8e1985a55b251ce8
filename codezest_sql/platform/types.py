"""What is inside the jsonb columns of the CodeZest schema, as Pydantic types.

Named in ``[tool.codezest-sql.json_types]``, so that models, rows and parameters of the generated code have them. A
document outlives the code that wrote it, which decides three things:

- unknown keys are kept: a service that is a release behind writes back what it does not know;
- a field that was not given is not written, so that a document holds only what was given;
- what is read is not judged more strictly than it was when it was written: numbers have bounds only where every
  writer has them, and a text that lists values in its description is still a text.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SerializerFunctionWrapHandler, model_serializer

__all__ = [
    "AIResult",
    "CodeExample",
    "Document",
    "LineItem",
    "Metadata",
    "Preferences",
    "SocialLinks",
    "TestCase",
    "TestResult",
]

Metadata = dict[str, JsonValue]
"""What a writer stores with a row: metadata of transactions, data of notifications, of events."""


class Document(BaseModel):
    """A JSON object in a column: frozen, compared by value, with unknown keys kept in ``model_extra``."""

    # What JSON has no number for is refused by the server; written as null, it would be another value.
    model_config = ConfigDict(frozen=True, extra="allow", ser_json_inf_nan="constants")

    @model_serializer(mode="wrap")
    def _leave_out_what_was_not_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A missing key and a null are two things to ``jsonb ||`` and ``?``: a default of None is not written."""
        written: dict[str, Any] = handler(self)
        given = self.model_fields_set
        return {name: value for name, value in written.items() if value is not None or name in given}


class CodeExample(Document):
    """``learning.materials.code``: what a learner reads, and can run."""

    language: str = Field(description="Slug of the programming language, as in learning.programming_languages.")
    source: str = Field(description="The program.")
    output: str | None = Field(default=None, description="What it prints.")


class TestCase(Document):
    """``learning.assignments.test_cases``: one input for the learner's program, and what must come out."""

    __test__: ClassVar[bool] = False  # to pytest this is no class of tests

    name: str = Field(description="What the learner sees of it, passed or failed.")
    input: str = Field(description="Standard input of the program.")
    expected_output: str = Field(
        description="Standard output that passes; white space at the end of lines is ignored."
    )
    is_hidden: bool = Field(default=False, description="Whether input and expected output are kept from the learner.")


class TestResult(Document):
    """``learning.assignment_submissions.test_results``: what became of one test case, by its name."""

    __test__: ClassVar[bool] = False

    name: str = Field(description="Name of the test case.")
    passed: bool
    duration_ms: int = Field(ge=0, description="Milliseconds that the program ran.")
    output: str | None = Field(default=None, description="What came out, where it may be shown.")
    message: str | None = Field(default=None, description="Why it failed.")


class AIResult(Document):
    """``ai_result`` of an analysis: a model's opinion of a submission or an attempt."""

    summary: str
    strengths: list[str] = Field(default_factory=list[str])
    improvements: list[str] = Field(default_factory=list[str])
    score: int | None = Field(default=None, ge=0, le=100, description="Per cent, where the model gives a mark.")


class LineItem(Document):
    """``payments.invoices.line_items``: one line. Amounts are in minor units of the invoice's currency."""

    description: str
    quantity: int = Field(ge=1)
    unit_amount_minor: int = Field(description="Of one; negative for a discount.")
    amount_minor: int = Field(description="Of the line.")


class SocialLinks(Document):
    """``auth.user_profiles.social_links``: the person's other sites; any other site is an extra key."""

    website: str | None = Field(default=None, description="URL.")
    github: str | None = Field(default=None, description="URL or name of the account.")
    linkedin: str | None = Field(default=None, description="URL or name of the account.")
    mastodon: str | None = Field(default=None, description="URL of the account.")


class Preferences(Document):
    """``auth.user_profiles.preferences``: how the platform looks to this person."""

    theme: str | None = Field(default=None, description="light, dark or system.")
    editor_font_size: int | None = Field(default=None, ge=1, description="Pixels.")
    editor_keymap: str | None = Field(default=None, description="default, vim or emacs.")
    weekly_goal_minutes: int | None = Field(
        default=None, ge=0, description="How long the person wants to learn a week."
    )
