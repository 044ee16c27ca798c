"""What a person would write in an afternoon: read a table, predict, pred_contrib, top five, write the table with them.

usage: plain_script.py FEATURES.csv MODEL_FOLDER OUT.csv

The file holds the features as the models take them, ready made, so nothing has to be checked, converted or derived.
"""

import sys
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd

TOP = 5
CLOCKS = ("landed", "produced")  # those asked at the entry


def main(features: str, model: str, out: str) -> None:
    table = pd.read_csv(features)
    found = {}
    for clock in CLOCKS:
        booster = lgb.Booster(model_file=Path(model) / f"clock-{clock}.txt")
        names = np.array(booster.feature_name())
        matrix = table[names].to_numpy()
        found[f"{clock}_p"] = booster.predict(matrix, num_threads=2)
        parts = booster.predict(matrix, pred_contrib=True, num_threads=2)[:, :-1]
        top = np.argsort(-np.abs(parts), axis=1)[:, :TOP]
        for i in range(TOP):
            found[f"{clock}_reason_{i + 1}"] = names[top[:, i]]
            found[f"{clock}_part_{i + 1}"] = np.take_along_axis(parts, top[:, i : i + 1], axis=1)[:, 0]
    pd.concat([table, pd.DataFrame(found)], axis=1).to_csv(out, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
