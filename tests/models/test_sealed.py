import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from features.errors import BundleError
from features.words import Language
from models.bundle import load, model_hash, save
from models.sealed import MANIFEST

FILES = [
    *(f"bag-00{member}.txt" for member in range(3)),
    "bag.json",
    "builder.json",
    "card.en.md",
    "card.json",
    "card.zh.md",
    "catalog.toml",
    *(f"clock-{clock}.{kind}" for clock in ("finished", "landed", "produced", "withdrawn") for kind in ("json", "txt")),
    "clocks.json",
    "history.parquet",
    "likeness.json",
    "manifest.json",
    "recipe.toml",
]


def test_a_bundle_is_plain_files_and_no_more(bundle):
    assert sorted(p.name for p in bundle.iterdir()) == FILES
    for path in bundle.glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)


@pytest.mark.parametrize("name", [name for name in FILES if name != MANIFEST])
def test_one_changed_byte_is_refused(copy, flip_a_byte, name):
    flip_a_byte(copy / name)
    with pytest.raises(BundleError, match=name) as caught:
        load(copy)
    assert "被改动" in caught.value.said(Language.ZH)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(copy, name):
    (copy / name).unlink()
    with pytest.raises(BundleError, match=name):
        load(copy)


def test_an_added_file_is_refused(copy):
    (copy / "extra.txt").write_text("hello")
    with pytest.raises(BundleError, match=r"extra\.txt"):
        load(copy)


@pytest.mark.parametrize(
    "claim", [b"", b"[]", b"{}", b'{"luodi_bundle": 1}', b'{"luodi_bundle": 1, "files": 3}', b"\xff"]
)
def test_a_broken_manifest_is_refused_in_words(copy, claim):
    (copy / MANIFEST).write_bytes(claim)
    with pytest.raises(BundleError, match="luodi train"):
        load(copy)


def test_another_layout_is_refused_in_words(copy):
    claim = json.loads((copy / MANIFEST).read_text())
    (copy / MANIFEST).write_text(json.dumps(claim | {"luodi_bundle": 99}))
    with pytest.raises(BundleError, match="version 3; got 99"):
        load(copy)


def test_no_bundle_at_all_says_how_to_train_one(tmp_path):
    with pytest.raises(BundleError, match=r"luodi train history\.csv"):
        load(tmp_path / "none")


def test_an_older_bundle_is_replaced_whole(model, copy):
    other = replace(model, medians={"total_investment": 1.0})
    assert save(other, copy) == model_hash(other) != model_hash(model)
    assert load(copy).medians == {"total_investment": 1.0}
    assert [p.name for p in copy.parent.iterdir()] == [copy.name]


def test_anything_else_is_never_overwritten(model, tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(BundleError, match="something else"):
        save(model, tmp_path)
    file = tmp_path / "thesis.docx"
    with pytest.raises(BundleError, match="something else"):
        save(model, file)
    assert file.read_text() == "years of work"


def test_what_somebody_put_beside_a_model_is_never_thrown_away(model, copy):
    (copy / "notes.txt").write_text("years of work")
    with pytest.raises(BundleError, match="something else"):
        save(model, copy)
    assert (copy / "notes.txt").read_text() == "years of work"


def test_a_damaged_model_can_be_trained_again(model, copy):
    (copy / "card.json").unlink()
    (copy / "recipe.toml").write_text("")
    save(model, copy)
    assert model_hash(load(copy)) == model_hash(model)


def test_a_link_to_a_model_stays_a_link_to_the_new_one(model, copy):
    link = copy.parent / "champion"
    link.symlink_to(copy.name, target_is_directory=True)
    other = replace(model, medians={"total_investment": 1.0})
    save(other, link)
    assert link.is_symlink()
    assert model_hash(load(copy)) == model_hash(load(link)) == model_hash(other)
    assert sorted(p.name for p in copy.parent.iterdir()) == sorted([copy.name, link.name])


def test_a_place_that_cannot_be_written_is_refused_and_left_as_it_was(model, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match="can be written"):
        save(model, tmp_path / "file" / "model")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_refused_in_words():
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    from models.sealed import _in_words, _write

    with pytest.raises(BundleError, match="disk is full"), _in_words(full):
        _write(full, b"x")


@pytest.mark.parametrize("name", ["more", MANIFEST])
def test_a_pipe_in_a_model_folder_is_refused_without_waiting(copy, name):
    (copy / name).unlink(missing_ok=True)
    os.mkfifo(copy / name)
    with pytest.raises(BundleError, match="no plain file"):
        load(copy)


def test_a_file_without_bound_in_a_model_folder_is_refused_unread(copy):
    with (copy / "more").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(BundleError, match="no plain file"):
        load(copy)
