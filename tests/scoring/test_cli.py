import re

import pytest
import typer

from features.words import Language
from scoring.cli import application


def walked(command, path=("luodi",)):
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from walked(below, (*path, name))


TREES = {language: dict(walked(application(language))) for language in Language}
EVERY = [(language, path) for language, tree in TREES.items() for path in tree]


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
