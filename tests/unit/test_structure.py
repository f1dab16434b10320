"""The house plan as a test: who lives where, who reads whom, what is said, how long things are."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunner

from steelyard.sources.registry import load_registry, named

ROOT = Path(__file__).resolve().parents[2]
BASES = ("demo", "tax_units")
Manifest = dict[str, Any]

#: What a model of each folder is called. A mart has the bare noun of its grain.
PREFIXES = {
    "staging": ("stg_",),
    "harmonized": ("int_",),
    "imputation": ("imp_", "ext_"),
    "rules": ("rul_",),
    "targets": ("tgt_",),
    "calibration": ("cal_",),
    "validation": ("val_",),
    "release": ("build_provenance", "release_"),
    "panel": ("pnl_",),
}
#: Whom a model may read, beside its own folder; `None` is anybody.
READS: dict[str, set[str] | None] = {
    "staging": {"source", "codes"},
    "harmonized": {"staging", "codes", "params"},
    "imputation": {"harmonized", "params"},
    "rules": {"imputation", "params"},
    "targets": {"snapshots", "codes", "params"},
    "calibration": {"targets", "imputation", "rules", "codes", "params"},
    # The dictionary says what crosswalks say.
    "marts": {"harmonized", "imputation", "rules", "targets", "calibration", "xwalk"},
    "panel": {"harmonized", "imputation", "rules", "facts", "params"},
    "validation": None,
    "release": {"marts", "validation", "calibration"},
    "snapshots": {"staging"},
}
#: Arrows that the plan does not draw, and why each is there.
EXCEPTIONS = {
    # The published population scales design weights, whatever the targets are.
    ("cal_unit_household", "stg_facts__fact"),
    # What this build read is known to the source registry alone.
    ("build_source", "file_registry"),
    # No mart reads replicate weights, and their files are among those that were read.
    ("build_source", "stg_cps_asec__person_replicate"),
    # What each node took is known to the plugin alone, and told when all others have run.
    ("build_stage", "stage_registry"),
    ("build_stage", "release_table"),
    # The build's page states commit and gates.
    ("build_info", "build_provenance"),
    ("build_info", "val_gate"),
    # It names the panel that the release tells of.
    ("build_info", "pnl_partition"),
}
#: Public columns of type double whose unit stands in a column beside them, or that have none.
UNITLESS = {
    "target": {
        "target_value",
        "initial_estimate",
        "calibrated_estimate",
        "shadow_price",
    },
    "val_answer": {"answer"},
    "val_benchmark": {"published_value", "initial_value", "calibrated_value", "gap"},
    "val_gate": {"measured_value", "limit_value"},
    "val_target_group": {"lower_bound", "upper_bound"},
    "val_headline_error": {
        "published_value",
        "calibrated_value",
        "imputation_standard_error",
        "sampling_standard_error",
        "standard_error",
        "lower_value",
        "upper_value",
    },
    "val_target_history": {"published_value", "standard_error"},
    "val_implicate": {"calibrated_value"},
    "val_headline_fact": {"published_value", "initial_estimate", "calibrated_estimate"},
    "val_headline": {"published_value", "initial_value", "calibrated_value"},
    "val_panel_alignment": {"wanted", "happened"},
    "val_panel_estimate": {
        "mean_value",
        "standard_error",
        "lower_value",
        "upper_value",
        "lowest_value",
        "highest_value",
    },
    "val_state_agreement": {
        "correlation",
        "log_correlation",
        "per_head_correlation",
        "rank_correlation",
    },
    "val_state_figure": {"published_value", "initial_estimate", "calibrated_estimate"},
    "val_imputation": {
        f"{side}_{figure}" for side in ("donor", "imputed") for figure in ("mean", "median", "p99")
    },
    "val_imputation_score": {"score"},
    "val_imputation_truth": {
        f"{side}_{figure}" for side in ("true", "imputed") for figure in ("mean", "median", "p99")
    },
    "val_replicate_summary": {"value"},
    "val_summary": {"value"},
    "val_vintage_consistency": {
        "statistic_value",
        "standard_error",
        "previous_value",
        "value_change",
        "allowed_change",
    },
    "val_vintage_statistic": {"statistic_value", "standard_error"},
    "val_weight_distribution": {"value"},
}


@pytest.fixture(scope="session", params=BASES)
def manifest(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """What dbt understands of the project, for each base."""
    folder = tmp_path_factory.mktemp(f"parsed_{request.param}")
    places = {"project-dir": ROOT, "profiles-dir": ROOT, "target-path": folder, "log-path": folder}
    options = [word for name, place in places.items() for word in (f"--{name}", str(place))]
    parsed = dbtRunner().invoke(
        ["--quiet", "parse", "--no-partial-parse", "--target", request.param, *options]
    )
    assert parsed.success, parsed.exception
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def folder_of(node: Manifest) -> str:
    """Say in which room a node lives: the folder of a model, the kind of a seed."""
    if node["resource_type"] == "model":
        return node["fqn"][1]
    if node["resource_type"] == "seed":
        return node["name"].split("_")[0]
    return {"snapshot": "snapshots", "source": "source"}[node["resource_type"]]


def nodes_of(manifest: Manifest, *kinds: str) -> list[Manifest]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] in kinds]


def public(manifest: Manifest) -> list[Manifest]:
    models = nodes_of(manifest, "model")
    return [model for model in models if folder_of(model) in ("marts", "validation")]


def test_names_say_in_which_folder_a_model_lives(manifest: Manifest) -> None:
    taken = tuple(prefix for prefixes in PREFIXES.values() for prefix in prefixes)
    wrong = []
    for model in nodes_of(manifest, "model"):
        folder, name = folder_of(model), model["name"]
        fits = (
            not name.startswith(taken) if folder == "marts" else name.startswith(PREFIXES[folder])
        )
        if not fits:
            wrong.append(f"{folder}/{name}")
    assert not wrong


def test_staging_models_are_named_by_source(manifest: Manifest) -> None:
    staged = [model for model in nodes_of(manifest, "model") if folder_of(model) == "staging"]
    assert staged
    wrong = [m["name"] for m in staged if not m["name"].startswith(f"stg_{m['fqn'][2]}__")]
    assert not wrong


def arrows(manifest: Manifest) -> Iterator[tuple[Manifest, Manifest]]:
    known = manifest["nodes"] | manifest["sources"]
    for node in nodes_of(manifest, "model", "snapshot"):
        for parent in node["depends_on"]["nodes"]:
            yield node, known[parent]


def forbidden(reader: str, read: str) -> bool:
    allowed = READS[reader]
    return reader != read and allowed is not None and read not in allowed


def test_models_read_whom_the_plan_lets_them(manifest: Manifest) -> None:
    drawn = {
        (reader["name"], read["name"])
        for reader, read in arrows(manifest)
        if forbidden(folder_of(reader), folder_of(read))
    }
    assert drawn - EXCEPTIONS == set(), "not drawn in the house plan"
    here = {node["name"] for node in nodes_of(manifest, "model", "seed", "snapshot")}
    here |= {source["name"] for source in manifest["sources"].values()}
    unneeded = {arrow for arrow in EXCEPTIONS - drawn if here.issuperset(arrow)}
    assert unneeded == set(), "no longer needed: take it off the list"


def test_every_source_is_read_by_one_model(manifest: Manifest) -> None:
    readers: dict[str, list[str]] = {}
    for reader, read in arrows(manifest):
        if folder_of(read) == "source":
            readers.setdefault(f"{read['source_name']}.{read['name']}", []).append(reader["name"])
    assert readers
    assert {source: names for source, names in readers.items() if len(names) > 1} == {}


def test_benchmarks_are_never_fitted(manifest: Manifest) -> None:
    """Targets come from the snapshot of facts, and benchmarks are on no way into it."""
    parents: dict[str, set[str]] = {}
    for reader, read in arrows(manifest):
        parents.setdefault(reader["name"], set()).add(read["name"])
    assert "snap_fact" in parents["tgt_fact"]
    way, seen = ["tgt_fact"], set()
    while way:
        name = way.pop()
        seen.add(name)
        way += parents.get(name, set()) - seen
    assert {"stg_facts__fact", "fact"} <= seen
    assert not {"stg_facts__benchmark", "benchmark"} & seen


def test_closed_files_are_on_no_way_into_a_release(manifest: Manifest) -> None:
    """Whatever a source may read that is not PUBLIC, no released table is made from it."""
    parents: dict[str, list[Manifest]] = {}
    for reader, read in arrows(manifest):
        parents.setdefault(reader["name"], []).append(read)
    way, seen, read_by_release = ["release_file"], set(), []
    while way:
        name = way.pop()
        seen.add(name)
        for parent in parents.get(name, []):
            if parent["resource_type"] == "source":
                read_by_release.append(parent)
            elif parent["name"] not in seen:
                way.append(parent["name"])
    registry = load_registry()
    closed = [
        f"{source['source_name']}.{source['name']}: {entry.name} ({entry.access_class})"
        for source in read_by_release
        for patterns in (source["config"]["meta"].get("entries") or {},)
        if isinstance(patterns, dict)
        for chosen in patterns.values()
        for pattern in ([chosen] if isinstance(chosen, str) else chosen)
        for entry in named(registry, pattern)
        if entry.access_class != "PUBLIC"
    ]
    assert read_by_release
    assert closed == []


def test_every_model_states_its_grain(manifest: Manifest) -> None:
    models = nodes_of(manifest, "model")
    assert models
    assert [m["name"] for m in models if "**Grain** " not in m["description"]] == []


def test_tables_that_others_read_have_contracts(manifest: Manifest) -> None:
    free = [
        model["name"]
        for model in nodes_of(manifest, "model")
        if model["language"] == "sql"
        and not model["config"]["contract"]["enforced"]
        # A view renames; a step `int_<what>__<survey>` serves one model and is described.
        and folder_of(model) not in ("staging", "harmonized")
    ]
    assert free == []
    harmonized = ("household", "person", "family", "spm_unit", "tax_unit")
    contracts = {
        m["name"]: m["config"]["contract"]["enforced"] for m in nodes_of(manifest, "model")
    }
    assert [entity for entity in harmonized if not contracts[f"int_{entity}"]] == []


def test_public_columns_are_described(manifest: Manifest) -> None:
    wrong = []
    for model in public(manifest):
        assert model["columns"], f"{model['name']} has no columns in the YAML"
        for name, column in model["columns"].items():
            clause = re.split(r"[.;:,(]", column["description"])[0]
            if not 0 < len(clause) <= 80 or not column["data_type"]:
                wrong.append(f"{model['name']}.{name}: {clause!r}")
    assert not wrong, "the first clause stands alone in a table of 80 characters"


def test_public_amounts_have_a_unit(manifest: Manifest) -> None:
    missing = [
        f"{model['name']}.{name}"
        for model in public(manifest)
        for name, column in model["columns"].items()
        if column["data_type"] == "double"
        and not column["config"]["meta"].get("unit")
        and name not in UNITLESS.get(model["name"], set())
    ]
    assert missing == []


def test_imputable_amounts_have_their_origin_beside_them(manifest: Manifest) -> None:
    for model in public(manifest):
        origins = [name for name in model["columns"] if name.endswith("_origin")]
        strays = [name for name in origins if name.removesuffix("_origin") not in model["columns"]]
        assert strays == [], model["name"]


def code_lines(text: str) -> int:
    """Count lines that are neither blank nor the module's docstring."""
    module = ast.parse(text)
    said = ast.get_docstring(module, clean=False)
    without = text.replace(said, "", 1) if said else text
    return sum(1 for line in without.splitlines() if line.strip(' "'))


def test_python_models_are_thin() -> None:
    files = sorted((ROOT / "python_models").rglob("*.py"))
    assert files
    long = {file.name: code_lines(file.read_text(encoding="utf-8")) for file in files}
    assert {name: lines for name, lines in long.items() if lines > 30} == {}


def test_modules_and_functions_are_short() -> None:
    files = sorted((ROOT / "src" / "steelyard").rglob("*.py"))
    assert files
    long = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        if len(text.splitlines()) > 400:
            long.append(f"{file.name}: {len(text.splitlines())} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > 60:
                    long.append(f"{file.name}: {node.name} has {lines} lines")
    assert not long


def calls(text: str, function: str) -> Iterator[tuple[str, str]]:
    """Give the argument of every call of a function, and what follows the call."""
    for found in re.finditer(rf"(?<![\w.]){function}\(", text):
        depth, end = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        yield text[found.end() : end - 1], text[end:].lstrip()


#: What adds up exactly in any order: integers, by name or by cast.
EXACT = re.compile(
    r"(?:(?:\w+\.)?(?:n_\w+|\w+_(?:count|size))|[\s+-])+"
    r"|\s*cast\(.*as (?:integer|bigint|decimal\(.*\))\s*\)\s*",
    re.DOTALL,
)


def disordered_sums(text: str) -> list[str]:
    """List sums of doubles whose last digits depend on the order of rows."""
    plain = [argument for argument, _ in calls(text, "sum") if not EXACT.fullmatch(argument)]
    careful = [
        argument
        for argument, rest in calls(text, "fsum")
        if not re.search(r"\border by\b", argument) and not rest.startswith("over")
    ]
    return plain + careful


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        ("select sum(amount * weight) from units", 1),
        ("select fsum(amount) from units", 1),
        ("select fsum(amount) filter (where amount > 0) from units", 1),
        ("select fsum(greatest(amount, 0) order by unit_id) from units", 0),
        ("select fsum(amount) over household from units window household as ()", 0),
        ("select sum(within_10_count) / sum(units.n_members - n_under_18) from units", 0),
        ("select cast(sum(cast(units.amount as decimal(18, 4))) as double) from units", 0),
    ],
)
def test_disordered_sums_are_found(sql: str, count: int) -> None:
    assert len(disordered_sums(sql)) == count


def test_doubles_are_summed_in_key_order() -> None:
    files = [*(ROOT / "models").rglob("*.sql"), *(ROOT / "macros").rglob("*.sql")]
    assert files
    found = {
        file.name: sums for file in files if (sums := disordered_sums(file.read_text("utf-8")))
    }
    assert found == {}, "use fsum(… order by key)"


def test_no_tracked_file_names_a_place_on_somebodys_machine() -> None:
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    place = re.compile(rb"(?<![\w.:/}>)-])/(?:home|root|Users|work|mnt|tmp)/[\w.]")
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    wrong = [
        str(file.relative_to(ROOT))
        for file in files
        if file.is_file() and file != Path(__file__) and place.search(file.read_bytes())
    ]
    assert wrong == []
