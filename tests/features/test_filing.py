from dataclasses import replace

import numpy as np
import pytest

from features.filing import Volatile, as_filed, dated, volatile_ids


def test_only_volatile_cells_of_undated_rows_are_blanked(mills, draw):
    rows = draw(40, 1)
    filed, kept = as_filed(rows, mills), dated(rows, mills)
    assert filed["ready"][~kept].isna().all()
    assert filed["ready"][kept].equals(rows["ready"][kept])
    assert filed.drop(columns="ready").equals(rows.drop(columns="ready"))


@pytest.mark.parametrize(("volatile", "left"), [(Volatile.DROP, 0), (Volatile.KEEP, 40)])
def test_the_choice_can_be_made_for_all_rows(mills, draw, volatile, left):
    rows = draw(40, 1).assign(ready="无")
    assert as_filed(rows, mills, volatile)["ready"].notna().sum() == left


def test_a_filing_dated_on_the_review_day_is_the_filing_itself(mills, draw):
    rows = draw(3, 1)
    rows["filed"] = rows["proposed"] + np.array([-1, 0, 1], dtype="timedelta64[D]")
    assert dated(rows, mills).tolist() == [True, True, False]


def test_what_is_derived_from_a_volatile_attribute_is_volatile(mills):
    cost = replace(mills.attributes["cost"], volatile=True)
    moving = replace(mills, attributes={**mills.attributes, "cost": cost})
    assert volatile_ids(moving) == ("ready", "cost", "cover")
