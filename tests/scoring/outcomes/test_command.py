import csv
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

LUODI = Path(sys.executable).with_name("luodi")
FEED = "项目编号,事件,日期,原因\n"
DAY = ("--as-of", "2024-03-31")
MANY = 1500


@pytest.fixture
def add(luodi, county, monkeypatch, tmp_path):
    """Call ``luodi outcomes add`` on a feed of events, signed in by a token of the county's secretary."""
    from scoring.review.entrance import issue_token

    monkeypatch.setenv("LUODI_TOKEN", issue_token(county.by))
    monkeypatch.chdir(tmp_path)

    def call(*rows, options=()):
        return luodi("outcomes", "add", county.written(FEED, *rows), *DAY, *options)

    return call


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_feed_says_what_it_changed_and_adds_up(add, language):
    rows = ("P-1,投产,2024-03-01,", "P-2,开工,2024-01-20,", "P-3,投产,2024-01-06,写错", "P-1,开工,2023-06-01,")
    said = add(*rows, options=("--lang", language))
    words = {
        "zh": (
            "更正 第 4 行 'P-3' 投产：2024-01-05 → 2024-01-06（写错）",
            "读入 4 行 = 新 1 + 迟报 1 + 更正 1 + 已知 1",
        ),
        "en": ("corrected, line 4, 'P-3' In production: 2024-01-05", "rows in: 4 = 1 new + 1 late + 1 corrections + 1"),
    }
    assert said.code == 0
    for phrase in words[language]:
        assert phrase in said.out


def test_refused_rows_come_back_in_a_file_with_their_reasons(add, tmp_path):
    said = add("P-2,开工,2024-03-01,", "P-9,开工,2024-03-01,", "P-4,开工,2024-03-01,")
    assert said.code == 1
    assert "第 3 行，项目编号" in said.out
    with (tmp_path / "feed.rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        back = list(csv.DictReader(file))
    assert [(row["line"], row["项目编号"]) for row in back] == [("3", "P-9"), ("4", "P-4")]
    assert "已退出的项目不得开工" in back[1]["problems"]


def test_a_sound_feed_leaves_no_file_of_rejects(add, tmp_path):
    assert add("P-2,开工,2024-03-01,").code == 0
    assert not list(tmp_path.glob("*.rejects.csv"))


def test_the_feed_itself_is_not_overwritten(add, tmp_path):
    said = add("P-2,开工,2024-03-01,", options=("--rejects", tmp_path / "feed.csv"))
    assert said.code == 2
    assert (tmp_path / "feed.csv").read_text(encoding="utf-8").startswith(FEED)


def test_a_place_for_rejects_that_cannot_be_written_keeps_nothing(add, county, tmp_path):
    before = county.record()
    assert add("P-2,开工,2024-03-01,", options=("--rejects", tmp_path / "absent" / "r.csv")).code == 2
    assert county.record() == before


def test_nobody_enters_outcomes_without_signing_in(add, monkeypatch):
    monkeypatch.delenv("LUODI_TOKEN")
    said = add("P-2,开工,2024-03-01,")
    assert said.code == 2
    assert "--user" in said.err


def test_a_member_of_the_committee_enters_no_outcomes(add, county, person, monkeypatch):
    from scoring.review.entrance import issue_token

    monkeypatch.setenv("LUODI_TOKEN", issue_token(person("zhao", "member")))
    assert add("P-2,开工,2024-03-01,").code == 2
    assert "landed" not in county.record()["P-2"]


def test_without_a_store_it_is_said_how_to_make_one(luodi, no_store, written):
    said = luodi("outcomes", "add", written(FEED, "P-2,开工,2024-03-01,"))
    assert said.code == 2
    assert "luodi store init" in said.err


def ledger(written, county="Q"):
    rows = (f"{county}-{n},项目{n},2023-01-10,公司{n},2023-06-01,2024-01-05" for n in range(MANY))
    return written("项目编号,项目名称,评审日期,投资方名称,开工日期,投产日期\n", *rows, name="many.csv")


def counts():
    from django.db import connections

    from scoring.review.models import Filing, MilestoneEntry, Project

    connections.close_all()
    return Project.objects.count(), Filing.objects.count(), MilestoneEntry.objects.count()


def started(path, place):
    command = [LUODI, "outcomes", "add", path, *DAY, "--lang", "en"]
    return subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_killed_feed_leaves_the_store_as_it_was_or_has_all_of_it(add, written, tmp_path):
    from scoring.review.audit import verify_chain

    path = ledger(written)
    began = time.monotonic()
    started(path, tmp_path).communicate()  # how long one takes here, on its own
    whole = time.monotonic() - began
    chance = random.Random(4)
    for number in range(5):
        path = ledger(written, f"K{number}")
        before = counts()
        run = started(path, tmp_path)
        time.sleep(whole * chance.uniform(0.4, 1.0))
        run.send_signal(signal.SIGKILL)
        run.communicate()
        assert counts() in {before, (before[0] + MANY, before[1] + MANY, before[2] + 2 * MANY)}
        assert verify_chain() is None
    run = started(path, tmp_path)
    run.communicate()
    assert run.returncode == 0, "the store takes the feed after all"


def test_two_feeds_at_once_wait_for_one_another(add, written, tmp_path):
    path, none = ledger(written), counts()
    runs = [started(path, tmp_path) for _ in range(2)]
    said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert counts() == (none[0] + MANY, none[1] + MANY, none[2] + 2 * MANY)
    assert sorted(f"{MANY} new projects" in text for text in said) == [False, True]
    assert sorted(f"{2 * MANY} known already" in text for text in said) == [False, True]
