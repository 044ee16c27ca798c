import numpy as np
import pytest

from features.catalog import ASKED, Clock
from features.synthetic import AUDIT_ONLY, NOISE, Design, generate, known_effects
from models.training import asked_model, known_on


@pytest.fixture(scope="module")
def county():
    return generate(Design(n_projects=2500, shock_sd=0.0), seed=2)


@pytest.fixture(scope="module")
def fresh(county):
    return county.new_round(4000, seed=7)


@pytest.fixture(scope="module")
def trained(county, zhaoshang):
    return asked_model(known_on(county.history, zhaoshang, as_of=county.design.day))


@pytest.fixture(scope="module")
def features(trained, fresh):
    return trained.features(fresh.rows)


@pytest.fixture(scope="module")
def told(trained, features):
    return trained.figures(features)


@pytest.mark.parametrize("clock", ASKED)
def test_figures_meet_the_true_chances_although_the_last_cohorts_are_immature(told, fresh, clock):
    figure, truth = told[clock].figure, fresh.truth[f"p_{clock}"].to_numpy()
    assert figure.mean() == pytest.approx(truth.mean(), abs=0.02)
    for decile in np.array_split(np.argsort(figure), 10):
        assert figure[decile].mean() == pytest.approx(truth[decile].mean(), abs=0.05)


@pytest.mark.parametrize("clock", ASKED)
def test_figures_order_projects_as_the_truth_does(told, fresh, clock):
    truth = fresh.truth[f"p_{clock}"].to_numpy()
    ranks = [np.argsort(np.argsort(values)) for values in (told[clock].figure, truth)]
    assert np.corrcoef(*ranks)[0, 1] > 0.8


def test_known_effects_have_the_right_sign(told, features):
    effects = [e for e in known_effects().values() if e.monotone and abs(e.landed) >= 0.1]
    column = {c.id: j for j, c in enumerate(features.columns) if not c.categorical}
    seen = []
    for effect in (e for e in effects if e.attribute in column):
        value, part = (table[:, column[effect.attribute]] for table in (features.matrix, told[Clock.LANDED].points))
        known = ~np.isnan(value)
        if np.ptp(part[known]) > 0.005:
            assert np.corrcoef(value[known], part[known])[0, 1] * effect.landed > 0, effect.attribute
            seen.append(effect.attribute)
    assert len(seen) >= 5


def test_stronger_effects_get_larger_shares(told, features):
    effects = known_effects()
    size = np.abs(told[Clock.LANDED].points).mean(axis=0)
    true = np.array([abs(effects[c.id].landed) if c.id in effects else np.nan for c in features.columns])
    monotone = np.array([c.id in effects and effects[c.id].monotone for c in features.columns])
    strong, weak = size[monotone & (true >= 0.14)], size[monotone & (true <= 0.06)]
    assert strong.mean() > 3 * weak.mean()


@pytest.mark.parametrize(("clock", "most"), [(Clock.LANDED, 0.005), (Clock.PRODUCED, 0.0075)])
def test_pure_noise_gets_next_to_nothing(told, features, clock, most):
    size = np.abs(told[clock].points).mean(axis=0)
    noise = [size[j] for j, c in enumerate(features.columns) if c.id in NOISE]
    assert np.mean(noise) < most
    assert not {c.id for c in features.columns} & set(AUDIT_ONLY)
