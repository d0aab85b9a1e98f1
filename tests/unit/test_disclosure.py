"""Counts of people: what is small is not shown, and can't be worked out from what is."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.disclosure import Protected, Rule, protect
from publish.pack_files import PackTable
from publish.ratings import RATINGS, with_protected_ratings

RULE = Rule(threshold=8, rounding=5, source="a test")
OF_A_SERVICE = {"all": ["none", "talk_through", "on_behalf"]}


def service(none: int | None, talk_through: int | None, on_behalf: int | None) -> dict[str, int]:
    parts = {"none": none, "talk_through": talk_through, "on_behalf": on_behalf}
    return parts | {"all": sum(count or 0 for count in parts.values())}  # type: ignore[dict-item]


def test_what_is_large_enough_is_rounded_and_shown() -> None:
    found = protect(service(100, 52, 8), OF_A_SERVICE, RULE)
    assert found.counts == {"none": 100, "talk_through": 50, "on_behalf": 10, "all": 160}
    assert found.suppressed == frozenset()


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (8, 10), (12, 10), (13, 15), (1002, 1000)])
def test_counts_are_rounded_to_the_nearest_multiple(count: int, shown: int) -> None:
    assert protect({"a": count}, {}, RULE).counts == {"a": shown}


@pytest.mark.parametrize("count", [1, 7])
def test_a_small_count_takes_the_next_smallest_with_it(count: int) -> None:
    found = protect(service(100, 52, count), OF_A_SERVICE, RULE)
    assert found.suppressed == {"on_behalf", "talk_through"}
    assert found.counts["none"] == 100


def test_two_small_counts_that_together_are_small_take_a_third() -> None:
    found = protect(service(100, 2, 3), OF_A_SERVICE, RULE)
    assert found.suppressed == {"none", "talk_through", "on_behalf"}
    assert found.counts["all"] == 105


def test_two_small_counts_that_together_are_not_small_are_enough() -> None:
    assert protect(service(100, 7, 3), OF_A_SERVICE, RULE).suppressed == {
        "talk_through",
        "on_behalf",
    }


def test_nobody_is_shown_and_hides_nobody() -> None:
    found = protect(service(0, 0, 3), OF_A_SERVICE, RULE)
    assert found.counts == {"none": 0, "talk_through": 0, "on_behalf": None, "all": None}


def test_where_no_cell_can_hide_another_the_total_goes() -> None:
    found = protect({"a": 3, "b": 0, "all": 20}, {"all": ["a", "b"]}, RULE)
    assert found.suppressed == {"a", "all"}


def test_a_total_is_a_cell_of_the_total_above_it() -> None:
    counts = {"a": 3, "b": 0, "c": 40, "d": 30, "left": 3, "right": 70, "all": 73}
    sums = {"left": ["a", "b"], "right": ["c", "d"], "all": ["left", "right"]}
    found = protect(counts, sums, RULE)
    assert found.suppressed == {"a", "left", "right", "d"}
    assert found.counts["all"] == 75


def test_a_count_that_is_not_there_is_neither_shown_nor_suppressed() -> None:
    found = protect({"a": None, "b": 20, "all": 20}, {"all": ["a", "b"]}, RULE)
    assert found.counts == {"a": None, "b": 20, "all": 20}
    assert found.suppressed == frozenset()


def test_a_ratio_is_of_what_is_shown() -> None:
    found = protect(service(100, 52, 8), OF_A_SERVICE, RULE)
    assert found.ratio("talk_through", "all") == 50 / 160
    hidden = protect(service(100, 52, 7), OF_A_SERVICE, RULE)
    assert hidden.ratio("talk_through", "all") is None
    assert protect({"a": 0, "all": 0}, {"all": ["a"]}, RULE).ratio("a", "all") is None


CELLS = [f"{row}{column}" for row in "abc" for column in "123"]
SUMS = {
    **{row: [f"{row}{column}" for column in "123"] for row in "abc"},
    **{column: [f"{row}{column}" for row in "abc"] for column in "123"},
    "all": ["a", "b", "c"],
}


@given(st.lists(st.integers(0, 30), min_size=9, max_size=9), st.randoms())
def test_no_sum_tells_what_is_hidden(values: list[int], random: object) -> None:
    counts = dict(zip(CELLS, values, strict=True))
    for total, cells in SUMS.items():
        counts[total] = sum(counts[cell] for cell in cells)
    found = protect(counts, SUMS, RULE)

    for key, shown in found.counts.items():
        if shown is not None:
            assert counts[key] == 0 or counts[key] >= RULE.threshold
            assert shown % RULE.rounding == 0
            assert abs(shown - counts[key]) <= RULE.rounding / 2
    for total, cells in SUMS.items():
        hidden = [cell for cell in cells if cell in found.suppressed]
        if total in found.suppressed:
            assert hidden, f"{total} is what its cells add up to"
        elif hidden:
            assert len(hidden) > 1
            assert sum(counts[cell] for cell in hidden) >= RULE.threshold
    if all(count == 0 or count >= RULE.threshold for count in counts.values()):
        assert found.suppressed == frozenset()

    order = list(counts)
    random.shuffle(order)  # type: ignore[attr-defined]
    again = protect({key: counts[key] for key in order}, dict(reversed(SUMS.items())), RULE)
    assert again == found


def solved_by_an_attacker(found: Protected) -> set[str]:
    """Hidden counts that the equations of the sums determine: those without which their rank is the
    same. Another way than the code's, on floats: the matrix holds only 0, 1 and -1."""
    hidden = sorted(found.suppressed)
    if not hidden:
        return set()
    matrix = np.zeros((len(SUMS), len(hidden)))
    for number, (total, cells) in enumerate(SUMS.items()):
        for place, key in enumerate(hidden):
            matrix[number, place] = (key in cells) - (key == total)
    rank = np.linalg.matrix_rank(matrix)
    return {
        key
        for place, key in enumerate(hidden)
        if np.linalg.matrix_rank(np.vstack([matrix, np.eye(len(hidden))[place]])) == rank
    }


@given(st.lists(st.integers(0, 30), min_size=9, max_size=9))
def test_rows_and_columns_together_do_not_tell_what_is_hidden(values: list[int]) -> None:
    counts = dict(zip(CELLS, values, strict=True))
    for total, cells in SUMS.items():
        counts[total] = sum(counts[cell] for cell in cells)
    assert solved_by_an_attacker(protect(counts, SUMS, RULE)) == set()


def test_what_each_sum_hides_by_itself_is_told_by_rows_and_columns_together() -> None:
    counts = dict(zip(CELLS, [0, 0, 23, 0, 18, 18, 7, 59, 26], strict=True))
    for total, cells in SUMS.items():
        counts[total] = sum(counts[cell] for cell in cells)
    # No sum has one hidden count. But what is hidden of the second and third column, without what
    # is hidden of row b, is what is hidden of row c without c1: row c tells c1.
    by_itself = {"c1", "1", "b2", "b3", "c2", "c3"}
    assert solved_by_an_attacker(Protected(counts, frozenset(by_itself))) == {"c1", "1"}
    found = protect(counts, SUMS, RULE)
    assert found.suppressed == {*by_itself, "3"}
    assert solved_by_an_attacker(found) == set()


def ratings(*rows: tuple[int | None, ...]) -> PackTable:
    names = [*RATINGS, "ratings_count", "satisfaction_ratio", "satisfied_ratio"]
    columns = list(zip(*rows, strict=True))
    data = {name: pa.array(columns[place]) for place, name in enumerate(names)}
    return PackTable("m.csv", pa.table(data | {"is_simulated": [False] * len(rows)}))


def test_ratings_of_a_pack_are_protected_with_their_total_and_ratios() -> None:
    table = with_protected_ratings(
        ratings(
            (100, 20, 20, 20, 41, 201, 0.4, 0.3),
            (100, 3, 20, 20, 41, 184, 0.4, 0.3),
            (90, 0, 10, 3, 2, 105, 0.1, 0.05),
            (0, 0, 0, 3, 2, 5, 0.85, 1.0),
            (*(None,) * 6, 0.9, None),
        ),
        RULE,
    )
    assert table.values("rating_5_count") == [40, None, None, None, None]
    assert table.values("rating_2_count") == [20, None, None, None, None]
    assert table.values("ratings_count") == [200, 185, 105, None, None]
    assert table.values("satisfied_ratio") == [60 / 200, 60 / 185, None, None, None]
    assert table.values("satisfaction_ratio") == [0.4, 0.4, 0.1, None, 0.9]
    stars = ", ".join(RATINGS)
    assert table.values("suppressed") == [
        None,
        stars,
        f"{stars}, satisfied_ratio",
        f"{stars}, ratings_count, satisfaction_ratio, satisfied_ratio",
        None,
    ]
    assert table.columns[-1] == "is_simulated"


def test_a_table_without_ratings_stays_as_it_is() -> None:
    table = PackTable("m.csv", pa.table({"is_simulated": [False]}))
    assert with_protected_ratings(table, RULE) is table
