"""What the tests of the command line share: a way to run it, and the demonstration's round as sheets of text."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.catalogs.reader import read_catalog
from features.synthetic import Design, Register, generate
from features.tables import Purpose, open_table
from models.bundle import load
from models.explain import total
from models.model import Model
from models.recipe import read_recipe
from models.served_columns import columns
from models.training import train
from scoring.cli import run

DAY = "2025-01-30"
ROUND_COLUMNS = ["rank", "rank_low", "rank_high", "p_top_k"]


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


Luodi = Callable[..., Said]


@pytest.fixture
def luodi(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Luodi:
    """The command line in this process, Chinese unless told otherwise."""
    monkeypatch.delenv("LUODI_LANG", raising=False)
    monkeypatch.setenv("COLUMNS", "120")

    def call(*arguments: object) -> Said:
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Said(code, captured.out, captured.err)

    return call


class StandIn:
    """A model with refits, a likeness and a temperature of its own choosing; in all else the model it stands before."""

    def __init__(self, model, b=12, cold=False, likeness=None, spread=0.06):
        self._model, self._b, self._spread, self.cold, self.likeness = model, b, spread, cold, likeness

    def __getattr__(self, name):
        return getattr(self._model, name)

    def bagged(self, features):
        """Deviations that follow from the attributes of each row alone."""
        known = np.sin(np.nan_to_num(features.matrix))
        weights = np.random.default_rng(0).normal(0, self._spread, (self._b, known.shape[1]))
        return np.array([total(known * own) for own in weights]).reshape(self._b, len(known))


@pytest.fixture(scope="session", name="stand_in")
def _stand_in() -> Callable[..., StandIn]:
    return StandIn


@dataclass(frozen=True)
class Sheet:
    """A project sheet as text, and the ways offices save it."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def text(self, delimiter: str = ",") -> str:
        """Return the sheet as CSV."""
        file = io.StringIO(newline="")
        csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows([self.header, *self.rows])
        return file.getvalue()

    def saved(self, path: Path, encoding: str = "gb18030") -> Path:
        """Write the sheet and return its path."""
        path.write_bytes(self.text().encode(encoding))
        return path

    def changed(self, row: int, column: str, cell: str) -> "Sheet":
        """Return the sheet with one other cell."""
        rows = [list(cells) for cells in self.rows]
        rows[row][self.at(column)] = cell
        return Sheet(self.header, tuple(map(tuple, rows)))

    def at(self, column: str) -> int:
        """Return where the column of that name stands, whatever unit it is followed by."""
        return next(i for i, header in enumerate(self.header) if header.partition("（")[0] == column)

    def reordered(self, rows: Sequence[int], columns: Sequence[int]) -> "Sheet":
        """Return the rows and columns chosen, in that order."""
        return Sheet(
            tuple(self.header[i] for i in columns), tuple(tuple(self.rows[r][i] for i in columns) for r in rows)
        )

    def only(self, rows: Sequence[int]) -> "Sheet":
        """Return some of the rows."""
        return self.reordered(rows, range(len(self.header)))


@pytest.fixture(scope="session")
def sheet(demonstration) -> Sheet:
    """The sound rows of the demonstration's round, as its office wrote them."""
    text = (demonstration.folder / "round.csv").read_bytes().decode("gb18030")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    kept = pd.read_csv(demonstration.folder / "scored.csv", encoding="utf-8-sig", usecols=["project_uid"], dtype=str)
    place = header.index("项目编号")
    names = set(kept["project_uid"])
    found: dict[str, tuple[str, ...]] = {}
    for cells in rows:
        if cells[place] in names:
            found.setdefault(cells[place], tuple(cells))
    return Sheet(tuple(header), tuple(found.values()))


@pytest.fixture(scope="session")
def model(demonstration) -> Path:
    """The demonstration's model folder."""
    return Path(demonstration.folder / "model")


def read_scored(path: Path) -> dict[str, Mapping[str, str]]:
    """Return the rows of a scored file as text, by project."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["project_name"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="session", name="read_scored")
def _read_scored() -> Callable[[Path], dict[str, Mapping[str, str]]]:
    return read_scored


@pytest.fixture
def scored(luodi, sheet, model, tmp_path):
    """A call of ``luodi score`` on a sheet: (what it said, the scored file)."""

    def call(one, *more, name="projects.csv", encoding="gb18030"):
        out = tmp_path / "scored.csv"
        file = one if isinstance(one, Path) else one.saved(tmp_path / name, encoding)
        return luodi("score", file, "--model", model, "--out", out, "--as-of", DAY, *more), out

    return call


@dataclass(frozen=True)
class WatchedCounty:
    """A county with a model of its first years, and the same county where the odds turned a year later."""

    model: Model
    quiet: Register
    turned: Register
    trained: np.datetime64


@pytest.fixture(scope="session")
def watched_county() -> WatchedCounty:
    """A large county in short, so that a turn shows within months."""
    recipe = read_recipe()
    recipe = replace(recipe, trees=replace(recipe.trees, rounds=40), bag=replace(recipe.bag, members=0))
    design = Design(n_projects=4000, first_year=2012, years=9, growth=0.0, shock_sd=0.0, reporting_delay=1.0)
    quiet, trained = generate(design, seed=21), np.datetime64("2019-01-01")
    model = train(quiet.history, read_catalog("zhaoshang"), as_of=trained, snapshot=trained, recipe=recipe)
    turned = generate(replace(design, turn_on=np.datetime64("2020-01-01"), turn=-np.log(2.0)), seed=21)
    return WatchedCounty(model, quiet, turned, trained)


@pytest.fixture(scope="session")
def request_frame(model, demonstration) -> pd.DataFrame:
    """The demonstration's round as a request to a served model: doubles and text."""
    catalog = load(model).catalog
    table = open_table(demonstration.folder / "round.csv", catalog, Purpose.SCORE, as_of=np.datetime64(DAY))
    rows = table.read().rows
    return pd.DataFrame({c.id: _on_the_wire(rows[c.id], c.is_figure) for c in columns(catalog) if c.id in rows})


def _on_the_wire(cells, is_figure):
    if is_figure:
        return cells.astype(np.float64)
    text = cells.dt.strftime("%Y-%m-%d") if cells.dtype.kind == "M" else cells
    return text.astype(object).where(cells.notna(), None)
