import base64
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

REAL = {"03_real_projects"}  # read the register that LUODI_REPD names
NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def read(path):
    return nbformat.read(path, as_version=4)


def test_there_are_notebooks_and_they_are_numbered():
    assert [path.stem[:3] for path in NOTEBOOKS] == [f"{i + 1:02d}_" for i in range(len(NOTEBOOKS))]
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_output(path):
    for cell in read(path).cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_defines_nothing_to_be_reused(path):
    for cell in read(path).cells:
        if cell.cell_type == "code":
            assert not [line for line in cell.source.splitlines() if line.startswith(("def ", "class "))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_draws_every_glyph(path, request, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONWARNINGS", "error:Glyph")
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))  # fonts as installed now, not as they were once
    notebook = read(path)
    if path.stem in REAL:
        request.getfixturevalue("repd")
        place = tmp_path
    else:
        place = request.getfixturevalue("demonstration").folder.parents[1]
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(place)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    said = [output.text for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    assert not [text for text in said if "Warning" in text], said
    pictures = [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 2
    for number, picture in enumerate(pictures):
        file = tmp_path / f"{path.stem}-{number}.png"
        file.write_bytes(base64.b64decode(picture))
        assert file.stat().st_size > 10_000
