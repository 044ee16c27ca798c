from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.catalog import ASKED, Clock
from features.errors import Refused
from features.words import Language
from models.bundle import contents, load, model_hash, save
from models.recipe import read_recipe
from models.training import asked_model, groups, known_on, train

RECIPE = read_recipe()
QUICK = replace(
    RECIPE,
    trees=replace(RECIPE.trees, rounds=40),
    level=replace(RECIPE.level, folds=2),
    bag=replace(RECIPE.bag, members=3),
)
DAY = np.datetime64("2017-12-31")


@pytest.fixture(scope="module")
def history(register):
    return register.history.iloc[::2].reset_index(drop=True)


@pytest.fixture(scope="module")
def early(history, zhaoshang):
    return train(history, zhaoshang, as_of=DAY, snapshot=np.datetime64("2019-12-31"), recipe=QUICK)


def test_the_same_history_in_any_order_recipe_and_seed_give_the_same_hash(history, zhaoshang, early):
    turned = history.sample(frac=1, random_state=7, ignore_index=True)[sorted(history.columns, reverse=True)]
    assert turned[zhaoshang.key].tolist() != history[zhaoshang.key].tolist()
    assert turned.columns.tolist() != history.columns.tolist()
    again = train(turned, zhaoshang, as_of=DAY, snapshot=np.datetime64("2019-12-31"), recipe=QUICK)
    assert model_hash(again) == model_hash(early)


def test_another_seed_gives_another_model(history, zhaoshang, early):
    other = train(history, zhaoshang, as_of=DAY, snapshot=np.datetime64("2019-12-31"), recipe=replace(QUICK, seed=1))
    assert model_hash(other) != model_hash(early)


def test_what_comes_after_the_day_changes_nothing(history, zhaoshang, early):
    later = history.copy()
    dates = [a.id for a in zhaoshang.attributes.values() if a.id in later and later[a.id].dtype.kind == "M"]
    for column in dates:
        if column != zhaoshang.entry:
            after = later[column] > pd.Timestamp(DAY)
            later.loc[after, column] = pd.Timestamp("2019-01-01")
    unborn = later[zhaoshang.entry] >= pd.Timestamp(DAY)
    assert unborn.sum() > 20
    assert all(hazard.trees.text for hazard in early.hazards.values())
    numbers = [c for c in later if later[c].dtype == np.float64]
    later.loc[unborn, numbers] = 1.0
    later.loc[unborn, zhaoshang.key] = "SYN-renamed"
    later.loc[unborn, zhaoshang.investor] = "示例未来有限公司"
    changed = train(later, zhaoshang, as_of=DAY, snapshot=np.datetime64("2019-12-31"), recipe=QUICK)
    same = {name for name in contents(early) if name.startswith(("clock", "history", "builder"))}
    assert len(same) >= 4
    for name in same:
        assert contents(changed)[name] == contents(early)[name], name


def test_the_number_of_threads_changes_nothing_but_what_tells_of_it(history, zhaoshang, early):
    one = train(history, zhaoshang, as_of=DAY, snapshot=np.datetime64("2019-12-31"), recipe=replace(QUICK, threads=1))
    here, there = contents(early), contents(one)
    assert here.keys() == there.keys()
    assert {name for name in here if here[name] != there[name]} == {
        "recipe.toml",
        "card.json",
        "card.zh.md",
        "card.en.md",
    }
    assert {**one.card, "recipe": {}} == {**early.card, "recipe": {}}


def test_nothing_lived_is_refused_in_words(history, zhaoshang):
    first = history[zhaoshang.entry].min().to_datetime64().astype("datetime64[D]")
    with pytest.raises(Refused, match="lived a whole period") as caught:
        train(history, zhaoshang, as_of=first + 5, recipe=QUICK)
    assert "至少须有一个项目" in caught.value.said(Language.ZH)


def test_no_row_at_all_is_refused_in_words(history, zhaoshang):
    with pytest.raises(Refused, match="got 0 usable projects"):
        train(history.iloc[:0], zhaoshang, as_of=DAY, recipe=QUICK)


def test_history_without_milestones_is_ordered_by_the_expert_alone_and_says_so(history, zhaoshang):
    columns = {column for milestone in zhaoshang.milestones.values() for column in milestone.columns}
    bare = history.drop(columns=[c for c in columns if c in history])
    model = train(bare, zhaoshang, as_of=DAY, recipe=QUICK)
    told = model.explain(bare)
    assert model.cold
    for clock in ASKED:
        expert = {c.id for c in model.builder.columns_ if c.weights.get(clock)}
        moved = np.array([c.id in expert for c in model.builder.columns_])
        assert np.ptp(told[clock].figure) > 0
        size = np.abs(told[clock].points).mean(axis=0)  # having lived without an outcome tells a little, too
        assert size[~moved].max() < 0.1 * size[moved].max()
        assert model.hazards[clock].tree_weight == 0.0
    assert any("no outcomes yet" in warning["en"] for warning in model.card["warnings"])


def test_history_without_milestones_or_an_expert_tells_next_to_nothing_apart(history, zhaoshang):
    columns = {column for milestone in zhaoshang.milestones.values() for column in milestone.columns}
    bare = history.drop(columns=[c for c in columns if c in history])
    mute = {name: replace(attribute, weights={}) for name, attribute in zhaoshang.attributes.items()}
    derived = tuple(replace(d, attribute=replace(d.attribute, weights={})) for d in zhaoshang.derived)
    catalog = replace(zhaoshang, attributes=mute, derived=derived)
    told = asked_model(known_on(bare, catalog, as_of=DAY, recipe=QUICK)).explain(bare)
    assert all(np.ptp(told[clock].figure) < 0.01 for clock in ASKED)


def test_thirty_projects_train_and_the_card_warns(register, zhaoshang):
    few = register.history.iloc[:30].reset_index(drop=True)
    model = train(few, zhaoshang, as_of=register.design.day, recipe=QUICK)
    assert np.isfinite(model.explain(few)[Clock.PRODUCED].figure).all()
    said = [warning["en"] for warning in model.card["warnings"]]
    assert any("rough guide" in text for text in said)
    assert any("the card stands alone" in text for text in said)
    assert all(hazard.tree_weight == 0.0 for hazard in model.hazards.values())


def test_every_number_that_trains_has_a_median_for_unit_slips(early, history, zhaoshang):
    sizes = history.loc[history[zhaoshang.entry] < pd.Timestamp(DAY), "total_investment"]
    assert early.medians["total_investment"] == pytest.approx(np.nanmedian(sizes))


def test_projects_without_an_investor_stand_alone(zhaoshang):
    rows = pd.DataFrame({"investor_name": ["甲示例", None, "甲示例 ", "乙示例"]})
    numbered = groups(rows, zhaoshang)
    assert numbered[0] == numbered[2]
    assert len(set(numbered.tolist())) == 3
    assert groups(rows.rename(columns={"investor_name": "other"}), zhaoshang).tolist() == [0, 1, 2, 3]
    assert groups(rows, replace(zhaoshang, investor=None)).tolist() == [0, 1, 2, 3]


def test_a_firm_is_one_group_however_its_form_is_written(zhaoshang):
    rows = pd.DataFrame({"investor_name": ["甲示例有限公司", "甲示例集团", "甲示例股份有限公司"]})
    assert len(set(groups(rows, zhaoshang).tolist())) == 1


def test_filings_of_one_project_bind_their_investors_together(zhaoshang):
    names, uids = ["Alpha", None, "Beta", None, "Alpha", "Gamma"], ["u1", "u1", "u1", None, "u2", "u3"]
    numbered = groups(pd.DataFrame({"investor_name": names, "project_uid": uids}), zhaoshang).tolist()
    assert numbered[0] == numbered[1] == numbered[2] == numbered[4]
    assert len({numbered[0], numbered[3], numbered[5]}) == 3
    back = groups(pd.DataFrame({"investor_name": names[::-1], "project_uid": uids[::-1]}), zhaoshang).tolist()[::-1]
    assert [[a == b for b in back] for a in back] == [[a == b for b in numbered] for a in numbered]


def test_rows_that_share_name_and_day_train_alike_in_any_order(orchards, orchard_catalog):
    rows = orchards(240)
    rows["ref"] = [f"O{i // 4}" for i in range(240)]
    rows["filed"] = rows["filed"].iloc[np.arange(240) // 4 * 4].to_numpy()
    assert rows.duplicated(["filed", "ref"]).sum() == 180
    day = np.datetime64("2020-06-30")
    one, *others = (
        model_hash(
            train(rows.sample(frac=1, random_state=s, ignore_index=True), orchard_catalog, as_of=day, recipe=QUICK)
        )
        for s in range(3)
    )
    assert others == [one, one]


def test_a_model_of_nothing_but_what_history_tells_loads_again(orchards, orchard_catalog, tmp_path):
    rows = orchards().drop(columns=["water", "fruit"])
    model = train(rows, orchard_catalog, as_of=np.datetime64("2020-06-30"), recipe=QUICK)
    assert model.builder.columns_
    assert all("__" in column.id for column in model.builder.columns_)
    save(model, tmp_path / "model")
    again = load(tmp_path / "model")
    assert model_hash(again) == model_hash(model)
    told, same = model.explain(rows), again.explain(rows)
    for clock in model.hazards:
        assert same[clock].figure.tolist() == told[clock].figure.tolist()


def test_the_filings_of_one_project_without_an_investor_belong_together(zhaoshang):
    rows = pd.DataFrame({"investor_name": [None] * 4, "project_uid": ["P1", "P2", "p1", None]})
    numbered = groups(rows, zhaoshang)
    assert numbered[0] == numbered[2]
    assert len(set(numbered.tolist())) == 3
