import tomllib
from dataclasses import replace

import pytest

from features.errors import CatalogError
from features.words import Language
from models.recipe import DEFAULT, parse_recipe, read_recipe

DATA = tomllib.loads(DEFAULT.read_text(encoding="utf-8"))
KEYS = [f"{name}.{key}" if key else name for name, v in DATA.items() for key in (v if isinstance(v, dict) else [""])]


def changed(key, text):
    table, _, name = key.rpartition(".")
    section, done = "", []
    for line in read_recipe().text.splitlines():
        section = line.strip("[]") if line.startswith("[") else section
        mine = section == table and line.startswith(f"{name} =")
        done.append(text if mine else line)
    return "\n".join(done)


def test_the_text_of_a_recipe_reads_back_as_the_recipe():
    recipe = read_recipe()
    assert parse_recipe(recipe.text, "text") == recipe
    assert tomllib.loads(recipe.text) == DATA


def test_the_digest_follows_the_content():
    recipe = read_recipe()
    assert replace(recipe, seed=1).digest != recipe.digest
    assert replace(recipe).digest == recipe.digest


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_key_is_named(key):
    with pytest.raises(CatalogError) as caught:
        parse_recipe(changed(key, ""), "r.toml")
    assert [p.column for p in caught.value.problems] == [key]
    assert "缺少" in caught.value.said(Language.ZH)


@pytest.mark.parametrize("key", KEYS)
def test_a_value_out_of_its_range_is_refused(key):
    name = key.rpartition(".")[2]
    with pytest.raises(CatalogError) as caught:
        parse_recipe(changed(key, f"{name} = -7"), "r.toml")
    assert [p.column for p in caught.value.problems] == [key]
    assert "got -7" in str(caught.value)


@pytest.mark.parametrize("key", [key for key in KEYS if key != "attributes.volatile"])
@pytest.mark.parametrize("value", ["1e13", "nan", "true"])
def test_what_is_no_number_that_anybody_could_mean_is_refused(key, value):
    with pytest.raises(CatalogError) as caught:
        parse_recipe(changed(key, f"{key.rpartition('.')[2]} = {value}"), "r.toml")
    assert [p.column for p in caught.value.problems] == [key]


def test_another_seed_is_all_that_a_reseeded_recipe_has():
    recipe = read_recipe()
    assert recipe.reseeded(3) == replace(recipe, seed=recipe.seed + 3)
    assert recipe.reseeded(3).digest != recipe.digest


def test_all_problems_are_told_at_once():
    text = changed("trees.rounds", 'rounds = "many"\nround = 3').replace("folds = 5", "folds = 2.5")
    with pytest.raises(CatalogError) as caught:
        parse_recipe(text, "r.toml")
    assert {p.column for p in caught.value.problems} == {"trees.rounds", "trees.round", "level.folds"}


@pytest.mark.parametrize("text", ["seed = ", "trees = 3\n"])
def test_what_is_no_recipe_is_refused_in_words(text):
    with pytest.raises(CatalogError, match="recipe"):
        parse_recipe(text, "r.toml")


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path):
    with pytest.raises(CatalogError, match=r"none\.toml"):
        read_recipe(tmp_path / "none.toml")


def test_a_file_of_bytes_is_refused_in_words(tmp_path):
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogError, match="UTF-8"):
        read_recipe(path)
