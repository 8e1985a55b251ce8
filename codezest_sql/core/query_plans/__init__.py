"""EXPLAIN plans of queries, statistics and budgets."""
