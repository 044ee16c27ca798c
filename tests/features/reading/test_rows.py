import re

import numpy as np
import pandas as pd
import pytest

from features.errors import DataError, Problem
from features.reading.headers import Names, readable
from features.tables import Purpose, open_table
from features.words import Language, Words

HEAD = ["项目名称", "评审日期", "总投资"]


def refused(path, sheet, purpose=Purpose.SCORE, **options):
    with pytest.raises(DataError) as caught:
        open_table(path, sheet, purpose, **options)
    return caught.value


# ---- headers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["总投资", "cost", "Total Cost", "TOTAL  cost", "计划总投资(内资)", "*总投资", "总投资（必填）"]
)
def test_a_header_is_known_by_id_label_and_alias(written, sheet, header):
    layout = open_table(written([[*HEAD[:2], header], ["甲", "2024-03-05", "5"]]), sheet, Purpose.SCORE).layout
    assert layout.columns[" ".join(header.split())] == "cost"


def test_every_accepted_header_is_known(sheet):
    names = Names(sheet)
    for attribute in readable(sheet).values():
        for header in (attribute.id, attribute.label.zh, attribute.label.en, *attribute.aliases):
            assert names.match(header).ids == (attribute.id,)


@pytest.mark.parametrize("header", ["投资额", "投资额（万元）"])
def test_an_ambiguous_header_is_asked_with_its_choices(written, sheet, header):
    error = refused(written([[*HEAD[:2], header], ["甲", "2024-03-05", "5"]]), sheet)
    assert "rename it to one of them" in error.said(Language.EN)
    assert "总投资、固定资产投资" in error.said(Language.ZH)
    assert len(error.problems) == 1, "the column in question is not missing as well"


def test_a_unit_settles_an_ambiguous_header(written, sheet):
    path = written([[*HEAD[:2], "投资额（万美元）", "总投资（元）"], ["甲", "2024-03-05", "5", "1"]])
    assert "one column" in refused(path, sheet).said(Language.EN)
    path = written([[*HEAD[:2], "投资额（万美元）"], ["甲", "2024-03-05", "5"]])
    assert open_table(path, sheet, Purpose.SCORE).read().rows["cost"].tolist() == [36.0]


@pytest.mark.parametrize("twin", ["总投资", "Total cost", "总投资（亿元）"])
def test_two_headers_for_one_attribute_are_refused(written, sheet, twin):
    error = refused(written([[*HEAD, twin], ["甲", "2024-03-05", "5", "6"]]), sheet)
    assert "one column" in error.said(Language.EN)
    assert error.problems[0].line == 1


def test_a_header_with_a_strange_unit_is_refused(written, sheet):
    error = refused(written([[*HEAD[:2], "总投资（日元）"], ["甲", "2024-03-05", "5"]]), sheet)
    assert "万元" in error.said(Language.ZH)
    assert "日元" in error.said(Language.ZH)


def test_an_exact_header_wins_over_one_with_a_remark(written, sheet):
    layout = open_table(
        written([[*HEAD, "总投资（其中外资）"], ["甲", "2024-03-05", "5", "6"]]), sheet, Purpose.SCORE
    ).layout
    assert layout.columns["总投资"] == "cost"
    assert layout.ignored == ("总投资（其中外资）",)


def test_unknown_headers_are_named_and_blank_ones_are_not(written, sheet):
    path = written([["序号", *HEAD, "", "备注"], ["1", "甲", "2024-03-05", "5", "", "x"]])
    assert open_table(path, sheet, Purpose.SCORE).layout.ignored == ("序号", "备注")


def test_something_under_no_header_is_told(written, sheet):
    table = open_table(written([[*HEAD, ""], ["甲", "2024-03-05", "5", "?"]]), sheet, Purpose.SCORE)
    assert len(table.read().rows) == 1
    assert any("without a header" in note.en and "2" in note.en for note in table.layout.notes)


@pytest.mark.parametrize("missing", HEAD)
def test_a_missing_key_entry_or_core_column_is_refused_with_its_headers(written, sheet, missing):
    kept = [header for header in HEAD if header != missing]
    error = refused(written([kept, ["甲"] * len(kept)]), sheet)
    assert [problem.column for problem in error.problems] == [missing]
    assert "add it under one of" in error.said(Language.EN)


def test_a_history_may_lack_core_columns_and_says_so(written, sheet):
    table = open_table(written([HEAD[:2], ["甲", "2024-03-05"]]), sheet, Purpose.HISTORY)
    assert any("core columns missing: Total cost" in note.en for note in table.layout.notes)


@pytest.mark.parametrize("known", [True, False])
def test_a_history_without_the_day_of_its_milestone_says_so(written, sheet, known):
    head = [*HEAD, "开工日期"] if known else HEAD
    table = open_table(written([head, ["甲", "2024-03-05", "5", ""][: len(head)]]), sheet, Purpose.HISTORY)
    told = [note.en for note in table.layout.notes if "it counts as never reached" in note.en]
    assert not known or not told
    assert known or "looked for" in told[0]


def test_the_day_of_scoring_stands_for_a_missing_entry_column(read):
    batch = read([["项目名称", "总投资"], ["甲", "5"]], as_of=np.datetime64("2024-06-01"))
    assert batch.rows["reviewed"].tolist() == [pd.Timestamp("2024-06-01")]
    assert str(batch.rows["reviewed"].dtype) == "datetime64[s]"


def test_every_fault_of_a_header_is_told_at_once(written, sheet):
    error = refused(written([["评审日期", "评审日期", "总投资（日元）"], ["1", "2", "3"]]), sheet)
    assert len(error.problems) == 3


# ---- rows ------------------------------------------------------------------------------------------------------------


def test_totals_blank_rows_and_repeated_headers_are_skipped_and_told(written, sheet):
    rows = [["序号", *HEAD], ["1", "甲", "2024-03-05", "5"], ["", "", "", " "], ["小计", "", "", "5"]]
    rows += [["序号", *HEAD], ["2", "乙", "2024-03-05", "6"], ["", "合 计：", "", "11"], ["总计（2个）", "", "", "11"]]
    table = open_table(written(rows), sheet, Purpose.SCORE)
    batch = table.read()
    assert batch.rows["name"].tolist() == ["甲", "乙"]
    assert not len(batch.rejects)
    told = " | ".join(note.en for note in table.layout.notes)
    assert "1 blank" in told
    assert "3 row(s) of totals (line 4, 7, 8)" in told
    assert "1 repeated header(s) (line 5)" in told


def test_rows_in_are_sound_and_rejected(read):
    rows = [HEAD, *[[f"示例{i}", "2024-03-05" if i % 3 else "?", str(i - 4)] for i in range(20)]]
    batch = read(rows)
    assert len(batch.rows) + len(batch.rejects) == 20
    assert sorted([*batch.lines.tolist(), *batch.rejects["line"].tolist()]) == list(range(2, 22))
    assert batch.rows.index.equals(pd.RangeIndex(len(batch.rows)))


def test_every_problem_of_a_row_is_told_in_both_languages(written, sheet):
    path = written([[*HEAD, "专利数"], ["/", "2024-13-05", "-5", "x"], ["乙", "2024-03-05", "5", "1"]])
    for language, separator in ((Language.ZH, "；"), (Language.EN, "; ")):
        batch = open_table(path, sheet, Purpose.SCORE, language=language).read()
        assert [p.column for p in batch.problems] == ["评审日期", "总投资", "专利数", "项目名称"]
        text = batch.rejects["problems"].iloc[0]
        assert all(f"{p.column}: {p.message.said(language)}" in text for p in batch.problems)
        assert separator in text
    assert batch.rejects.columns.tolist() == ["line", "problems", *HEAD, "专利数"]
    assert batch.rejects.iloc[0, 2:].tolist() == ["/", "2024-13-05", "-5", "x"]


def test_the_second_of_two_rows_with_one_key_is_rejected_with_the_line_of_the_first(read):
    batch = read(
        [HEAD, ["Test Mill", "2024-03-05", "5"], ["乙", "2024-03-05", "5"], ["ＴＥＳＴ  mill", "2024-03-06", "6"]]
    )
    assert batch.lines.tolist() == [2, 3]
    assert "repeats line 2" in batch.problems[0].message.en


def test_a_history_holds_a_project_filed_again_but_not_twice_on_a_day(read):
    rows = [HEAD, ["甲", "2024-03-05", "5"], ["甲", "2024-09-05", "5"], ["甲", "2024/3/5", "5"]]
    batch = read(rows, purpose=Purpose.HISTORY)
    assert batch.lines.tolist() == [2, 3]


def test_keys_are_remembered_across_batches(written, sheet):
    path = written([HEAD, *[[f"示例{i % 5}", "2024-03-05", "5"] for i in range(10)]])
    batches = list(open_table(path, sheet, Purpose.SCORE).batches(chunk_rows=3))
    assert sum(len(batch.rows) for batch in batches) == 5
    assert sum(len(batch.rejects) for batch in batches) == 5


@pytest.mark.parametrize("cells", [["乙", "2024-03-05"], ["乙", "2024-03-05", "5", "6"], ["乙"]])
def test_a_ragged_row_is_rejected_as_it_was(tmp_path, sheet, cells):
    path = tmp_path / "a.csv"
    path.write_text("\n".join([",".join(HEAD), "甲,2024-03-05,5", ",".join(cells)]), encoding="utf-8")
    batch = open_table(path, sheet, Purpose.SCORE).read()
    assert batch.lines.tolist() == [2]
    assert batch.rejects["line"].tolist() == [3]
    assert ",".join(batch.rejects.iloc[0, 2:]).rstrip(",") == ",".join(cells)


def test_blank_cells_beyond_the_header_are_no_matter(tmp_path, sheet):
    path = tmp_path / "a.csv"
    path.write_text("\n".join([",".join(HEAD), "甲,2024-03-05,5,,"]), encoding="utf-8")
    assert len(open_table(path, sheet, Purpose.SCORE).read().rows) == 1


def test_excluded_rows_are_rejected_with_the_reason_in_both_purposes(read):
    rows = [[*HEAD, "stage"], ["甲", "2024-03-05", "5", "revised"], ["乙", "2024-03-05", "5", "在建"]]
    for purpose in Purpose:
        batch = read(rows, purpose=purpose)
        assert batch.problems[0].message.en == "replaced by a later application"
        assert ("stage" in batch.rows) == (purpose is Purpose.HISTORY)


def test_a_row_in_the_future_is_rejected_only_for_a_score(read):
    rows = [HEAD, ["甲", "2024-03-05", "5"], ["乙", "2024-03-06", "5"]]
    day = np.datetime64("2024-03-05")
    assert read(rows, as_of=day).lines.tolist() == [2]
    assert "future" in read(rows, as_of=day).problems[0].message.en
    assert read(rows, purpose=Purpose.HISTORY, as_of=day).lines.tolist() == [2, 3]


def test_outcomes_are_read_for_a_history_and_never_for_a_score(written, sheet):
    path = written([[*HEAD, "开工日期"], ["甲", "2024-03-05", "5", "2025-01-01"], ["乙", "2024-03-05", "5", "?"]])
    scored = open_table(path, sheet, Purpose.SCORE)
    assert "begun" not in scored.read().rows
    assert any("outcomes are not read" in note.en for note in scored.layout.notes)
    history = open_table(path, sheet, Purpose.HISTORY).read()
    assert history.rows["begun"].tolist() == [pd.Timestamp("2025-01-01")]
    assert history.lines.tolist() == [2]


@pytest.mark.parametrize("name", ["总计", "合计(二期)", "Total", "合计工程"])
def test_a_project_with_the_name_of_a_sum_is_a_project_where_it_was_reviewed(read, name):
    batch = read([HEAD, [name, "2024-03-05", "5"], ["合计", "", "5"]])
    assert batch.rows["name"].tolist() == [name]


def test_rows_above_a_wider_header_further_down_are_not_titles(read):
    first, wide = ["项目名称", "评审日期", "总投资"], ["项目名称", "评审日期", "总投资", "用地面积"]
    batch = read([first, ["甲", "2024-03-05", "5"], ["乙", "2024-03-05", "5"], wide, ["丙", "2024-03-05", "5", "1"]])
    assert batch.rows["name"].tolist() == ["甲", "乙"]
    assert batch.rejects["line"].tolist()[-1] == 5


def test_nothing_that_steers_a_terminal_gets_past_the_door(read):
    batch = read(
        [[*HEAD, "用地\x1b[2J"], ["甲\x1b[31m\u202e乙", "2024-03-05", "5", ""], ["丙", "\x1b]0;x\x9b", "5", ""]]
    )
    assert batch.rows["name"].tolist() == ["甲 [31m乙"]
    said = " ".join(f"{problem}" for problem in batch.problems)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202e]", said)


# ---- rows as they stand ----------------------------------------------------------------------------------------------


def test_cells_are_given_as_they_stand_with_their_lines(written, sheet):
    rows = [HEAD, ["甲", "2024年3月5日", "约5亿元"], ["乙", "2024-03-06"]]
    table = open_table(written(rows), sheet, Purpose.HISTORY)
    assert list(table.cells(["cost", "reviewed", "firm"])) == [
        (2, ["约5亿元", "2024年3月5日", ""]),
        (3, ["", "2024-03-06", ""]),
    ]


def test_rows_with_problems_found_later_come_back_as_they_were(written, sheet):
    path = written([HEAD, ["甲 13800138000", "2024-03-05", "5"], ["乙", "2024-03-06", "6"]])
    table = open_table(path, sheet, Purpose.HISTORY)
    wrong = [Problem("总投资", Words("不对", "is wrong"), line) for line in (2, 2)]
    rejects = table.rejected(wrong)
    assert rejects["line"].tolist() == [2]
    assert rejects["problems"].tolist() == ["总投资: 不对；总投资: 不对"]
    assert rejects["项目名称"].tolist() == ["甲 ［已隐去］"]
    assert list(rejects.columns) == list(table.read().rejects.columns)
