import csv

import pandas as pd
import pytest


@pytest.mark.parametrize("catalog", ["zhaoshang", "repd"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_template_has_every_header_and_its_dictionary_says_what_each_means(luodi, tmp_path, catalog, lang):
    headers = luodi("template", "--catalog", catalog, "--lang", lang).out.removeprefix("\ufeff").splitlines()
    headers = next(csv.reader(headers))
    file = tmp_path / "dictionary.csv"
    assert luodi("template", "--catalog", catalog, "--dictionary", "--out", file, "--lang", lang).code == 0
    entries = pd.read_csv(file, encoding="utf-8-sig")
    assert entries.iloc[:, 0].tolist() == headers
    assert entries.iloc[:, 2].notna().all()


def test_a_sound_sheet_checks_with_nothing_to_say(luodi, sheet, tmp_path):
    said = luodi("check", sheet.saved(tmp_path / "round.csv"))
    assert said.code == 0
    assert f"可用 {len(sheet.rows)} 行" in said.out


def test_a_check_tells_every_problem_with_its_line(luodi, demonstration):
    said = luodi("check", demonstration.folder / "round.csv", "--lang", "en")
    assert said.code == 1
    lines = [line for line in said.out.splitlines() if line.startswith("line ")]
    assert len(lines) == 4
    assert any("面议" in line for line in lines)


def test_a_catalogue_with_faults_lists_them_all(luodi, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('name = "mine"\ncolour = "red"\n', encoding="utf-8")
    said = luodi("catalog", "check", file, "--lang", "en")
    assert said.code == 1
    assert "colour" in said.out
    assert len(said.out.splitlines()) > 3


@pytest.mark.parametrize("name", ["zhaoshang", "repd"])
def test_the_built_in_catalogues_keep_the_rules(luodi, name):
    assert luodi("catalog", "check", name).code == 0


def test_a_check_counts_its_flags_by_reason(luodi, sheet, tmp_path):
    flagged = sheet
    for row, cell in enumerate(["约5000", "约6000", "5000"]):
        flagged = flagged.changed(row, "计划总投资", cell)
    said = luodi("check", flagged.only([0, 1, 2]).changed(2, "评审日期", "2024-11").saved(tmp_path / "round.csv"))
    assert said.code == 0
    tally, *reasons = said.out.splitlines()
    assert "其中 3 行有提示" in tally
    assert reasons == ["  2 × 计划总投资：约数，按所写数值读取", "  1 × 评审日期：只写到月，按当月 1 日读取"]
