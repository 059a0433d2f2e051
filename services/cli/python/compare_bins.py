"""Compares .bin files, pickled DataFrames, and prints what differs as one JSON object.

    python compare_bins.py LEFT RIGHT

LEFT and RIGHT are two files, or two folders whose .bin files are paired by name. Needs pandas; exit code 0 when everything
was compared (equal or not), 2 when the arguments are wrong.

The answer: {"equal": bool, "pandas": "2.3.3", "files": [...]}; a file has "name", "equal", "result", "detail" (one line for a
person) and, where both sides were read,
    "rows": [left, right], "columns": {"onlyLeft": [...], "onlyRight": [...], "sameOrder": bool},
    "dtypes": {column: [left, right]}, "cells": {column: differing cells}, "rowsOnlyLeft", "rowsOnlyRight".
"result" is one of
    equal · different · only left · only right · lfs stub (the file is a Git LFS pointer: the data are not here) · unreadable

Cells are compared by position over the rows that both have; a missing value equals a missing value, and text is text whether
pandas calls it `object` or `str`. "rowsOnlyLeft" and "rowsOnlyRight" count whole rows regardless of their order.

Loading a pickle can run any code its author put into it. Files are therefore read by an unpickler that knows only the
constructors of pandas and numpy which DataFrames are made of, those of Freshet and those of `pickle.dump(frame)`; a file that
asks for anything else is refused unread, and said to be unreadable. That keeps surprises out; it does not make hostile files
safe to keep around.
"""

import collections
import datetime
import importlib
import json
import os
import pickle
import sys
import warnings

import numpy as np
import pandas as pd

LFS_POINTER = b"version https://git-lfs"

# What may be named in a pickle, by module. Modules moved between versions of numpy and pandas: see `candidates`.
ALLOWED = {
    "builtins": {"bytearray", "slice"},
    "_codecs": {"encode"},
    "datetime": {"date", "datetime", "time", "timedelta"},
    "decimal": {"Decimal"},
    "numpy": {"dtype", "frombuffer", "ndarray"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.numeric": {"_frombuffer"},
    "pandas": {
        "BooleanDtype",
        "DataFrame",
        "Float64Dtype",
        "Index",
        "Int64Dtype",
        "NA",
        "RangeIndex",
        "Series",
        "StringDtype",
        "Timestamp",
        "concat",
    },
    "pandas.arrays": {
        "BooleanArray",
        "DatetimeArray",
        "FloatingArray",
        "IntegerArray",
        "NumpyExtensionArray",
        "StringArray",
    },
    "pandas._libs.arrays": {"__pyx_unpickle_NDArrayBacked"},
    "pandas._libs.internals": {"_unpickle_block"},
    "pandas._libs.missing": {"_NA", "NA"},
    "pandas._libs.tslibs.timestamps": {"Timestamp", "_unpickle_timestamp"},
    "pandas.core.arrays.boolean": {"BooleanArray", "BooleanDtype"},
    "pandas.core.arrays.datetimes": {"DatetimeArray"},
    "pandas.core.arrays.floating": {"Float64Dtype", "FloatingArray"},
    "pandas.core.arrays.integer": {"Int64Dtype", "IntegerArray"},
    "pandas.core.arrays.string_": {"StringArray", "StringArrayNumpySemantics", "StringDtype"},
    "pandas.core.frame": {"DataFrame"},
    "pandas.core.indexes.base": {"Index", "_new_Index"},
    "pandas.core.indexes.range": {"RangeIndex"},
    "pandas.core.internals.blocks": {"new_block"},
    "pandas.core.internals.managers": {"BlockManager"},
    "pandas.core.series": {"Series"},
}
# Where pandas 1 kept what later versions have under another name.
RENAMED = {
    ("pandas.core.indexes.numeric", "Int64Index"): ("pandas.core.indexes.base", "Index"),
    ("pandas.core.indexes.numeric", "Float64Index"): ("pandas.core.indexes.base", "Index"),
}


class Refused(pickle.UnpicklingError):
    pass


def candidates(module):
    """The module, and where another version of numpy has it."""
    modern = module.replace("numpy.core.", "numpy._core.").replace("__builtin__", "builtins")
    return [modern, modern.replace("numpy._core.", "numpy.core.")]


class FrameUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        module, name = RENAMED.get((module, name), (module, name))
        if "." in name or name not in ALLOWED.get(candidates(module)[0], ()):
            raise Refused(f"the file asks for {module}.{name}, which no DataFrame needs")
        for candidate in candidates(module):
            try:
                return getattr(importlib.import_module(candidate), name)
            except (ImportError, AttributeError):
                continue
        raise Refused(f"this pandas or numpy has no {module}.{name}")


def read_frame(path):
    with open(path, "rb") as file:
        frame = FrameUnpickler(file).load()
    if not isinstance(frame, pd.DataFrame):
        raise Refused(f"the file holds a {type(frame).__name__}, not a DataFrame")
    return frame


def is_lfs_stub(path):
    with open(path, "rb") as file:
        return file.read(len(LFS_POINTER)) == LFS_POINTER


def kind(dtype):
    """Dtypes that hold the same values are of one kind, whatever the pandas that made them."""
    name = str(dtype)
    if name in ("object", "str", "string") or name.startswith("string["):
        return "text"
    if name.startswith("datetime64"):
        return "datetime"
    return name.lower()


def keys(column):
    """One comparable value a cell: None for missing, numbers as numbers, anything else as it is."""

    def key(value):
        if value is None or value is pd.NaT or value is pd.NA or value != value:
            return None
        if isinstance(value, (np.generic, pd.Timestamp)):
            return value.item() if isinstance(value, np.generic) else value.to_pydatetime(warn=False)
        if isinstance(value, (str, bool, int, float, datetime.datetime)):
            return value
        return repr(value)

    return [key(value) for value in column.array]


def numbers(left, right):
    return all(column.dtype.kind in "iuf" for column in (left, right) if isinstance(column.dtype, np.dtype)) and all(
        isinstance(column.dtype, np.dtype) for column in (left, right)
    )


def differing(left, right):
    """How many cells of two columns of equal length differ."""
    if numbers(left, right) and left.dtype == right.dtype:
        a, b = left.to_numpy(), right.to_numpy()
        return int(((a != b) & ~((a != a) & (b != b))).sum())
    return sum(a != b or isinstance(a, bool) != isinstance(b, bool) for a, b in zip(keys(left), keys(right)))


def row_hashes(frame, columns):
    """How often each row occurs, over the given columns, as far as a hash can tell rows apart."""
    total = np.zeros(len(frame), dtype=np.uint64)
    for position, name in enumerate(columns):
        values = pd.Series([repr(key) for key in keys(frame[name])], dtype=object)
        hashes = pd.util.hash_pandas_object(values, index=False).to_numpy(dtype=np.uint64)
        total = total * np.uint64(1_000_003) + hashes + np.uint64(position)
    return collections.Counter(total.tolist())


def compare_frames(left, right):
    # A frame may name a column twice; the first one stands for both.
    left, right = (frame.loc[:, ~frame.columns.duplicated()] for frame in (left, right))
    common = [name for name in left.columns if name in right.columns]
    only_left = [str(name) for name in left.columns if name not in right.columns]
    only_right = [str(name) for name in right.columns if name not in left.columns]
    rows = min(len(left), len(right))
    cells = {}
    for name in common:
        count = differing(left[name].iloc[:rows], right[name].iloc[:rows])
        if count:
            cells[str(name)] = count
    dtypes = {
        str(name): [str(left[name].dtype), str(right[name].dtype)]
        for name in common
        if kind(left[name].dtype) != kind(right[name].dtype)
    }
    lost = gained = 0
    if cells or len(left) != len(right):
        a, b = row_hashes(left, common), row_hashes(right, common)
        lost, gained = sum((a - b).values()), sum((b - a).values())
    same_order = [name for name in right.columns if name in left.columns] == common
    equal = not (cells or dtypes or only_left or only_right) and len(left) == len(right) and same_order
    return {
        "equal": equal,
        "result": "equal" if equal else "different",
        "rows": [len(left), len(right)],
        "columns": {"onlyLeft": only_left, "onlyRight": only_right, "sameOrder": same_order},
        "dtypes": dtypes,
        "cells": cells,
        "rowsOnlyLeft": lost,
        "rowsOnlyRight": gained,
    }


def listed(names, most=3):
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def describe(found):
    parts = []
    columns = found["columns"]
    if columns["onlyLeft"]:
        parts.append(f"columns only left: {listed(columns['onlyLeft'])}")
    if columns["onlyRight"]:
        parts.append(f"columns only right: {listed(columns['onlyRight'])}")
    if not columns["sameOrder"]:
        parts.append("columns in another order")
    if found["dtypes"]:
        parts.append("types: " + listed(f"{name} {a} and {b}" for name, (a, b) in found["dtypes"].items()))
    if found["rowsOnlyLeft"] or found["rowsOnlyRight"]:
        parts.append(f"rows only left {found['rowsOnlyLeft']}, only right {found['rowsOnlyRight']}")
    elif found["cells"]:
        parts.append("the same rows in another order")
    if found["cells"]:
        most = sorted(found["cells"].items(), key=lambda item: -item[1])
        parts.append("cells: " + listed(f"{name} {count}" for name, count in most))
    return "; ".join(parts)


def compare_files(name, left, right):
    for path, side, other in ((left, "left", "right"), (right, "right", "left")):
        if path is None:
            return {"name": name, "equal": False, "result": f"only {other}", "detail": f"there is none on the {side}"}
    stubs = [side for path, side in ((left, "left"), (right, "right")) if is_lfs_stub(path)]
    if stubs:
        detail = f"a Git LFS stub on the {' and the '.join(stubs)}; fetch the file with: git lfs pull"
        return {"name": name, "equal": False, "result": "lfs stub", "detail": detail}
    frames = []
    for path, side in ((left, "left"), (right, "right")):
        try:
            frames.append(read_frame(path))
        except Exception as error:  # A damaged pickle may raise anything, and messages of pandas may quote the data.
            cause = str(error) if isinstance(error, Refused) else f"damaged, or of another pandas than {pd.__version__}"
            detail = f"{side}: {cause} ({type(error).__name__})"
            return {"name": name, "equal": False, "result": "unreadable", "detail": detail}
    found = compare_frames(*frames)
    return {"name": name, **found, "detail": describe(found)}


def bins(folder):
    return {name: os.path.join(folder, name) for name in os.listdir(folder) if name.lower().endswith(".bin")}


def pairs(left, right):
    if os.path.isfile(left) and os.path.isfile(right):
        yield os.path.basename(left), left, right
        return
    a, b = bins(left), bins(right)
    for name in sorted({*a, *b}):
        yield name, a.get(name), b.get(name)


def main(arguments):
    if len(arguments) != 2 or not all(os.path.exists(path) for path in arguments):
        print("usage: compare_bins.py LEFT RIGHT (two files or two folders, which exist)", file=sys.stderr)
        return 2
    if os.path.isfile(arguments[0]) != os.path.isfile(arguments[1]):
        print("compare two files or two folders, not one of each", file=sys.stderr)
        return 2
    warnings.simplefilter("ignore")
    files = [compare_files(*pair) for pair in pairs(*arguments)]
    print(json.dumps({"equal": all(file["equal"] for file in files), "pandas": pd.__version__, "files": files}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
