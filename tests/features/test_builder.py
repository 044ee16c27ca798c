import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from features.builder import Feature, FeatureBuilder, Features
from features.catalog import Catalog, Clock, Dimension, Kind, Known
from features.catalogs.reader import BUILT_IN, parse_catalog, read_catalog
from features.errors import CatalogError
from features.history.event_index import EventIndex
from features.inputs import candidates
from features.timeline import trace

Draw = Callable[..., pd.DataFrame]
SNAPSHOT = np.datetime64("2018-09-14")
SEEDS = st.integers(0, 10**6)


def fitted(rows: pd.DataFrame, catalog: Catalog, **settings: object) -> FeatureBuilder:
    return FeatureBuilder(catalog, **settings).fit(rows, trace(rows, catalog, as_of=SNAPSHOT))


def column(features: Features, name: str) -> np.ndarray:
    return features.matrix[:, [f.id for f in features.columns].index(name)]


def same(one: Features, two: Features) -> bool:
    equal = np.array_equal(one.matrix, two.matrix, equal_nan=True) and np.array_equal(one.unseen, two.unseen)
    return equal and one.columns == two.columns


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_a_row_reads_the_same_alone_in_company_and_in_any_order(mills, draw, seed):
    builder, rows = fitted(draw(60, seed), mills), draw(20, seed + 1)
    whole = builder.transform(rows)
    order = np.random.default_rng(seed).permutation(20)
    turned = builder.transform(rows.iloc[order].reset_index(drop=True))
    assert same(turned, Features(whole.matrix[order], whole.columns, whole.unseen[order]))
    for i in (0, 7, 19):
        alone = builder.transform(rows.iloc[[i]].reset_index(drop=True))
        assert same(alone, Features(whole.matrix[[i]], whole.columns, whole.unseen[[i]]))


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_columns_and_rows_in_the_history_changes_nothing(mills, draw, seed):
    rows, asking, rng = draw(60, seed), draw(20, seed + 1), np.random.default_rng(seed)
    turned = rows.iloc[rng.permutation(60)].reset_index(drop=True)[rng.permutation(rows.columns)]
    assert same(fitted(rows, mills).transform(asking), fitted(turned, mills).transform(asking[asking.columns[::-1]]))


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_what_becomes_of_a_project_never_changes_its_features(mills, draw, seed):
    rows = draw(60, seed)
    builder, rng = fitted(rows, mills), np.random.default_rng(seed)
    known = builder.transform(rows)
    fate = {name: rng.permutation(rows[name]) for name in ("begun", "milling", "milling_seen", "left", "stage")}
    outside = {name: rng.permutation(rows[name]) for name in ("friend", "red_line", "updated")}
    assert same(builder.transform(rows.assign(**fate, **outside)), known)


def test_the_training_matrix_is_what_scoring_on_the_review_day_would_have_read(mills, draw):
    rows = draw(80, 1).assign(filed=lambda r: r["proposed"])
    lives = trace(rows, mills, as_of=SNAPSHOT)
    builder = FeatureBuilder(mills)
    trained = builder.fit_transform(rows, lives)
    for i in np.flatnonzero(lives.admitted)[::13]:
        then = trace(rows, mills, as_of=lives.entry[i])
        index = EventIndex.build(rows, then, mills, builder.salt)
        scored = builder.transform(rows.iloc[[i]].reset_index(drop=True), index)
        np.testing.assert_array_equal(scored.matrix[0], trained.matrix[i])


def test_a_fitted_builder_survives_json(mills, draw):
    builder, rows = fitted(draw(60, 1), mills, volatile="drop", only=("cost", "trade", "ready")), draw(20, 2)
    index = EventIndex.from_table(builder.index_.to_table())
    again = FeatureBuilder.from_dict(json.loads(json.dumps(builder.to_dict())), mills, index)
    assert again.get_params() == builder.get_params()
    assert again.to_dict() == builder.to_dict()
    assert same(again.transform(rows), builder.transform(rows))


def test_a_builder_is_cloned_without_what_it_learned(mills, draw):
    builder = fitted(draw(60, 1), mills, volatile="keep")
    twin = clone(builder)
    assert twin.get_params() == builder.get_params()
    assert not hasattr(twin, "columns_")


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_attribute_of_a_catalogue_is_a_feature_or_has_a_reason(name):
    catalog = read_catalog(name)
    allowed = {feature.id for feature in candidates(catalog)}
    for attribute in catalog.attributes.values():
        outside = attribute.dimension in {Dimension.GATE, Dimension.AUDIT_ONLY, Dimension.OUTCOME}
        words = attribute.kind in {Kind.TEXT, Kind.KEY, Kind.DATE}
        assert (attribute.id in allowed) != (outside or words or attribute.known is Known.LATER)


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_feature_has_an_id_lightgbm_takes_and_a_label_in_both_languages(name):
    features = candidates(read_catalog(name))
    assert len({feature.id for feature in features}) == len(features)
    for feature in features:
        assert feature.id.isascii()
        assert feature.id.isidentifier()
        assert feature.label.zh
        assert feature.label.en
        assert Feature.from_dict(json.loads(json.dumps(feature.to_dict()))) == feature


@pytest.mark.parametrize("name", ["stage", "begun", "friend", "red_line", "site", "nowhere"])
def test_a_column_no_model_may_read_is_refused_by_name(mills, draw, name):
    with pytest.raises(CatalogError, match=f"{name}: cannot be a feature"):
        fitted(draw(20, 1), mills, only=("cost", name))


@pytest.mark.parametrize("name", ["stage", "friend", "red_line"])
def test_a_family_over_a_column_no_model_may_read_is_refused_by_name(mills, name):
    history = replace(mills.histories[0], by=("trade", name))
    neighbours = replace(mills.neighbours[0], same=name)
    for odd in (replace(mills, histories=(history,)), replace(mills, neighbours=(neighbours,))):
        with pytest.raises(CatalogError, match=rf"\({name}\): cannot be a feature"):
            candidates(odd)


def test_a_derived_attribute_of_a_later_column_is_refused_by_name(mills):
    odd = replace(mills, derived=(replace(mills.derived[1], of=("founded", "begun")),))
    with pytest.raises(CatalogError, match=r"age \(begun\): cannot be a feature: it is known only after the review"):
        candidates(odd)


def test_categories_are_codes_of_levels_frozen_in_training(mills, draw):
    builder = fitted(draw(60, 1), mills)
    trade = next(f for f in builder.columns_ if f.id == "trade")
    assert trade.levels == ("flour", "oil", "Paper")
    written = ["FLOUR", "ｐａｐｅｒ", " oil ", "silk", "", None]
    asked = draw(6, 2).assign(trade=pd.Series(written, dtype="str"))
    features = builder.transform(asked)
    np.testing.assert_array_equal(column(features, "trade"), [0, 2, 1, np.nan, np.nan, np.nan])
    assert (
        features.unseen[:, [f.id for f in features.columns].index("trade")].tolist()
        == [False] * 3 + [True] + [False] * 2
    )
    assert features.unseen.sum() == 1


def test_spellings_that_fold_alike_are_one_level_whichever_comes_first(mills, draw):
    rows = draw(60, 1)
    for spellings in (["Paper", "PAPER"], ["PAPER", "Paper"]):
        trade = pd.Series(["ｐａｐｅｒ", "oil", *spellings] * 15, dtype="str")
        frozen = next(f for f in fitted(rows.assign(trade=trade), mills).columns_ if f.id == "trade")
        assert frozen.levels == ("oil", "PAPER")


def test_levels_come_from_admitted_rows_alone(mills, draw):
    rows = draw(60, 1)
    late = rows.assign(trade=rows["trade"].where(rows["proposed"] < SNAPSHOT, "late trade"))
    wrong = late.assign(milling=late["milling"].where(late.index != 3, late["proposed"] - pd.Timedelta(days=1)))
    wrong.loc[3, ["trade", "milling_seen"]] = ["wrong trade", pd.NaT]
    assert next(f for f in fitted(wrong, mills).columns_ if f.id == "trade").levels == ("flour", "oil", "Paper")


def test_ordinals_are_ranks_and_flags_are_zero_and_one(mills, draw):
    builder = fitted(draw(60, 1), mills, volatile="keep")
    ready = pd.Series(["齐备", "无", None, "未知"], dtype="str")
    features = builder.transform(draw(4, 2).assign(ready=ready, leased=[0, 1, np.nan, 0]))
    np.testing.assert_array_equal(column(features, "ready"), [2, 0, np.nan, np.nan])
    np.testing.assert_array_equal(column(features, "leased"), [0, 1, np.nan, 0])
    assert features.unseen.sum() == 1


def test_directions_weights_transforms_and_typical_values_come_with_the_feature(mills, draw):
    cost = next(f for f in fitted(draw(60, 1), mills).columns_ if f.id == "cost")
    assert cost.directions == {Clock.LANDED: -1, Clock.PRODUCED: -1}
    assert cost.weights == {Clock.LANDED: -0.3, Clock.PRODUCED: -0.3}
    assert (cost.transform, cost.typical) == ("log1p", (5.0, 80.0))


def test_a_feature_is_the_same_after_a_round_trip(mills, draw):
    columns = fitted(draw(60, 1), mills).columns_
    assert any(column.typical for column in columns)
    assert tuple(Feature.from_dict(column.to_dict()) for column in columns) == columns


def test_volatile_cells_train_from_dated_snapshots_only(mills, draw):
    rows = draw(60, 1)
    builder = FeatureBuilder(mills)
    ready = column(builder.fit_transform(rows, trace(rows, mills, as_of=SNAPSHOT)), "ready")
    dated = (rows["filed"] <= rows["proposed"]).to_numpy()
    assert np.isnan(ready[~dated]).all()
    np.testing.assert_array_equal(~np.isnan(ready[dated]), rows["ready"][dated].notna())
    scored = column(builder.transform(rows), "ready")
    np.testing.assert_array_equal(~np.isnan(scored), rows["ready"].notna())


def test_overwriting_a_volatile_cell_after_the_filing_changes_no_training_table(mills, draw):
    rows = draw(60, 1)
    lives = trace(rows, mills, as_of=SNAPSHOT)
    since = (rows["filed"] > rows["proposed"]).to_numpy()
    overwritten = rows.assign(ready=rows["ready"].mask(since, "齐备"))
    assert same(
        FeatureBuilder(mills).fit_transform(rows, lives), FeatureBuilder(mills).fit_transform(overwritten, lives)
    )


def test_history_by_a_volatile_column_counts_filings_and_not_what_became_of_them(mills, draw):
    family = """
[[history]]
by = "ready"
dimension = "delivery"
measures = ["count", "landed_rate"]
"""
    catalog = parse_catalog(mills.text + family, "mills by readiness")
    rows = draw(80, 6)
    lives = trace(rows, catalog, as_of=SNAPSHOT)
    undated = ~(rows["filed"] <= rows["proposed"])
    begun = undated & rows["begun"].notna()
    overwritten = rows.assign(ready=rows["ready"].mask(undated, "无").mask(begun, "齐备"))
    one, two = (FeatureBuilder(catalog).fit(table, lives) for table in (rows, overwritten))
    assert begun.sum() > 5
    assert one.index_.keys["ready"].tolist() == two.index_.keys["ready"].tolist()
    assert same(one.transform(rows), two.transform(rows))


def test_without_dated_snapshots_volatile_attributes_are_left_out_with_a_warning(mills, draw):
    for rows in (draw(60, 1).drop(columns="filed"), draw(60, 1).assign(filed=pd.Timestamp("2020-01-01"))):
        builder = fitted(rows, mills)
        assert "ready" not in {f.id for f in builder.columns_}
        assert "ledgers overwrite" in builder.warnings_[0].en
        assert builder.warnings_[0].en.count("ready") == 1
        assert "ready" in {f.id for f in fitted(rows, mills, volatile="keep").columns_}


def test_a_column_without_two_values_is_left_out_with_a_warning(mills, draw):
    builder = fitted(draw(60, 1).assign(cost=1.0).drop(columns="leased"), mills)
    assert not {"cost", "leased"} & {f.id for f in builder.columns_}
    assert builder.warnings_[-1].en.endswith("leased, cost")


def test_a_column_absent_when_scoring_is_missing(mills, draw):
    builder = fitted(draw(60, 1), mills)
    features = builder.transform(draw(5, 2).drop(columns=["cost", "trade"]))
    assert np.isnan(column(features, "cost")).all()
    assert np.isnan(column(features, "trade")).all()
    assert not features.unseen.any()
    assert features.matrix.flags.c_contiguous


def test_features_stand_in_the_order_of_the_catalogue(mills, draw):
    ids = [f.id for f in fitted(draw(60, 1), mills).columns_]
    assert ids == [f.id for f in candidates(mills) if f.id in ids]
    assert ids.index("leased") < ids.index("cover") < ids.index("firm__count") < ids.index("near_10km__count")
