import shutil
from pathlib import Path

import pytest

DAY = "2025-01-30"


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


@pytest.mark.parametrize(
    "arguments",
    [
        ["score", "FILE", "--model", "MODEL", "--out", "MODEL/scored.csv"],
        ["score", "FILE", "--model", "MODEL", "--out", "MODEL/deep/scored.csv"],
        ["score", "FILE", "--model", "MODEL", "--contributions", "MODEL/parts.parquet"],
        ["score", "FILE", "--model", "MODEL", "--rejects", "MODEL/rejects.csv"],
        ["rank", "FILE", "--model", "MODEL", "--seats", "2", "--out", "MODEL/ranked.csv"],
        ["forecast", "FILE", "--model", "MODEL", "--out", "MODEL/forecast.csv"],
        ["evaluate", "FILE", "--json", "MODEL/found.json"],
        ["evaluate", "FILE", "--plots", "MODEL"],
        ["template", "--out", "MODEL/template.csv"],
        ["train", "FILE", "--out", "MODEL/newer"],
        ["demo", "--out", "MODEL"],
    ],
    ids=" ".join,
)
def test_nothing_is_written_into_a_model_folder(luodi, sheet, model, tmp_path, arguments):
    folder = Path(shutil.copytree(model, tmp_path / "m"))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    file = str(sheet.saved(tmp_path / "projects.csv"))
    said = luodi(*(a.replace("FILE", file).replace("MODEL", str(folder)) for a in arguments))
    assert said.code == 2
    assert f"不得写进模型文件夹 {folder}" in said.err
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "projects.csv"]
