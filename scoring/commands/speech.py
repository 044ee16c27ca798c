"""The command line's own words in both languages: help texts, panels, and what a wrong usage is told."""

import re
from collections.abc import Sequence
from typing import Any

from features.words import Language, Words

_BETWEEN = "\x1f"  # never typed by a person
ENVIRONMENT = "LUODI_LANG"
OPTION = "--lang"


def both(zh: str, en: str) -> str:
    """Return one help text that holds both languages until ``speak`` keeps one of them."""
    return f"{zh}{_BETWEEN}{en}"


def one(text: str | None, language: Language) -> str | None:
    """Return the half of ``both`` that is in ``language``."""
    if not text or _BETWEEN not in text:
        return text
    zh, en = text.split(_BETWEEN)
    return Words(zh, en).said(language)


def taken_out(arguments: Sequence[str], environment: str | None) -> tuple[str | None, list[str]]:
    """Return the language that is asked for, and the other arguments: ``--lang`` may stand anywhere.

    Examples
    --------
    >>> taken_out(["score", "--lang", "en", "a.csv"], None)
    ('en', ['score', 'a.csv'])
    """
    said, others, rest = environment, [], iter(arguments)
    for argument in rest:
        if argument == OPTION:
            said = next(rest, "")
        elif argument.startswith(f"{OPTION}="):
            said = argument.partition("=")[2]
        else:
            others.append(argument)
    return said, others


def language_of(said: str | None) -> Language | None:
    """Return the language of a name like ``zh`` or ``en_GB.UTF-8``; Chinese where none is said, None if unknown.

    Examples
    --------
    >>> [language_of(said) for said in (None, "EN", "zh_CN.UTF-8", "fr")]
    [<Language.ZH: 'zh'>, <Language.EN: 'en'>, <Language.ZH: 'zh'>, None]
    """
    name = (said or Language.ZH).lower().replace("-", "_").partition("_")[0]
    return Language(name) if name in set(Language) else None


PANELS = {
    "argument": Words("参数", "Arguments"),
    "option": Words("选项", "Options"),
    "command": Words("命令", "Commands"),
}
HELP = Words("显示这段说明", "Show this text")


def speak(command: Any, context: Any, language: Language) -> None:
    """Keep ``language`` in the help of a command and of all commands below it."""
    command.help = one(command.help, language)
    command.short_help = one(command.short_help, language)
    command.epilog = one(command.epilog, language)
    command.rich_help_panel = PANELS["command"].said(language)
    for parameter in command.get_params(context):
        parameter.help = one(parameter.help, language) if parameter.name != "help" else HELP.said(language)
        parameter.rich_help_panel = PANELS[parameter.param_type_name].said(language)
    for below in getattr(command, "commands", {}).values():
        speak(below, context, language)


# What the command line library says of a wrong usage, as (its English, our Chinese).
_USAGE = (
    (r"Missing (?:argument|option) '?(.+?)'?\.(?s:.*)", r"缺少 \1。"),
    (r"No such option: (\S+)(?: .*)?", r"没有选项 \1。"),
    (r"No such command '(.+?)'\.(?s:.*)", r"没有命令 \1。"),
    (r"Option '(.+)' requires an argument\.", r"选项 \1 之后须写一个值。"),
    (r"Got unexpected extra argument\S* \((.+)\)", r"多余的参数：\1。"),
    (r"Invalid value for '(.+?)': '?(.+?)'? is not (?:one of|a valid) (.+)", r"\1 的值不对：应为 \3；实际是 \2。"),
    (r"Invalid value for '(.+?)': (.+)", r"\1 的值不对：\2"),
)


def usage_words(message: str) -> Words:
    """Return a usage error of the command line library in both languages.

    Examples
    --------
    >>> usage_words("Missing option '--model'.").zh
    '缺少 --model。'
    >>> usage_words("Something new.").zh
    '用法不对：Something new.'
    """
    for english, chinese in _USAGE:
        found = re.fullmatch(english, message)
        if found:
            return Words(found.expand(chinese), message)
    return Words(f"用法不对：{message}", message)
