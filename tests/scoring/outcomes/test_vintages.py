from datetime import date

import pytest

VINTAGES = (
    "renewable-energy-planning-database-q1-march-2021",
    "renewable-energy-planning-database-q3-september-2021",
    "repd-q2-july-2024",
)


@pytest.fixture(scope="module")
def fed(repd, store_templates, tmp_path_factory):
    """Three vintages of the real register, fed in order: (what became of each, the catalogue)."""
    from features.catalogs.reader import read_catalog

    with store_templates.place("sqlite", tmp_path_factory.mktemp("vintages")):
        from scoring.outcomes import take
        from scoring.review.models import User

        catalog, by = read_catalog("repd"), User.objects.create(name="wang")
        yield [take(repd / f"{name}.csv", catalog, None, by) for name in VINTAGES], catalog


def test_real_vintages_load_one_after_the_other(fed):
    from scoring.review.models import Filing, Project

    taken, _ = fed
    assert [t.recorded_on for t in taken] == [date(2021, 4, 19), date(2021, 10, 13), date(2024, 8, 5)]
    for one in taken:
        rows = one.rows
        assert one.read == rows.new_projects + rows.refiled + rows.known + one.refused_rows
        assert one.told == one.new + one.late + one.corrections + one.known + one.refused
    first, *later = taken
    assert (first.read, first.late, first.known, first.delays.size) == (6292, 0, 0, 0)
    assert all(one.late > 50 and one.corrections > 0 and one.known > 10_000 for one in later)
    assert all(len(one.delays) == one.new + one.late and (one.delays >= 0).all() for one in later)
    # Ref ID names one application for good: no later vintage files it anew, whatever else was rewritten.
    assert Project.objects.count() == Filing.objects.count() == sum(one.rows.new_projects for one in taken)
    assert sum(one.rows.moved for one in taken) > 0


def test_what_was_seen_first_stands_though_authorities_were_renamed(fed, repd):
    import json

    from features.tables import Purpose, open_table
    from scoring.review.models import Filing

    _, catalog = fed
    first, last = (open_table(repd / f"{VINTAGES[at]}.csv", catalog, Purpose.HISTORY).read().rows for at in (0, -1))
    both = first.merge(last, on="ref_id", suffixes=("", "_last"))
    renamed = both[both["planning_authority"] != both["planning_authority_last"]]
    assert len(renamed) > 100
    kept = dict(Filing.objects.values_list("project__uid", "attributes"))
    for ref_id, authority in zip(renamed["ref_id"], renamed["planning_authority"], strict=True):
        assert json.loads(kept[ref_id]).get("planning_authority") == (authority if isinstance(authority, str) else None)


def test_the_days_before_a_vintage_do_not_know_it(fed):
    from scoring.review.ledger import known_of
    from scoring.review.models import MilestoneEntry

    taken, _ = fed
    new = MilestoneEntry.objects.filter(recorded_on=taken[1].recorded_on, corrects=None)
    late = list(new.select_related("project").order_by("id")[:200])
    uids = [entry.project.uid for entry in late]
    before, after = known_of(uids, taken[0].recorded_on), known_of(uids, taken[1].recorded_on)
    for uid, entry in zip(uids, late, strict=True):
        assert entry.milestone not in before[uid]
        assert entry.milestone in after[uid]
