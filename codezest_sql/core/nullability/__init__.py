"""Which columns can be NULL, and which parameters: from the server's own query tree and facts of its catalogue.

Whatever is not proven, not known or not expected can be NULL. Nothing here speaks to a server.
"""

from __future__ import annotations

from codezest_sql.core.nullability.analysis import Nullability, analyse_tree
from codezest_sql.core.nullability.facts import CatalogueFacts

__all__ = ["CatalogueFacts", "Nullability", "analyse_tree"]
