import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalog import Attribute, Dimension, Kind
from features.catalogs.reader import parse_catalog
from features.errors import CatalogError
from features.words import Language, Words

MILL = """
name = "mill"
entry = "filed"
key = "ref"
period_months = 6
reporting_lag_months = 0
[attribute.ref]
kind = "key"
[attribute.filed]
kind = "date"
[attribute.size]
kind = "number"
dimension = "market"
minimum = 0
maximum = 100
typical = [2, 40]
[attribute.leased]
kind = "flag"
dimension = "delivery"
typical = 0.3
[attribute.stage]
kind = "ordinal"
dimension = "delivery"
levels = ["none", "asked", "granted"]
levels_en = ["None", "Asked", "Granted"]
synonyms = { "applied" = "asked" }
typical = { "asked" = 0.5 }
[attribute.trade]
kind = "category"
dimension = "context"
levels = ["flour", "paper"]
typical = { "flour" = 0.9 }
[attribute.secret]
kind = "number"
dimension = "audit_only"
[attribute.begun]
kind = "date"
known = "later"
[milestone.landed]
columns = ["begun"]
[clock.landed]
horizon_months = 12
"""


def faults(old: str, new: str) -> list[str]:
    assert MILL.count(old) == 1
    with pytest.raises(CatalogError) as caught:
        parse_catalog(MILL.replace(old, new), "mill")
    for problem in caught.value.problems:
        assert re.search(r"[\u4e00-\u9fff]", problem.said(Language.ZH))
    return [str(problem) for problem in caught.value.problems]


def stage(shares: dict[str, float], levels: tuple[str, ...]) -> Attribute:
    return Attribute("s", Words("阶段", "s"), Kind.ORDINAL, Dimension.DELIVERY, levels=levels, shares=shares)


def test_each_kind_says_what_is_typical_in_its_own_form():
    attributes = parse_catalog(MILL, "mill").attributes
    assert (attributes["size"].typical, attributes["size"].answer_shares) == ((2.0, 40.0), ())
    assert (attributes["leased"].answers, attributes["leased"].answer_shares) == (("no", "yes"), (0.7, 0.3))
    assert (attributes["stage"].typical, attributes["stage"].answer_shares) == (None, (0.25, 0.5, 0.25))
    assert attributes["trade"].answer_shares == pytest.approx((0.9, 0.1))
    assert (attributes["secret"].typical, attributes["secret"].shares) == (None, {})


def test_where_nothing_is_said_every_answer_is_as_common_as_another():
    said = MILL.replace("typical = 0.3\n", "").replace('typical = { "asked" = 0.5 }\n', "typical = {}\n")
    attributes = parse_catalog(said, "mill").attributes
    assert attributes["leased"].answer_shares == (0.5, 0.5)
    assert attributes["stage"].answer_shares == pytest.approx((1 / 3, 1 / 3, 1 / 3))


@given(st.lists(st.integers(0, 50), min_size=2, max_size=8).filter(sum), st.data())
def test_shares_of_answers_add_up_to_one_and_none_is_negative(counts, data):
    levels = tuple(f"level {i}" for i in range(len(counts)))
    named = data.draw(st.sets(st.sampled_from(range(len(counts))), max_size=len(counts) - 1))
    shares = stage({levels[i]: counts[i] / sum(counts) for i in named}, levels).answer_shares
    assert sum(shares) == pytest.approx(1)
    assert min(shares) >= 0
    assert len({share for i, share in enumerate(shares) if i not in named}) == 1


@pytest.mark.parametrize("thirds", ['"none" = 0.1, "asked" = 0.2, "granted" = 0.7', '"none" = 0.7, "asked" = 0.3'])
def test_a_sum_may_miss_one_by_the_digits_of_a_machine(thirds):
    parse_catalog(MILL.replace('{ "asked" = 0.5 }', f"{{ {thirds} }}"), "mill")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "[2, 40]",
            "[40, 2]",
            "size.typical: the low value must be below the high one (10th and 90th percentile); got 40",
        ),
        ("[2, 40]", "[2, 2]", "size.typical: the low value must be below the high one"),
        ("[2, 40]", "[-1, 40]", "size.typical: must lie between minimum and maximum; got -1 and 40; correct"),
        ("[2, 40]", "[2, 101]", "size.typical: must lie between minimum and maximum; got 2 and 101; correct"),
        ("[2, 40]", "[2]", "size.typical: must be two numbers, [low, high]; got [2]"),
        ("[2, 40]", "[2, inf]", "size.typical: must be two numbers, [low, high]; got [2, inf]"),
        ("[2, 40]", "[false, true]", "size.typical: must be two numbers, [low, high]; got [False, True]"),
        ("[2, 40]", "40", "size.typical: must be two numbers, [low, high]; got 40"),
        ("[2, 40]", '{ "a" = 0.5 }', "size.typical: must be two numbers, [low, high]; got {'a': 0.5}"),
        (
            "= 0.3",
            "= 0",
            "leased.typical: must be the share that is yes, above 0 and below 1; got 0; correct it, as in 0.3",
        ),
        ("= 0.3", "= 1", "leased.typical: must be the share that is yes, above 0 and below 1; got 1; correct it"),
        (
            "= 0.3",
            "= 30",
            "leased.typical: must be the share that is yes, above 0 and below 1; got 30; write 30 % as 0.3",
        ),
        ("= 0.3", "= -0.3", "leased.typical: must be the share that is yes, above 0 and below 1; got -0.3; correct it"),
        ("= 0.3", "= true", "leased.typical: must be the share that is yes, above 0 and below 1; got True; correct it"),
        ("= 0.3", "= nan", "leased.typical: must be the share that is yes, above 0 and below 1; got nan; correct it"),
        ("= 0.3", "= [0.3, 0.7]", "leased.typical: must be the share that is yes, above 0 and below 1; got [0.3, 0.7]"),
        ('{ "asked" = 0.5 }', "0.5", 'stage.typical: must give levels their shares, as in { "level" = 0.2 }; got 0.5'),
        ('{ "asked" = 0.5 }', "[0, 1]", "stage.typical: must give levels their shares"),
        (
            '"asked" = 0.5',
            '"aksed" = 0.5',
            "stage.typical.aksed: must name a level (none, asked, granted); got 'aksed'; did",
        ),
        (
            '"asked" = 0.5',
            '"applied" = 0.5',
            "stage.typical.applied: must name a level (none, asked, granted); got 'appl",
        ),
        (
            '"asked" = 0.5',
            '"asked" = 50',
            "stage.typical.asked: must be a share from 0 to 1; got 50; write 20 % as 0.2",
        ),
        ('"asked" = 0.5', '"asked" = -0.1', "stage.typical.asked: must be a share from 0 to 1; got -0.1"),
        ('"asked" = 0.5', '"asked" = "half"', "stage.typical.asked: must be a share from 0 to 1; got 'half'"),
        (
            '"asked" = 0.5',
            '"none" = 0.7, "asked" = 0.5',
            "stage.typical: shares must add up to 1 at most; got 1.2; correct",
        ),
        (
            '"asked" = 0.5',
            '"none" = 0.3, "asked" = 0.3, "granted" = 0.3',
            "stage.typical: shares of all levels must add up to 1; got 0.9; correct them, or leave out a level",
        ),
        ('"asked" = 0.5', '"asked" = 1', "stage.typical: two levels at least must have a share, or no projects differ"),
        (
            'levels = ["flour", "paper"]\n',
            "",
            "trade.typical: shares are those of levels, and there are none here; list",
        ),
        (
            'dimension = "audit_only"',
            'dimension = "audit_only"\ntypical = [0, 1]',
            "secret.typical: only number, integer, flag, ordinal and category features have typical values; got kind"
            " number, dimension audit_only; drop it",
        ),
        (
            'kind = "key"',
            'kind = "key"\ntypical = 0.5',
            "ref.typical: only number, integer, flag, ordinal and category",
        ),
    ],
)
def test_what_is_typical_in_a_wrong_form_is_one_fault_that_says_what_to_write(old, new, message):
    [told] = faults(old, new)
    assert told.startswith(f"attribute.{message}")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('kind = "flag"', 'kind = "flga"', "attribute.leased.kind"),
        ('["none", "asked", "granted"]', "[]", "attribute.stage.levels"),
        ('["flour", "paper"]', '["flour", 3]', "attribute.trade.levels"),
    ],
)
def test_where_kind_or_levels_are_wrong_no_second_fault_is_told_of_what_hangs_on_them(old, new, place):
    assert not [told for told in faults(old, new) if ".typical" in told]
    assert [told for told in faults(old, new) if told.startswith(f"{place}: ")]
