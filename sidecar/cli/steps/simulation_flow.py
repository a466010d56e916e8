"""What `reshelf simulate` does, and how it tells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.table import Table

from sidecar.cli.steps.evaluation_output import Outputs
from sidecar.cli.steps.personal_section import personal_section
from sidecar.cli.work_progress import work_progress
from sidecar.config.errors import ConfigurationError
from sidecar.simulation.goods import file_goods, shop_goods
from sidecar.simulation.plot import draw_curve
from sidecar.simulation.report import TITLE, Figure, Row, as_json, rows_of
from sidecar.simulation.run import CHECKPOINTS, Plan, simulate
from sidecar.simulation.shelf import Asked, Goods

FEWEST_QUERIES = 20
PLOTS = (".svg", ".png")


@dataclass(frozen=True)
class Simulation:
    """The command's options."""

    populations: int
    shoppers: int
    related: int
    seed: int
    products: Path | None
    judgments: Path | None
    shop_products: int
    profile: str | None
    plot: Path | None
    json_out: str | None
    profiles: Path | None


def run_simulation(asked: Simulation) -> None:
    """Checks what was named, simulates, tells. Raises ConfigurationError."""
    outputs = Outputs(asked.json_out, None, None)
    outputs.check()
    _check_plot(asked.plot)
    settings = personal_section(asked.profile, asked.profiles)
    goods, queries = _goods(asked)
    plan = Plan(asked.populations, asked.shoppers, asked.seed, asked.related)
    with work_progress("Simulating shoppers", plan.populations) as tick:
        simulated = simulate(goods, queries, settings, plan, tick)
    rows = rows_of(simulated)
    outputs.write(as_json(simulated, rows), _tables(rows, plan))
    if asked.plot is not None:
        draw_curve(asked.plot, rows)
        typer.echo(f"reshelf: the learning curve is in {asked.plot}", err=True)


def _goods(asked: Simulation) -> tuple[Goods, list[Asked]]:
    if (asked.products is None) != (asked.judgments is None):
        raise ConfigurationError("--products and --judgments belong together: give both, or neither.")
    if asked.products is not None and asked.judgments is not None:
        goods, queries = file_goods(asked.products, asked.judgments)
    else:
        goods, queries = shop_goods(asked.seed, asked.shop_products)
    if len(queries) < FEWEST_QUERIES:
        raise ConfigurationError(
            f"only {len(queries)} queries have judged products enough; {FEWEST_QUERIES} are the fewest, to "
            "learn on some and measure on others. Give more judgments, or more --shop-products."
        )
    return goods, queries


def _check_plot(plot: Path | None) -> None:
    """Minutes of work must not end in a file that cannot be written."""
    if plot is None:
        return
    if plot.suffix not in PLOTS:
        raise ConfigurationError(f"--plot {plot}: the name ends in {' or '.join(PLOTS)}.")
    if not plot.absolute().parent.is_dir():
        raise ConfigurationError(f"--plot {plot}: there is no folder {plot.parent}. Create it first.")


def _tables(rows: Sequence[Row], plan: Plan) -> Iterator[Table]:
    """nDCG by interactions, the way to the oracle, and the harm."""
    captions = {
        "ndcg": f"{TITLE}; shoppers with a taste",
        "way": "Simulated: share of the way from relevance only to the oracle; shoppers with a taste",
        "harm": "Simulated: nDCG@10 against relevance only; shoppers without a taste",
    }
    for name, caption in captions.items():
        table = Table(title=caption, title_justify="left")
        table.add_column("after interactions")
        for number in CHECKPOINTS:
            table.add_column(str(number), justify="right")
        for arm in dict.fromkeys(row.arm for row in rows):
            cells = [getattr(row, name) for row in rows if row.arm == arm]
            table.add_row(arm, *(_cell(cell, name) for cell in cells))
        table.caption = (
            f"{plan.populations} populations: {plan.shoppers} shoppers with a taste, {plan.without} without; "
            "±: half the 95 % interval over populations"
        )
        yield table


def _cell(figure: Figure, name: str) -> str:
    half = (figure.high - figure.mean) if figure.high is not None else None
    if name == "ndcg":
        return f"{figure.mean:.3f}" + (f" ±{half:.3f}" if half is not None else "")
    form = "+.1%" if name == "harm" else ".0%"
    return f"{figure.mean:{form}}" + (f" ±{half:.1%}" if half is not None else "")
