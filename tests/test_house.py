import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ("features", "models", "scoring")
MODULES = sorted(p for floor in FLOORS for p in (ROOT / floor).rglob("*.py"))
RIMS = {"scoring.cli", "scoring.serving"}  # of the command line, and of the process that MLflow serves a model from
NOTHING_SAYING = {"utils", "util", "helpers", "common", "base", "misc", "manager", "handler"}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def house_imports() -> dict[str, set[str]]:
    names = {name_of(p) for p in MODULES}

    def module(target: str) -> str:
        return target if target in names else target.rpartition(".")[0]

    return {name_of(p): {module(t) for t in imported(p) if t.split(".")[0] in FLOORS} - {name_of(p)} for p in MODULES}


def test_imports_point_down_from_scoring_to_models_to_features():
    wrong = [
        f"{here} imports {there}"
        for here, targets in house_imports().items()
        for there in targets
        if FLOORS.index(there.split(".")[0]) > FLOORS.index(here.split(".")[0])
    ]
    assert not wrong, wrong


def test_imports_form_no_circle():
    graph = house_imports()
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " -> ".join((*above, module))
        if module not in done:
            for below in sorted(graph.get(module, ())):
                visit(below, (*above, module))
            done.add(module)

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_a_room_of_a_size_to_live_in(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 320
    assert ast.get_docstring(tree_of(path))
    assert path.stem not in NOTHING_SAYING
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef):
            own = node.end_lineno - node.body[0].lineno + 1
            docstring = node.body[0].end_lineno - node.body[0].lineno + 1 if ast.get_docstring(node) else 0
            assert own - docstring <= 40, f"{path}: {node.name} has {own - docstring} lines"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_library_code_neither_prints_nor_pickles(path):
    calls = {
        node.func.id
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert "print" not in calls
    assert not {"pickle", "joblib", "dill", "cloudpickle"} & {target.split(".")[0] for target in imported(path)}


@pytest.mark.parametrize("path", [p for p in MODULES if name_of(p) not in RIMS], ids=name_of)
def test_only_the_rims_read_the_clock(path):
    assert not re.search(
        r"\b(?:date|datetime)\.(?:today|now|utcnow)\(|Timestamp\.(?:now|today)\(|time\.time\(",
        path.read_text(encoding="utf-8"),
    )
