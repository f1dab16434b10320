"""Two releases compared: every kind of change is found, counted and said."""

from pathlib import Path

import pandas as pd
import pytest
from release_fixture import NEW_TARGETS, OTHER_UNITS, UNITS, written

from steelyard.release import ReleaseError
from steelyard.release.changelog import draft_changelog
from steelyard.release.comparison import compare_releases


def test_a_release_does_not_differ_from_itself(tmp_path: Path) -> None:
    release = written(tmp_path)
    assert draft_changelog(compare_releases(release, release)).endswith("Nothing differs.\n")


def test_every_change_is_found(tmp_path: Path) -> None:
    found = compare_releases(
        written(tmp_path), written(tmp_path, units=OTHER_UNITS, targets=NEW_TARGETS)
    )
    assert found.ingredients == ("git_commit",)
    assert (found.tables_gained, found.tables_lost) == (("val_summary",), ())
    assert found.records.to_dict("records") == [
        {"table_name": "tax_unit", "old_rows": 6, "new_rows": 7, "gained": 2, "lost": 1}
    ]
    columns = found.columns.set_index("column_name")
    assert columns["change"].to_dict() == {
        "filing_status": "changed",
        "calibrated_weight": "changed",
        "snap": "gained",
        "eitc": "lost",
    }
    weight = columns.loc["calibrated_weight"]
    assert (weight["records_changed"], weight["old_total"], weight["new_total"]) == (1, 60, 80)
    assert weight["distance"] == pytest.approx(1 / 7)
    targets = found.targets.set_index("target_id")["change"].to_dict()
    assert targets == {"a": "lost", "b": "revised", "c": "recast", "d": "gained"}
    assert list(found.gates["gate"]) == ["top_100_share_at_most"]


def test_records_are_found_by_key_in_whatever_order_they_stand(tmp_path: Path) -> None:
    changed = UNITS.replace(
        "10.0 as calibrated_weight", "if(i = 3, 20.0, 10.0) as calibrated_weight"
    )
    old = written(tmp_path / "old")
    in_order = compare_releases(old, written(tmp_path / "new", units=changed))
    assert in_order.records.empty
    (column,) = in_order.columns.to_dict("records")
    assert (column["column_name"], column["records_changed"]) == ("calibrated_weight", 1)
    assert (column["old_total"], column["new_total"]) == (60, 70)
    # The same records, the last first.
    turned = written(tmp_path / "turned", units=changed, order="tax_unit_id desc")
    pd.testing.assert_frame_equal(compare_releases(old, turned).columns, in_order.columns)


def test_the_changelog_says_every_change(tmp_path: Path) -> None:
    said = draft_changelog(
        compare_releases(
            written(tmp_path), written(tmp_path, units=OTHER_UNITS, targets=NEW_TARGETS)
        )
    )
    for words in (
        "Gate `top_100_share_at_most` is now met: 0.008.",
        "Gate `top_100_share_at_most` has another limit: 0.01, now 0.02.",
        "Made from another `git_commit`.",
        "Tables gained: `val_summary`.",
        "`tax_unit`: 7 records, was 6; 2 gained, 1 lost.",
        "Targets revised: 1 (`b` 2, now 2.5).",
        "Targets recast: 1 (`c` fitted, now held_out).",
        "Columns gained: `tax_unit.snap`.",
        "| `tax_unit.calibrated_weight` | 1 | 60 | 80 | +33.3% | 0.1429 |",
    ):
        assert words in said


def test_releases_of_different_builds_are_refused(tmp_path: Path) -> None:
    one, other = written(tmp_path / "demo"), written(tmp_path / "us", build="us_2022")
    with pytest.raises(ReleaseError, match="different builds \\(demo and us_2022\\)"):
        compare_releases(one, other)
    with pytest.raises(ReleaseError, match="not a release"):
        compare_releases(one, tmp_path)
