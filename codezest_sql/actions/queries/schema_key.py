"""What names a schema and the server that queries are checked on, for people and as parts of a cache's key."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from codezest_sql.postgres.server.extensions import choose_binaries

if TYPE_CHECKING:
    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.settings import Settings


def schema_sha256(folder: MigrationFolder) -> str:
    """Return the hash of all that makes the schema: the files and their order."""
    facts = [[migration.id, migration.up.sha256, migration.up.transactional] for migration in folder.migrations]
    return hashlib.sha256(json.dumps(facts).encode(errors="surrogateescape")).hexdigest()


def server_name(settings: Settings, extensions: frozenset[str]) -> str:
    """Return which server answers for a schema with these extensions; starts none."""
    if settings.shadow_url is not None:
        return "the server of shadow_url"
    return f"PostgreSQL {choose_binaries(extensions).binaries.version_text}"
