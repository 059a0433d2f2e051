"""Makes .bin files the way they were made before Freshet: `pickle.dump` of what `read_csv` gives; and some that are no frames."""

import os
import pickle
import sys

import pandas as pd

folder, *members = sys.argv[1:]


class Hostile:
    def __reduce__(self):
        return (open, (os.path.join(folder, "hostile-was-here"), "w"))


for member in members:
    frame = pd.read_csv(member, encoding="cp1252", low_memory=False)
    stem = os.path.splitext(os.path.basename(member))[0]
    with open(os.path.join(folder, f"{stem}.bin"), "wb") as file:
        pickle.dump(frame, file, protocol=4)
with open(os.path.join(folder, "hostile.bin"), "wb") as file:
    pickle.dump(Hostile(), file)
with open(os.path.join(folder, "list.bin"), "wb") as file:
    pickle.dump([1, 2], file)
with open(os.path.join(folder, "damaged.bin"), "wb") as file:
    file.write(pickle.dumps(pd.DataFrame({"a": [1]}))[:-9])
