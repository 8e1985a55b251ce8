"""How long a test waits for what must happen. A wait ends by progress; this limit only ends a run that hangs."""

from __future__ import annotations

PATIENCE = 600.0
"""Seconds. Nothing takes a hundredth of it on an idle machine, so a slow or busy one cannot fail by it."""
