"""All rules, in families: a module for each, which a page of the documents is made from."""

from __future__ import annotations

from codezest_sql.core.lint.rules.columns import COLUMN_RULES
from codezest_sql.core.lint.rules.compatibility import COMPATIBILITY_RULES
from codezest_sql.core.lint.rules.constraints import CONSTRAINT_RULES
from codezest_sql.core.lint.rules.data import DATA_RULES
from codezest_sql.core.lint.rules.indexes import INDEX_RULES
from codezest_sql.core.lint.rules.partitions import PARTITION_RULES
from codezest_sql.core.lint.rules.security import SECURITY_RULES
from codezest_sql.core.lint.rules.style import STYLE_RULES
from codezest_sql.core.lint.rules.tables import TABLE_RULES
from codezest_sql.core.lint.rules.transactions import TRANSACTION_RULES

FAMILIES = (
    ("Columns", COLUMN_RULES),
    ("Constraints", CONSTRAINT_RULES),
    ("Indexes and views", INDEX_RULES),
    ("Tables", TABLE_RULES),
    ("Partitions", PARTITION_RULES),
    ("Transactions and locks", TRANSACTION_RULES),
    ("Data", DATA_RULES),
    ("Code that still runs", COMPATIBILITY_RULES),
    ("Rights", SECURITY_RULES),
    ("Names, types and files", STYLE_RULES),
)
RULES = tuple(rule for _, rules in FAMILIES for rule in rules)
BY_CODE = {rule.code: rule for rule in RULES}
