"""Prints the types and the values of a pickled DataFrame as JSON; missing values are null, everything else is text."""

import json
import pickle
import sys

import pandas as pd

with open(sys.argv[1], "rb") as file:
    frame = pickle.load(file)
print(
    json.dumps(
        {
            "dtypes": {name: str(dtype) for name, dtype in frame.dtypes.items()},
            "index": repr(frame.index),
            "values": {name: [None if pd.isna(value) else str(value) for value in frame[name]] for name in frame},
        }
    )
)
