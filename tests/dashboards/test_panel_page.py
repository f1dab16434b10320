"""The page on the panel: its people, its events and what drifts, or that there is none."""

from pathlib import Path

import dashboard_release
import panel_tables
import pytest
from streamlit.testing.v1 import AppTest

from steelyard.report import figures_panel, figures_reform

PAGE = Path(__file__).resolve().parents[2] / "dashboards" / "pages" / "panel.py"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def page() -> AppTest:
    shown = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not shown.exception
    return shown


def test_a_release_without_a_panel_says_how_to_make_one(root: Path) -> None:
    dashboard_release.write(root, **panel_tables.none())
    shown = page()
    assert "no aged panel" in shown.info[0].value
    assert "steelyard panel" in shown.info[0].value
    assert not shown.metric
    assert not shown.error


def test_the_panel_is_named_and_what_drifts_is_said(root: Path) -> None:
    dashboard_release.write(root, **panel_tables.of_panel())
    shown = page()
    assert {each.label: each.value for each in shown.metric} == {
        "Years": "2022 to 2024",
        "Imputations": "2",
        "Records in the last year": "6,024",
        "Scenario": "intermediate",
    }
    assert any("2022-0123456789, present law" in each.value for each in shown.caption)
    (warned,) = (each.value for each in shown.warning if "drift" in each.value)
    assert "birth" in warned
    (events,) = (each.value for each in shown.dataframe)
    assert events["event"].tolist() == ["birth", "taxable_payroll"]
    assert events["years_off"].tolist() == [6, 0]
    shown.select_slider(key="people_year").set_value(2022).run()
    shown.selectbox(key="event").set_value("taxable_payroll").run()
    assert not shown.exception


def test_nothing_is_warned_of_where_no_factor_drifts(root: Path) -> None:
    dashboard_release.write(root, **panel_tables.of_panel(drifts=False))
    assert not [each for each in page().warning if "drift" in each.value]


def test_titles_say_what_was_found() -> None:
    tables = panel_tables.of_panel()
    people = tables["val_panel_population"].query("imputation == 1 and panel_year == 2024")
    said = figures_panel.pyramid(people, 2024).to_dict()["title"]["text"]
    assert "3 of 4 groups" in " ".join(said)
    assert "female 100 and over, is 10.0% off" in " ".join(said)
    last = people.assign(published_persons=float("nan"))
    assert "nothing of the Trustees'" in title(figures_panel.pyramid(last, 2100))
    one = tables["val_panel_alignment"].query("imputation == 1")
    births = one[one["event"] == "birth"]
    assert "0.50%" in title(figures_panel.event_path(births, "birth", "persons"))
    factors = births.assign(is_drifting=births["is_drifting"].astype(bool))
    assert "birth: factors drift" in title(figures_panel.factors(factors))
    assert "No factor" in title(figures_panel.factors(factors.assign(is_drifting=False)))
    weights = tables["val_panel_year"].query("imputation == 1")
    assert "2024 the effective sample is 95%" in title(figures_panel.weight_spread(weights))


def test_figures_of_money_say_what_was_found() -> None:
    tables = panel_tables.of_panel()
    money = tables["val_panel_finance"].query("imputation == 1").assign(cost_rate_error=None)
    assert "within 0.50 points" in title(figures_panel.rates(money))
    several = figures_panel.rates(money.assign(cost_rate_error=0.1)).to_dict()
    assert "two standard errors" in several["title"]["subtitle"]
    alone = money.assign(trustees_cost_rate=float("nan"), trustees_income_rate=float("nan"))
    assert "Nothing of the Trustees'" in title(figures_panel.rates(alone))
    assert "benefit over earnings" in title(figures_panel.cost_difference(money))
    assert "last until 2024" in title(figures_panel.trust_fund(money))
    assert "exhausted in 2023" in title(figures_panel.trust_fund(money.assign(assets=-1.0)))
    paid = tables["val_panel_beneficiary"].query("imputation == 1 and sex == 'female'")
    counted = figures_panel.beneficiaries(paid[paid["panel_year"] == 2024], 2024)
    assert "29.0 million are paid, +3.6% from SSA's count" in title(counted)
    uncounted = figures_panel.beneficiaries(paid[paid["panel_year"] == 2023], 2023)
    assert "count" not in title(uncounted)
    rates = tables["val_panel_replacement"].query("imputation == 1 and panel_year == 2024")
    assert "85% of the lowest" in title(figures_panel.replacement(rates, 2024))


def test_figures_of_a_reform_say_what_it_moves_and_for_whom() -> None:
    tables = panel_tables.of_panel(reform=True)
    rates = tables["val_panel_reform"].query("imputation == 1")
    said = title(figures_reform.reform_rates(rates))
    assert "In 2024 the reform lowers cost by 1.00 and leaves income as it is" in said
    assert "balance changes by +1.00 points" in said
    people = tables["val_panel_reform_winner"].query("imputation == 1")
    said = title(figures_reform.winners(people, 2024))
    assert said.startswith("2024: 8% of all who are paid lose a dollar or more, 6% gain")
    assert "most lose among men, highest fifth, 100%" in said
    nobody = people.assign(gaining_persons=0.0, losing_persons=0.0)
    assert title(figures_reform.winners(nobody, 2024)).endswith("or more, 0% gain")


def title(chart: object) -> str:
    return " ".join(chart.to_dict()["title"]["text"])  # type: ignore[attr-defined]
