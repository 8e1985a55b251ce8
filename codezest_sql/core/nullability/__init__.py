"""Which columns can be NULL, and which parameters: from the server's own query tree and facts of its catalog.

Whatever is not verified, not known or not expected can be NULL. Nothing here speaks to a server.
"""

from __future__ import annotations

from codezest_sql.core.nullability.analysis import Nullability, analyse_tree
from codezest_sql.core.nullability.facts import CatalogFacts

__all__ = ["CatalogFacts", "Nullability", "analyse_tree"]
