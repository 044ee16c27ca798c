import pytest

from scoring.outcomes.cut import without_half

HEAD = "项目编号,事件,日期\nP-1,开工,2024-03-01\n"


def read(path):
    with without_half(path) as (whole, half):
        return whole.read_bytes(), half


@pytest.mark.parametrize(
    "half", ["P-2,投产,2024-03-1", "P-2,投产,", "P-2,投", "P-12", 'P-2,投产,"2024', 'P-2,"a\nb', "P-2,投产,2024-3"]
)
def test_what_may_be_half_a_line_is_left_out_and_told(written, half):
    path = written(HEAD + half)
    content, found = read(path)
    if half == "P-2,投":  # half a word: the reader tells that the row is too short
        assert found is None or found.line == 3
        return
    assert content.decode() == HEAD
    assert found.line == 3
    assert "break" in str(found.problem)


def test_a_line_cut_inside_a_character_is_left_out(written):
    path = written("")
    path.write_bytes((HEAD + "P-2,开").encode()[:-1])
    content, found = read(path)
    assert (content.decode(), found.line) == (HEAD, 3)


@pytest.mark.parametrize("end", ["\n", "\r\n", "P-2,投产,2024-03-15", "P-2,投产,15/03/2024", "P-2,2024-03-15,投产"])
def test_a_whole_file_is_read_where_it_lies(written, end):
    path = written(HEAD + end)
    with without_half(path) as (whole, half):
        assert (whole, half) == (path, None)


def test_a_quote_open_from_far_above_is_the_readers_to_tell(written):
    path = written(HEAD + '"' + "P-2,投产,2024-03-15\n" * 80)
    assert read(path)[1] is None
