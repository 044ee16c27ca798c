import pytest

from scoring.outcomes.orders import open_dates


def feed(*cells):
    return [(line, [cell]) for line, cell in enumerate(cells, start=2)]


@pytest.mark.parametrize("mark", ["/", "-", "."])
def test_dates_that_may_be_either_are_told_where_both_orders_stand(mark):
    cells = [c.replace("/", mark) for c in ("25/03/2024", "05/03/2024", "03/25/2024", "04/04/2024", "2024-03-05")]
    (problem,) = open_dates(feed(*cells), ["date"])
    assert (problem.line, problem.column) == (3, "date")
    assert "line 4" in str(problem)


def test_a_slip_among_many_dates_leaves_the_others_alone():
    assert list(open_dates(feed(*["05/03/2024"] * 500, "03/25/2024"), ["date"])) == []


def test_columns_are_judged_apart():
    rows = [(2, ["03/25/2024", "05/03/2024"]), (3, ["25/03/2024", "06/03/2024"])]
    assert list(open_dates(rows, ["first", "second"])) == []
