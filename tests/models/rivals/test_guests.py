from dataclasses import replace

import numpy as np
import pytest

from models.rivals import RIVALS, constant

GUESTS = [rival for rival in RIVALS if rival.needs]  # what they say where they learn: test_rivals, if installed


@pytest.mark.parametrize("rival", GUESTS, ids=lambda rival: rival.id)
class TestEvenWithoutItsLibrary:
    def test_gives_the_constant_where_nothing_is_mature(self, rival, sound):
        young = replace(sound, mature=np.zeros(len(sound.mature), dtype=bool))
        np.testing.assert_array_equal(rival.chances(young), constant(young))

    def test_gives_the_constant_of_twenty_projects(self, rival, lesson):
        few = lesson(seed=3, n=20, t=5)
        np.testing.assert_array_equal(rival.chances(few), constant(few))

    def test_gives_the_constant_where_all_columns_hold_one_value(self, rival, sound):
        flat = [replace(f, matrix=np.ones_like(f.matrix)) for f in (sound.train, sound.test)]
        same = replace(sound, train=flat[0], test=flat[1])
        np.testing.assert_array_equal(rival.chances(same), constant(same))
