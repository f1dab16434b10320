"""Which surveys a build was made from, as the registry and the build's files say."""

from steelyard.sources.registry import load_registry
from steelyard.sources.use import survey_use


def test_a_survey_is_real_invented_or_not_used() -> None:
    used = {"demo_scf_2022": True, "demo_acs_2022_household_a": True, "acs_2022_person_a": False}
    use = {row["survey"]: row for row in survey_use(load_registry(), used).to_pylist()}
    said = {survey: row["use"] for survey, row in use.items()}
    assert (said["scf"], said["acs"], said["psid"]) == ("synthetic", "real", "none")
    assert set(said) == {entry.survey for entry in load_registry().values() if entry.survey}
    assert "Demo" not in use["scf"]["title"]
    assert use["scf"]["producer"].startswith("Board of Governors")
