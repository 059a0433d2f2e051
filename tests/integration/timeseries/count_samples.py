"""Reads the sample rows and prints, as JSON, what is in them: every value, and how often the numbers contradict each other.

It shares nothing with the product on purpose: the csv and decimal modules, and the rules written down here once more.
"""

import csv
import datetime
import decimal
import json
import pathlib
import sys

KINDS = {"D": "demand", "NG": "net-generation", "TI": "total-interchange"}


def start_of(period):
    """A stamp names the end of its hour in UTC."""
    ends = datetime.datetime.strptime(period, "%Y-%m-%dT%H")
    return (ends - datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:00:00.000Z")


def read(folder):
    """Yields dataset, series, respondent, kind, start, text of the value."""
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                start = start_of(row["period"])
                if "fueltype" in row:
                    name = f"{row['respondent']}.fuel.{row['fueltype']}"
                    yield "eia.fuel-mix", name, row["respondent"], "fuel", start, row["value"]
                elif "fromba" in row:
                    name = f"{row['fromba']}-{row['toba']}.interchange"
                    yield "eia.interchange", name, row["fromba"], row["toba"], start, row["value"]
                else:
                    kind = KINDS[row["type"]]
                    dataset = "eia.demand" if row["type"] == "D" else "eia.net-generation"
                    yield dataset, f"{row['respondent']}.{kind}", row["respondent"], kind, start, row["value"]


def tally(comparisons):
    """Of pairs (what it is of, whether it fails): how many there are of each, and how many fail."""
    counts = {}
    for of, fails in comparisons:
        evaluated, failed = counts.get(of, (0, 0))
        counts[of] = (evaluated + 1, failed + fails)
    return {of: {"evaluated": evaluated, "failed": failed} for of, (evaluated, failed) in sorted(counts.items())}


def main(folder):
    rows = list(read(folder))
    values = {(name, start): decimal.Decimal(text) for _, name, _, _, start, text in rows if text != ""}
    hours = sorted({start for _, _, _, _, start, _ in rows})
    respondents = sorted({respondent for _, _, respondent, _, _, _ in rows})
    fuels = {}
    for _, name, respondent, kind, _, _ in rows:
        if kind == "fuel":
            fuels.setdefault(respondent, set()).add(name)

    def balances():
        for respondent in respondents:
            for hour in hours:
                demand, generation, interchange = (values.get((f"{respondent}.{kind}", hour)) for kind in KINDS.values())
                if None not in (demand, generation, interchange):
                    yield respondent, demand != generation - interchange

    def fuel_sums():
        for respondent in respondents:
            for hour in hours:
                parts = [values[(name, hour)] for name in fuels.get(respondent, ()) if (name, hour) in values]
                generation = values.get((f"{respondent}.net-generation", hour))
                if parts and generation is not None:
                    yield respondent, sum(parts) != generation

    def pairs():
        for dataset, _, here, there, hour, _ in rows:
            if dataset == "eia.interchange" and here < there:
                out = values.get((f"{here}-{there}.interchange", hour))
                back = values.get((f"{there}-{here}.interchange", hour))
                if out is not None and back is not None:
                    yield f"{here}-{there}", out != -back

    def each(fails):
        for dataset, _, _, _, _, text in rows:
            if text != "":
                yield dataset, fails(decimal.Decimal(text))

    print(
        json.dumps(
            {
                "observations": [[dataset, name, start, text] for dataset, name, _, _, start, text in rows],
                "balance": tally(balances()),
                "fuelSum": tally(fuel_sums()),
                "pairs": tally(pairs()),
                "negative": tally(each(lambda value: value < 0)),
                "nonInteger": tally(each(lambda value: value != value.to_integral_value())),
            }
        )
    )


main(pathlib.Path(sys.argv[1]))
