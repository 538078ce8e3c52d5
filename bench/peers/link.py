"""Links the records of a CSV by a peer, as its documentation recommends.

Usage: link.py splink|goldenmatch RECORDS.csv CLUSTERS.csv. Writes `id,cluster`; prints CPU seconds and peak memory as JSON.
No labels are used. Columns that are not there, or empty throughout, are left out.
"""

import json
import resource
import sys

NAMES = ["given", "surname"]
TEXTS = ["street", "address", "city", "houseNumber", "street2", "birthPlace", "occupation", "middleName"]
CODES = ["phone", "nationalId"]


def read(path):
    import pandas as pd

    frame = pd.read_csv(path, dtype=str, keep_default_na=False).replace({"": None})
    return frame.dropna(axis="columns", how="all")


def by_splink(frame):
    """Splink's tutorial: comparisons of its library, u by random sampling, rounds of EM that fix different fields, clusters at 0.95."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    frame = frame.rename(columns={"id": "unique_id"})
    has = set(frame.columns)
    if "birthDate" in has:
        digits = frame["birthDate"].str.replace(r"\D", "", regex=True)
        frame["birthDate"] = (digits.str[:4] + "-" + digits.str[4:6] + "-" + digits.str[6:8]).where(digits.str.len() == 8)
    comparisons = [cl.NameComparison(name).configure(term_frequency_adjustments=True) for name in NAMES if name in has]
    if "birthDate" in has:
        comparisons.append(cl.DateOfBirthComparison("birthDate", input_is_string=True))
    if "email" in has:
        comparisons.append(cl.EmailComparison("email"))
    if "postcode" in has:
        comparisons.append(cl.LevenshteinAtThresholds("postcode", [1, 2]))
    comparisons += [cl.LevenshteinAtThresholds(name, [1, 2]) for name in CODES if name in has]
    comparisons += [cl.JaroWinklerAtThresholds(name, [0.9, 0.8]) for name in TEXTS if name in has]
    if "gender" in has:
        comparisons.append(cl.ExactMatch("gender"))
    wanted = [
        ("given", "surname"),
        ("surname", "birthDate"),
        ("given", "birthDate"),
        ("given", "postcode"),
        ("surname", "postcode"),
        ("birthDate", "postcode"),
        ("email",),
        ("phone",),
        ("nationalId",),
    ]
    rules = [block_on(*fields) for fields in wanted if has.issuperset(fields)]
    settings = SettingsCreator(
        link_type="dedupe_only", comparisons=comparisons, blocking_rules_to_generate_predictions=rules
    )
    linker = Linker(DuckDBAPI().register(frame), settings)
    sure = [block_on(*fields) for fields in [("given", "surname", "birthDate"), ("email",), ("nationalId",)] if has.issuperset(fields)]
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for fields in [("given", "surname"), ("birthDate",), ("surname", "postcode")]:
        if has.issuperset(fields):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*fields))
    pairs = linker.inference.predict(threshold_match_probability=0.01)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=0.95)
    found = clusters.as_pandas_dataframe()
    return zip(found["unique_id"], found["cluster_id"])


def by_goldenmatch(frame):
    """GoldenMatch without a configuration of ours: it looks at the data and makes its own."""
    import goldenmatch
    import polars as pl

    data = pl.from_pandas(frame)
    result = goldenmatch.dedupe_df(data, exclude_columns=["id"], allow_red_config=True, confidence_required=False)
    ids = data["id"].to_list()
    of = {}
    for cluster, found in result.clusters.items():
        for member in found["members"]:
            of[member] = f"c{cluster}"
    return ((name, of.get(at, f"r{at}")) for at, name in enumerate(ids))


def main(peer, records, clusters):
    found = {"splink": by_splink, "goldenmatch": by_goldenmatch}[peer](read(records))
    with open(clusters, "w", encoding="utf-8") as out:
        out.write("id,cluster\n")
        out.writelines(f"{name},{cluster}\n" for name, cluster in found)
    used = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime + children.ru_utime + children.ru_stime
    memory = max(used.ru_maxrss, children.ru_maxrss) / 1024
    print(json.dumps({"cpuSeconds": cpu, "memoryMb": memory}))


if __name__ == "__main__":
    main(*sys.argv[1:])
