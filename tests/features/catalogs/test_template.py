import pytest

from features.catalog import Known
from features.catalogs.reader import BUILT_IN, read_catalog
from features.catalogs.template import HEADINGS, dictionary, header, template
from features.reading.headers import Names
from features.spelling import folded
from features.words import Language


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", BUILT_IN)
def test_every_header_of_the_template_is_read_back_as_its_column(name, language):
    catalog = read_catalog(name)
    names = Names(catalog)
    for attribute in catalog.attributes.values():
        match = names.match(header(attribute, language))
        assert match is not None
        assert match.ids == (attribute.id,)
        assert not match.strange_unit
        assert match.unit is None or folded(match.unit) == folded(attribute.unit)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_sheet_to_score_asks_for_nothing_known_later(name):
    catalog = read_catalog(name)
    known = [a for a in catalog.attributes.values() if a.known is Known.REVIEW]
    assert template(catalog, Language.ZH) == tuple(header(attribute, Language.ZH) for attribute in known)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_history_asks_for_every_milestone_and_no_header_twice(name):
    catalog = read_catalog(name)
    headers = template(catalog, Language.EN, history=True)
    assert len(set(headers)) == len(headers) == len(catalog.attributes)


@pytest.mark.parametrize("language", Language)
def test_the_dictionary_says_of_each_column_what_may_be_filled_in(language):
    rows = dictionary(read_catalog("zhaoshang"), language)
    by_id = {row[HEADINGS["id"].said(language)]: row for row in rows}
    assert list(by_id) == list(read_catalog("zhaoshang").attributes)
    assert all(list(row) == [heading.said(language) for heading in HEADINGS.values()] for row in rows)
    allowed = HEADINGS["allowed"].said(language)
    assert by_id["jobs"][allowed] == "0 – 1,000,000"
    assert by_id["filed_on"][allowed] == "2000-01-01 – 2099-12-31"
    assert by_id["eia_risk"][allowed] == (
        "无 < 轻 < 中 < 重" if language is Language.ZH else "None < Light < Medium < Heavy"
    )
    assert by_id["two_high"][allowed] == ("是 | 否" if language is Language.ZH else "yes | no")


def test_the_units_are_in_the_headers():
    headers = template(read_catalog("zhaoshang"), Language.ZH)
    assert headers[0] == "项目名称"
    assert {"计划总投资（万元）", "用地面积（亩）", "投资强度（万元/亩）", "资产负债率（%）"} <= set(headers)
