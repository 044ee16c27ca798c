from datetime import date

import pytest

from features.errors import DataError, Refused
from features.words import Language

FED = date(2024, 3, 31)


def lines(taken):
    return [problem.line for problem in taken.problems]


def adds_up(taken):
    return taken.read == taken.new + taken.late + taken.corrections + taken.known + taken.refused_rows


@pytest.fixture
def each(stores, make_county):
    """The county's store of each kind in turn."""
    return make_county()


def test_a_feed_of_events_changes_what_it_tells_and_nothing_else(each):
    taken = each.take(
        "P-1,投产,2024-03-01,", "P-2,开工,2024-01-20,", "P-3,投产,2024-01-06,写错", "P-3,开工,2023-09-01,"
    )
    assert (taken.new, taken.late, taken.corrections, taken.known) == (1, 1, 1, 1)
    assert adds_up(taken)
    record = each.record()
    assert record["P-1"] == {"landed": date(2023, 6, 1), "produced": date(2024, 3, 1)}
    assert record["P-2"] == {"landed": date(2024, 1, 20)}
    assert record["P-3"]["produced"] == date(2024, 1, 6)
    assert taken.delays.tolist() == [30, 71]
    assert taken.milestones.tolist() == ["produced", "landed"]


def test_nothing_is_overwritten_and_a_past_day_stays_what_it_was(each):
    from scoring.review.ledger import known_of
    from scoring.review.models import MilestoneEntry

    before = MilestoneEntry.objects.count()
    each.take("P-3,投产,2024-01-06,写错")
    each.take("P-3,投产,撤销,并未投产", on=date(2024, 4, 30))
    assert MilestoneEntry.objects.count() == before + 2
    seen = [known_of(["P-3"], day)["P-3"].get("produced") for day in (date(2024, 3, 30), FED, date(2024, 4, 30))]
    assert [known and known.happened for known in seen] == [date(2024, 1, 5), date(2024, 1, 6), None]


def test_the_same_feed_again_changes_nothing(each):
    from scoring.review.models import MilestoneEntry

    rows = ("P-1,投产,2024-03-01,", "P-2,开工,2024-01-20,")
    each.take(*rows)
    count = MilestoneEntry.objects.count()
    taken = each.take(*rows)
    assert (taken.known, taken.read, MilestoneEntry.objects.count()) == (2, 2, count)


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("P-9,开工,2024-03-01,", "project of the store"),
        ("P-1,封顶,2024-03-01,", "one of"),
        ("P-1,Permission expired,2024-03-01,", "one of"),
        ("P-1,投产,2023-05-01,", "before the start"),
        ("P-1,投产,2024-04-01,", "future"),
        ("P-2,投产,2023-02-09,", "entry"),
        ("P-4,开工,2024-03-01,", "withdrawn"),
        ("P-1,投产,25/03/2024,", "must be a date"),
        ("P-1,投产,,", "blank"),
        (",投产,2024-03-01,", "blank"),
        ("P-1,开工,撤销,", "reason"),
        ("P-1,投产", "as many cells"),
    ],
)
def test_a_bad_row_is_named_by_line_and_the_others_are_kept(county, row, rule):
    taken = county.take("P-2,开工,2024-03-01,", row, "P-3,签约,2023-04-01,")
    (problem,) = taken.problems
    assert problem.line == 3
    assert rule in str(problem)
    assert (taken.new + taken.late, taken.refused_rows) == (2, 1)
    assert adds_up(taken)
    assert taken.rejects["line"].tolist() == [3]


def test_half_a_line_at_the_end_is_named_and_the_others_are_kept(county):
    taken = county.take(text="项目编号,事件,日期\nP-2,开工,2024-03-01\nP-1,投产,2024-03-1")
    assert (lines(taken), taken.new, taken.read) == ([3], 1, 2)
    assert adds_up(taken)
    assert taken.rejects["line"].tolist() == [3]
    assert "produced" not in county.record()["P-1"]


def test_an_event_told_twice_is_kept_once(county):
    taken = county.take("P-2,开工,2024-03-01,", "P-2,start,2024-03-01,", "P-2,开工,2024-03-02,")
    assert (lines(taken), taken.new) == ([3, 4], 1)
    assert adds_up(taken)


def test_a_feed_may_name_projects_by_name(county):
    taken = county.take("二号项目,开工,2024-03-01", "九号项目,开工,2024-03-01", header="项目名称,事件,日期")
    assert (taken.new, lines(taken)) == (1, [3])
    assert "landed" in county.record()["P-2"]


def test_a_number_with_the_name_of_another_project_is_refused(county):
    taken = county.take("P-2,一号项目,开工,2024-03-01", header="项目编号,项目名称,事件,日期")
    assert "one project" in str(taken.problems[0])


def test_a_name_that_two_projects_bear_is_asked(county):
    county.take(text="项目编号,项目名称,评审日期,投资方名称\nP-7,二号项目,2024-02-01,戊公司\n")
    taken = county.take("二号项目,开工,2024-03-01", header="项目名称,事件,日期")
    assert "P-2, P-7" in str(taken.problems[0])


def test_a_ledger_of_the_next_month_brings_new_projects_and_keeps_what_was_seen_first(county):
    from scoring.review.models import Filing

    head = "项目编号,项目名称,评审日期,投资方名称,开工日期\n"
    known = "P-1,一号工程,2023-01-10,改名公司,2023-06-01\n"
    anew = "P-2,二号项目,2024-02-01,乙公司,2024-03-01\n"
    text = f"{head}{known}{anew}P-5,五号项目,2024-03-01,己公司,\n"
    taken = county.take(text=text)
    assert (taken.rows.known, taken.rows.refiled, taken.rows.new_projects, taken.refused_rows) == (1, 1, 1, 0)
    assert (taken.told, taken.known, taken.new) == (2, 1, 1)
    assert Filing.objects.count() == 6
    assert "改名" not in Filing.objects.get(project__uid="P-1").attributes


def test_a_withdrawn_project_that_is_filed_anew_may_start(county):
    head = "项目编号,项目名称,评审日期,投资方名称,开工日期\n"
    taken = county.take(text=head + "P-4,四号项目,2024-02-01,丁公司,2024-03-01\n")
    assert (taken.rows.refiled, taken.new, taken.problems) == (1, 1, ())


def test_a_ledger_row_with_a_contradiction_keeps_what_is_sound(county):
    head = "项目编号,项目名称,评审日期,投资方名称,签约日期,开工日期,投产日期\n"
    taken = county.take(text=head + "P-6,六号项目,2023-05-01,庚公司,2023-06-01,2024-02-01,2024-01-01\n")
    assert (taken.rows.new_projects, taken.told, taken.refused) == (1, 3, 1)
    assert taken.told == taken.new + taken.late + taken.corrections + taken.known + taken.refused
    assert lines(taken) == taken.rejects["line"].tolist() == [2]


def test_a_project_comes_with_its_number_once_and_without_it_the_next_time(county):
    taken = county.take(text="项目名称,评审日期,投资方名称,开工日期\n二号项目,2023-02-10,乙公司,2024-03-01\n")
    assert (taken.rows.known, taken.rows.new_projects) == (1, 0)
    assert "landed" in county.record()["P-2"]


def test_a_feed_of_another_catalogue_is_refused_whole(county):
    with pytest.raises(DataError) as caught:
        county.take(text="Ref ID,Site Name,Operational\n1,Mill,05/03/2024\n")
    assert "one event a row" in caught.value.said(Language.EN)


def test_a_project_of_another_catalogue_is_named(county, written):
    from features.catalogs.reader import read_catalog
    from scoring.outcomes import take

    feed = written("Ref ID,event,date\nP-1,Operational,2024-03-01\n")
    taken = take(feed, read_catalog("repd"), FED, county.by)
    assert "of zhaoshang; look at --catalog" in str(taken.problems[0])


def test_both_orders_of_dates_in_one_feed_are_told_by_line(county, written):
    from features.catalogs.reader import read_catalog
    from scoring.outcomes import take

    repd = read_catalog("repd")
    filed = [f"{number},01/02/2023,A" for number in (7, 8, 9)]
    ledger = written("Ref ID,Planning Application Submitted,Operator (or Applicant)\n", *filed)
    take(ledger, repd, date(2024, 1, 31), county.by)
    rows = ("7,Under Construction,25/03/2024", "8,Under Construction,05/03/2024", "9,Under Construction,03/25/2024")
    taken = take(written("Ref ID,event,date\n", *rows), repd, date(2024, 4, 30), county.by)
    assert (lines(taken), taken.new) == ([3, 4], 1)
    assert "both orders" in str(taken.problems[0])
    assert adds_up(taken)


def test_feeds_come_in_the_order_of_their_days_of_record(county):
    with pytest.raises(Refused, match="must not be before that of the last feed"):
        county.take("P-2,开工,2024-01-10,", on=date(2024, 1, 30))


def test_nothing_is_recorded_in_the_future(county, written):
    from scoring.outcomes import take

    with pytest.raises(Refused, match="must not be after today"):
        take(
            written("项目编号,事件,日期\nP-2,开工,2024-03-01\n"),
            county.catalog,
            FED,
            county.by,
            as_of=date(2024, 3, 30),
        )


def test_a_feed_without_any_day_asks_for_one(county, written):
    from scoring.outcomes import take

    with pytest.raises(Refused, match="--recorded"):
        take(written("项目编号,事件,日期\nP-2,开工,2024-03-01\n"), county.catalog, None, county.by)


def test_a_refused_feed_leaves_no_trace(county):
    from scoring.review.models import AuditEntry, MilestoneEntry

    counts = (AuditEntry.objects.count(), MilestoneEntry.objects.count())
    with pytest.raises(Refused):
        county.take("P-2,开工,2024-01-10,", on=date(2024, 1, 30))
    assert counts == (AuditEntry.objects.count(), MilestoneEntry.objects.count())


def test_every_feed_is_in_the_audit_trail(county):
    from scoring.outcomes.storing import ADDED, last_feed
    from scoring.review.models import AuditEntry

    taken = county.take("P-2,开工,2024-03-01,")
    detail = AuditEntry.objects.filter(action=ADDED).latest("id").detail
    assert detail["counts"] == taken.counts()
    assert last_feed("zhaoshang") == FED
    assert last_feed("repd") is None


def test_private_numbers_get_into_neither_store_nor_rejects(county):
    from scoring.review.models import MilestoneEntry

    taken = county.take("P-2,开工,2024-03-01,找王工 13800138000", "P-9,开工,2024-03-01,13800138000")
    assert "13800138000" not in taken.rejects.to_csv()
    assert "13800138000" not in MilestoneEntry.objects.get(project__uid="P-2").reason


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_feed_is_read_as_offices_save_it(county, written, encoding):
    from scoring.outcomes import take

    path = written("项目编号,事件,日期\nP-2,开工,2024年3月1日\n", encoding=encoding)
    assert take(path, county.catalog, FED, county.by).new == 1
