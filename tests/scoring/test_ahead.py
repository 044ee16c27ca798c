import threading

import pytest

from scoring.ahead import abreast, ahead


def failing(at):
    for i in range(5):
        if i == at:
            raise ValueError(f"piece {i}")
        yield i


@pytest.mark.parametrize("many", [1, 2, 7])
def test_pieces_come_in_their_order_each_with_what_was_made_of_it(many):
    slow = threading.Event()

    def work(i):
        if i == 0 and many > 1:
            slow.wait(10)  # the second is made before the first
        slow.set()
        return i * i

    assert list(abreast(work, range(5), many)) == [(i, i * i) for i in range(5)]


def test_no_more_pieces_than_asked_are_held_at_once():
    taken = []

    def pieces():
        for i in range(20):
            taken.append(i)
            yield i

    for i, _ in abreast(lambda i: i, pieces(), 2):
        assert len(taken) <= i + 2


@pytest.mark.parametrize("many", [1, 2])
def test_what_fails_in_the_work_fails_in_its_turn(many):
    made = abreast(lambda i: 6 // (3 - i), range(5), many)
    assert [next(made) for _ in range(3)] == [(0, 2), (1, 3), (2, 6)]
    with pytest.raises(ZeroDivisionError):
        next(made)


def test_what_fails_in_making_the_pieces_fails_too():
    with pytest.raises(ValueError, match="piece 3"):
        list(abreast(lambda i: i, ahead(failing(3)), 2))


def test_no_piece_no_work():
    assert list(abreast(lambda i: i, [], 2)) == []
