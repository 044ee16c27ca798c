import csv
import re
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import typer

from features.words import Language
from scoring.cli import application

DAY = "2025-01-30"


def walked(command, path=("luodi",)):
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from walked(below, (*path, name))


TREES = {language: dict(walked(application(language))) for language in Language}
EVERY = [(language, path) for language, tree in TREES.items() for path in tree]


@pytest.fixture
def scored(luodi, sheet, model, tmp_path):
    """A call of ``luodi score`` on a sheet: (what it said, the scored file)."""

    def call(one, *more, name="projects.csv", encoding="gb18030"):
        out = tmp_path / "scored.csv"
        file = one if isinstance(one, Path) else one.saved(tmp_path / name, encoding)
        return luodi("score", file, "--model", model, "--out", out, "--as-of", DAY, *more), out

    return call


# Completeness: every command and option speaks both languages.


@pytest.mark.parametrize(("language", "path"), EVERY, ids=lambda x: x if isinstance(x, str) else " ".join(x))
def test_every_command_has_help_and_an_example(language, path):
    command = TREES[language][path]
    assert command.help
    word = {"zh": "例：", "en": "Example: "}[language]
    assert command.epilog.startswith(word + " ".join(path)) or path == ("luodi",) or path == ("luodi", "catalog")
    has_chinese = bool(re.search(r"[\u4e00-\u9fff]", command.help + command.epilog))
    assert has_chinese == (language is Language.ZH)


@pytest.mark.parametrize(("language", "path"), EVERY, ids=lambda x: x if isinstance(x, str) else " ".join(x))
def test_every_option_has_help_in_its_language(language, path):
    command = TREES[language][path]
    for parameter in command.get_params(typer.Context(command)):
        assert parameter.help, parameter.name
        assert bool(re.search(r"[\u4e00-\u9fff]", parameter.help)) == (language is Language.ZH), parameter.name


@pytest.mark.parametrize("path", [path[1:] for path in TREES[Language.EN]], ids=" ".join)
def test_help_is_printed_and_is_no_failure(luodi, path):
    said = luodi(*path, "--help", "--lang", "en")
    assert said.code == 0
    assert "Usage: luodi" in said.out
    assert "\x1f" not in said.out


# Usage


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["scor"], "没有命令 scor", "No such command 'scor'"),
        (["score"], "缺少", "Missing"),
        (["score", "a.csv", "--modle", "m"], "没有选项 --modle", "No such option: --modle"),
        (["score", "a.csv", "b.csv", "--model", "m"], "多余的参数", "unexpected extra argument"),
        (["evaluate", "a.csv", "--from", "later"], "--from", "--from"),
        (["train", "a.csv", "--as-of", "1.3.2026"], "--as-of 须写成 2026-03-01 这样的日期", "got '1.3.2026'"),
        (["check", "absent.csv"], "absent.csv", "absent.csv"),
        (["check", "absent.csv", "--catalog", "zhaosang"], "zhaoshang", "did you mean zhaoshang"),
        (["score", "a.csv", "--model", "absent"], "luodi train", "luodi train"),
    ],
)
def test_a_wrong_usage_is_told_in_both_languages(luodi, arguments, zh, en):
    chinese, english = luodi(*arguments), luodi(*arguments, "--lang=en")
    assert (chinese.code, english.code) == (2, 2)
    assert zh in chinese.err
    assert en in english.err
    assert chinese.out == english.out == ""


def test_a_language_nobody_speaks_here_is_refused(luodi):
    said = luodi("--lang", "fr", "demo")
    assert said.code == 2
    assert "zh 或 en" in said.err


def test_the_environment_chooses_the_language(luodi, monkeypatch):
    monkeypatch.setenv("LUODI_LANG", "en")
    assert "Commands" in luodi("--help").out
    assert "命令" in luodi("--help", "--lang", "zh").out


# Template and check


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


# Files that cannot be read: refused, and nothing is written.


def spoilt(sheet, kind):
    text = sheet.text()
    core = sheet.at("计划总投资")
    return {
        "empty": b"",
        "header only": (",".join(sheet.header) + "\n").encode(),
        "binary": bytes(range(256)) * 20,
        "unknown encoding": text.encode("utf-8")[:-3].replace(b"\r\n", b"\r\n\xff\xfe\x81", 2),
        "another table": "苹果,梨\n1,2\n".encode(),
        "duplicate header": sheet.reordered(range(len(sheet.rows)), [*range(len(sheet.header)), core])
        .text()
        .encode("gb18030"),
        "core column gone": sheet.reordered(range(len(sheet.rows)), [i for i in range(len(sheet.header)) if i != core])
        .text()
        .encode("gb18030"),
        "ambiguous header": text.replace("计划总投资（万元）", "投资额（万元）").encode("gb18030"),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "said_of_it"),
    [
        ("empty", "空"),
        ("header only", "只有表头"),
        ("binary", "二进制"),
        ("unknown encoding", "编码"),
        ("another table", "苹果"),
        ("duplicate header", "计划总投资"),
        ("core column gone", "计划总投资"),
        ("ambiguous header", "投资额"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(scored, sheet, tmp_path, kind, said_of_it):
    file = tmp_path / "projects.csv"
    file.write_bytes(spoilt(sheet, kind))
    said, out = scored(file)
    assert said.code == 2
    assert said_of_it in said.err
    assert not out.exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["projects.csv"]


# Rows that cannot be read: rejected with their line, the others are scored all the same.


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("计划总投资", "inf", "inf"),
        ("计划总投资", "1e400", "1e400"),
        ("计划总投资", "-5000", "-5000"),
        ("注册资本", "面议", "面议"),
        ("评审日期", "2204-03-01", "2204"),
        ("项目名称", "", "项目名称"),
        ("技术水平", "天下第一", "天下第一"),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected_and_the_others_are_scored(scored, sheet, tmp_path, column, cell, told):
    said, out = scored(sheet.changed(1, column, cell))
    rejects = pd.read_csv(tmp_path / "scored.rejects.csv", encoding="utf-8-sig", dtype=str)
    assert said.code == 1
    assert rejects["line"].tolist() == ["3"]
    assert told in rejects["problems"][0]
    assert len(pd.read_csv(out, encoding="utf-8-sig")) == len(sheet.rows) - 1
    n = len(sheet.rows)
    assert re.search(rf"读入 {n} 行 = 评分 \d+ \+ 否决 \d+ \+ 退回 1", said.out)


def test_a_key_filed_twice_is_rejected_the_second_time(scored, sheet, tmp_path):
    said, out = scored(sheet.only([0, 1, 0]))
    assert said.code == 1
    assert len(pd.read_csv(out, encoding="utf-8-sig")) == 2
    assert pd.read_csv(tmp_path / "scored.rejects.csv", encoding="utf-8-sig")["line"].tolist() == [4]


def test_a_slip_of_units_is_scored_and_flagged(scored, sheet, read_scored):
    filed = float(sheet.rows[0][sheet.at("注册资本")])
    said, out = scored(sheet.changed(0, "注册资本", f"{filed * 10_000:.0f}"))
    assert said.code == 0
    row = next(iter(read_scored(out).values()))
    assert float(row["registered_capital"]) == filed * 10_000
    assert "单位" in row["flags"]
    assert "注册资本" in row["flags"]


def test_a_formula_is_no_formula_in_any_output(scored, sheet, tmp_path):
    said, out = scored(sheet.changed(0, "项目名称", "=HYPERLINK(1)").changed(1, "计划总投资", "=1+1"))
    assert said.code in {0, 1}
    for file in (out, tmp_path / "scored.rejects.csv"):
        if file.exists():
            cells = pd.read_csv(file, encoding="utf-8-sig", dtype=str, header=None).to_numpy().ravel()
            assert not [c for c in cells if isinstance(c, str) and re.match(r"[=@]|[+-][^\d.-]", c)]


def test_a_telephone_number_reaches_no_output(scored, sheet, tmp_path):
    wide = sheet.reordered(range(len(sheet.rows)), range(len(sheet.header)))
    bad = (
        wide.changed(0, "计划总投资", "面议")
        .changed(1, "联系电话", "13900001234")
        .changed(0, "联系电话", "13900001234")
    )
    said, _ = scored(bad)
    for file in tmp_path.iterdir():
        if file.name != "projects.csv":
            assert b"13900001234" not in file.read_bytes()
    assert "13900001234" not in said.out + said.err


# The same row, the same score


def alone(rows):
    return {
        name: {k: v for k, v in row.items() if k not in {"rank", "rank_low", "rank_high", "p_top_k"}}
        for name, row in rows.items()
    }


def test_a_project_scores_the_same_alone_and_in_company(scored, sheet, read_scored):
    _, out = scored(sheet)
    company = alone(read_scored(out))
    for row in (0, 7, len(sheet.rows) - 1):
        _, out = scored(sheet.only([row]))
        (name, mine), *_ = alone(read_scored(out)).items()
        assert mine == company[name]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_project_scores_the_same_in_any_order_of_rows_and_columns_and_any_encoding(
    scored, sheet, read_scored, encoding
):
    _, out = scored(sheet)
    straight = read_scored(out)
    turned = sheet.reordered(range(len(sheet.rows))[::-1], range(len(sheet.header))[::-1])
    _, out = scored(turned, encoding=encoding)
    assert read_scored(out) == straight


def test_a_project_scores_the_same_from_a_workbook(scored, sheet, read_scored, tmp_path):
    _, out = scored(sheet)
    straight = read_scored(out)
    book = tmp_path / "projects.xlsx"
    pd.DataFrame(
        [["××县招商项目汇总表", *[""] * (len(sheet.header) - 1)], list(sheet.header), *map(list, sheet.rows)]
    ).to_excel(book, header=False, index=False)
    said, out = scored(book)
    assert said.code == 0
    assert read_scored(out) == straight


def test_a_project_scores_the_same_from_parquet(scored, sheet, read_scored, tmp_path):
    _, out = scored(sheet)
    straight = read_scored(out)
    file = tmp_path / "projects.parquet"
    pd.DataFrame(sheet.rows, columns=list(sheet.header), dtype="str").to_parquet(file)
    _, out = scored(file)
    assert read_scored(out) == straight


def test_a_model_copied_elsewhere_scores_the_same(scored, sheet, model, tmp_path, read_scored):
    _, out = scored(sheet)
    straight = read_scored(out)
    elsewhere = tmp_path / "other place" / "m"
    elsewhere.mkdir(parents=True)
    for file in model.iterdir():
        (elsewhere / file.name).write_bytes(file.read_bytes())
    _, out = scored(sheet, "--model", elsewhere)
    assert read_scored(out) == straight


# Additivity in the files


def test_points_add_up_to_the_figures_in_the_written_files(scored, sheet, tmp_path):
    _, out = scored(sheet, "--contributions", tmp_path / "parts.parquet")
    table = pd.read_csv(out, encoding="utf-8-sig").set_index("project_name")
    table = table[table["status"] == "scored"]
    dimensions = table.filter(like="points_").sum(axis=1)
    assert (table["base"] + dimensions - table["p_produced"]).abs().max() < 1e-6
    parts = pq.read_table(tmp_path / "parts.parquet").to_pandas()
    notes = pq.read_metadata(tmp_path / "parts.parquet").metadata
    bases = {clock: float(notes[f"luodi.base.{clock}".encode()]) for clock in ("landed", "produced")}
    for clock, base in bases.items():
        sums = parts[parts["clock"] == clock].groupby("key", observed=True)["points"].sum()
        figure = table[f"p_{clock}"]
        overtaken = figure == table["p_produced"] if clock == "landed" else figure != figure
        own = sums[figure.index] + base
        assert (own - figure)[~overtaken].abs().max() < 1e-6


def test_a_catalogue_of_reasons_stands_in_the_language_asked_for(scored, sheet, read_scored):
    _, out = scored(sheet.only([0, 1, 2]), "--lang", "en")
    row = next(iter(read_scored(out).values()))
    assert "percentage points" in row["reasons_for"] + row["reasons_against"]


# Explain


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_explanation_adds_up_in_the_terminal(luodi, demonstration, model, lang):
    table = pd.read_csv(demonstration.folder / "scored.csv", encoding="utf-8-sig")
    first = table.loc[table["rank"] == 1, "project_name"].iloc[0]
    said = luodi("explain", demonstration.folder / "round.csv", "--model", model, "--id", first, "--as-of", DAY,
                 "--lang", lang)  # fmt: skip
    assert said.code == 0
    steps = re.findall(r"^( *)\S.*?\s([+-]?\d+\.\d)(?:\s+█*)?\s*$", said.out, re.MULTILINE)
    assert steps
    total, base, added, dimension, below = 0.0, 0.0, 0.0, None, 0.0
    for indent, number in steps:
        value = float(number)
        if not indent and not number.startswith(("+", "-")) and dimension is None:
            base, dimension = value, 0.0
        elif not indent:
            assert round(below, 1) == pytest.approx(dimension, abs=1e-9)
            total = round(base + added, 1)
            assert total == pytest.approx(value, abs=1e-9)
            base, added, dimension, below = 0.0, 0.0, None, 0.0
        elif len(indent) == 2:
            assert round(below, 1) == pytest.approx(dimension, abs=1e-9)
            added, dimension, below = added + value, value, 0.0
        else:
            below += value
    assert f"{total:.1f}%" in said.out


def test_an_unknown_project_is_told_the_nearest_name(luodi, demonstration, model):
    said = luodi(
        "explain", demonstration.folder / "round.csv", "--model", model, "--id", "示例太阳能发电项目", "--lang", "en"
    )
    assert said.code == 2
    assert "Did you mean" in said.err


def test_a_rejected_project_is_told_why_it_has_no_figure(luodi, demonstration, model):
    rejects = pd.read_csv(demonstration.folder / "rejects.csv", encoding="utf-8-sig", dtype=str)
    name = rejects.loc[rejects["problems"].str.contains("面议"), "项目名称"].iloc[0]
    said = luodi("explain", demonstration.folder / "round.csv", "--model", model, "--id", name)
    assert said.code == 2
    assert "面议" in said.err


def test_a_vetoed_project_is_told_its_red_line(luodi, demonstration, model):
    table = pd.read_csv(demonstration.folder / "scored.csv", encoding="utf-8-sig")
    name = table.loc[table["status"] == "vetoed", "project_name"].iloc[0]
    said = luodi("explain", demonstration.folder / "round.csv", "--model", model, "--id", name, "--as-of", DAY)
    assert said.code == 0
    assert "否决" in said.out


# Models and outputs that are refused


def test_a_changed_byte_in_the_model_is_refused(luodi, sheet, model, tmp_path):
    other = tmp_path / "model"
    other.mkdir()
    for file in model.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    trees = other / "clock-landed.txt"
    trees.write_bytes(trees.read_bytes().replace(b"0.", b"1.", 1))
    said = luodi("score", sheet.saved(tmp_path / "a.csv"), "--model", other, "--out", tmp_path / "scored.csv")
    assert said.code == 2
    assert "clock-landed.txt" in said.err


def test_a_file_of_another_catalogue_is_refused_with_its_columns(luodi, model, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("Ref ID,Site Name,Planning Application Submitted\n1,Hill,01/02/2020\n", encoding="utf-8")
    said = luodi("score", file, "--model", model, "--out", tmp_path / "scored.csv", "--lang", "en")
    assert said.code == 2
    assert "Ref ID" in said.err


@pytest.mark.parametrize("option", ["--out", "--rejects", "--contributions"])
def test_an_output_that_is_the_input_is_refused(luodi, sheet, model, tmp_path, option):
    file = sheet.saved(tmp_path / "projects.csv")
    before = file.read_bytes()
    said = luodi("score", file, "--model", model, option, file, "--as-of", DAY)
    assert said.code == 2
    assert "同一个文件" in said.err
    assert file.read_bytes() == before


@pytest.mark.parametrize("option", ["--out", "--rejects", "--contributions"])
def test_an_output_in_a_folder_that_is_not_there_is_refused(luodi, sheet, model, tmp_path, option, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = sheet.saved(tmp_path / "projects.csv")
    said = luodi("score", file, "--model", model, option, tmp_path / "absent" / "x", "--as-of", DAY)
    assert said.code == 2
    assert "文件夹不存在" in said.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["projects.csv"]


def test_a_folder_that_is_no_model_is_never_replaced(luodi, demonstration, tmp_path):
    kept = tmp_path / "letters" / "a.txt"
    kept.parent.mkdir()
    kept.write_text("keep")
    said = luodi("train", demonstration.folder / "round.csv", "--out", kept.parent, "--as-of", DAY)
    assert said.code == 2
    assert kept.read_text() == "keep"


def test_rejects_of_an_earlier_run_do_not_outlive_it(scored, sheet, tmp_path):
    scored(sheet.changed(1, "计划总投资", "面议"))
    left = tmp_path / "scored.rejects.csv"
    assert len(left.read_text(encoding="utf-8-sig").splitlines()) == 2
    said, _ = scored(sheet)
    assert said.code == 0
    assert len(left.read_text(encoding="utf-8-sig").splitlines()) == 1
