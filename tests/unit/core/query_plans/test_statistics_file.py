"""``statistics.json``: what is written is read again, and what a person writes wrong is told."""

from __future__ import annotations

import pytest

from codezest_sql.core.query_plans.statistics import ColumnStatistics, Statistics, TableStatistics
from codezest_sql.core.query_plans.statistics_file import read_statistics, write_statistics
from codezest_sql.errors import StatisticsError

EMAIL = ColumnStatistics(0.25, 21, -0.5, -0.125, (0.1, 0.05), 101)
STATISTICS = Statistics(
    {
        "auth.users": TableStatistics(1000, 20, 18, {"email": EMAIL}, {"users_email_key": {"lower": EMAIL}}),
        'public."Ä.b"': TableStatistics(0, 0, 0),
        "public.by_hand": TableStatistics(5),
    },
    {"work_mem": "64MB"},
)


def test_what_is_written_is_read_again() -> None:
    assert read_statistics(write_statistics(STATISTICS), file="x") == STATISTICS


def test_each_column_is_one_line_and_tables_are_sorted() -> None:
    lines = write_statistics(STATISTICS).splitlines()
    assert (
        '    "email": {"null_frac": 0.25, "avg_width": 21, "n_distinct": -0.5, "correlation": -0.125, '
        '"most_common_freqs": [0.1, 0.05], "histogram_bounds": 101}'
    ) in lines
    assert [line.strip() for line in lines if line.startswith('  "') and line.endswith("{")] == [
        '"auth.users": {',
        '"public.\\"Ä.b\\"": {',
        '"public.by_hand": {',
    ]


def test_numbers_have_four_digits_and_frequencies_are_the_ten_greatest() -> None:
    """A sample's noise is no difference worth a commit."""
    column = ColumnStatistics(1 / 3, 8, 123456.0, 0.99999, tuple(0.05 for _ in range(30)))
    table = TableStatistics(123456, columns={"x": column})
    read = read_statistics(write_statistics(Statistics({"a.b": table})), file="x").tables["a.b"]
    assert read.rows == 123456
    assert (read.columns["x"].null_frac, read.columns["x"].n_distinct) == (0.3333, 123500)
    assert len(read.columns["x"].most_common_freqs) == 10


def test_a_file_by_hand_needs_rows_alone() -> None:
    read = read_statistics('{"tables": {"a.b": {"rows": 5e4}}}', file="x")
    assert read.tables == {"a.b": TableStatistics(50_000)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "the file is no object"),
        ('{"version": 9}', "is of another version"),
        ('{"table": {}}', "'table' is unknown"),
        ('{"planner": {"search_path": "x"}}', "'search_path' is unknown"),
        ('{"planner": {"work_mem": 4}}', "work_mem is no string"),
        ('{"tables": {"a.b": 5}}', "a.b is no object"),
        ('{"tables": {"a.b": {}}}', "a.b has no rows"),
        ('{"tables": {"a.b": {"rows": -1}}}', "a.b: rows is -1"),
        ('{"tables": {"a.b": {"rows": true}}}', "a.b: rows is true"),
        ('{"tables": {"a.b": {"rows": 1, "rowz": 1}}}', "'rowz' is unknown"),
        ('{"tables": {"a.b": {"rows": 1, "columns": {"c": {"null_frac": 2}}}}}', "a.b.c: null_frac is 2"),
        ('{"tables": {"a.b": {"rows": 1, "columns": {"c": {"n_distinct": "x"}}}}}', 'a.b.c: n_distinct is "x"'),
        ('{"tables": {"a.b": {"rows": NaN}}}', "a.b: rows is NaN"),
        ('{"tables": {"a.b": {"rows": Infinity}}}', "a.b: rows is Infinity"),
        ('{"tables": {"a.b": {"rows": 1, "columns": {"c": {"most_common_freqs": 1}}}}}', "is no list"),
        (
            '{"tables": {"a.b": {"rows": 1, "columns": {"c": {"most_common_freqs": ["secret"]}}}}}',
            'most_common_freqs is "secret"',
        ),
    ],
)
def test_a_mistake_is_told_with_a_way_out(text: str, said: str) -> None:
    with pytest.raises(StatisticsError) as caught:
        read_statistics(text, file="sql/statistics.json")
    assert said in caught.value.message
    assert caught.value.hint
    assert str(caught.value.place).startswith("sql/statistics.json")
