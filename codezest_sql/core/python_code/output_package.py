"""Where generated code goes: a folder of the project, and the package that Python finds there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OutputPackage:
    """``folder`` is relative to the project, with ``/``; ``package`` is the dotted name by which it is imported."""

    folder: str
    package: str
