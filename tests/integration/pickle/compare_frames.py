"""Compares .bin files with what pandas reads from the members they were made of; one JSON line for each pair."""

import json
import pickle
import sys

import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal


def compare(pair):
    expected = pd.read_csv(pair["member"], encoding=pair.get("encoding", "cp1252"), low_memory=False)
    with open(pair["bin"], "rb") as file:
        actual = pickle.load(file)
    assert type(actual) is pd.DataFrame, type(actual)
    assert_frame_equal(actual, expected, check_exact=True)
    # Equality above takes 0.0 for -0.0 and True for 1: bits and Python types are compared too.
    for name in expected:
        if expected[name].dtype == np.float64:
            left, right = actual[name].to_numpy(), expected[name].to_numpy()
            same = (left.view("<u8") == right.view("<u8")) | (np.isnan(left) & np.isnan(right))
            assert same.all(), f"{name}: bits differ in {(~same).sum()} values, first {right[~same][0]!r}"
        elif expected[name].dtype == object:
            for left, right in zip(actual[name], expected[name]):
                assert type(left) is type(right), f"{name}: {left!r} is not {right!r}"
    # The frame is an ordinary one: it can be written to, also where pandas guards borrowed memory.
    if len(actual):
        for name in actual:
            actual.loc[0, name] = actual.loc[len(actual) - 1, name]
    return {"rows": len(actual), "dtypes": {name: str(dtype) for name, dtype in actual.dtypes.items()}}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        pairs = json.load(file)
    for pair in pairs:
        try:
            result = {"bin": pair["bin"], "equal": True, **compare(pair)}
        except Exception as error:
            result = {"bin": pair["bin"], "equal": False, "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result))


if __name__ == "__main__":
    main()
