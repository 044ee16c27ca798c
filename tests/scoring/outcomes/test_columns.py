import pytest

from features.catalogs.reader import read_catalog
from features.reading.levels import level, vocabulary
from scoring.outcomes.columns import EVENT, TAKEN_BACK, event_columns, identities, milestone_of


def meant(catalog, word):
    attribute = event_columns(catalog, catalog.key).attributes[EVENT]
    said = level(word, attribute, vocabulary(attribute)).value
    return milestone_of(catalog).get(said)


@pytest.mark.parametrize("name", ["zhaoshang", "repd"])
def test_every_milestone_is_known_by_id_label_and_column(name):
    catalog = read_catalog(name)
    for milestone in catalog.milestones.values():
        labels = [catalog.attributes[column].label for column in milestone.columns]
        for word in (milestone.id, milestone.label.zh, milestone.label.en, *(label.en for label in labels)):
            assert meant(catalog, word) == milestone.id


@pytest.mark.parametrize(
    ("word", "milestone"),
    [("登记", "registered"), ("开工", "landed"), ("投产", "produced"), ("退出", "withdrawn"), ("撤回", "withdrawn")],
)
def test_what_offices_call_the_stages_is_known(zhaoshang, word, milestone):
    assert meant(zhaoshang, word) == milestone


def test_words_of_another_catalogue_are_none_here(zhaoshang):
    assert meant(zhaoshang, "Permission expired") is None


def test_a_record_that_is_taken_back_is_no_milestone(zhaoshang):
    assert all(meant(zhaoshang, word) is None for word in TAKEN_BACK)


def test_projects_are_named_by_number_before_name(zhaoshang):
    assert identities(zhaoshang) == ("project_uid", "project_name")
    assert identities(read_catalog("repd")) == ("ref_id",)
