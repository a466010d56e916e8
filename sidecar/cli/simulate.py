"""`reshelf simulate`: what learning of shoppers is worth, on made-up shoppers whose true taste is known."""

from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.opensearch_target import told_problems
from sidecar.cli.pipeline import ProfilesFolder


def register(app: typer.Typer) -> None:
    """Add the command to `reshelf`."""
    app.command("simulate")(simulate)


def simulate(
    populations: Annotated[int, typer.Option(min=1, max=100, help="Worlds with tastes of their own.")] = 5,
    shoppers: Annotated[
        int, typer.Option(min=2, max=10_000, help="With a taste, in each; half as many without on top.")
    ] = 60,
    related: Annotated[
        int,
        typer.Option(
            min=0,
            max=100_000,
            help="Other shoppers, whose clicks tell which brands are liked together; 0: leave that out.",
        ),
    ] = 3000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 1,
    products: Annotated[
        Path | None, typer.Option(help="Products (with --judgments). Default: the sample shop's.")
    ] = None,
    judgments: Annotated[
        Path | None, typer.Option(help="Judged queries of these products, as for `reshelf evaluate`.")
    ] = None,
    shop_products: Annotated[
        int, typer.Option(min=400, max=20_000, help="How many products the sample shop has.")
    ] = 2000,
    profile: Annotated[
        str | None,
        typer.Option(help="A profile with `personalization`. Default: its defaults."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the learning curve here (.svg or .png).")
    ] = None,
    json_out: Annotated[
        str | None, typer.Option("--json", metavar="OUT", help="Write the figures as JSON; - is stdout.")
    ] = None,
    profiles: ProfilesFolder = None,
) -> None:
    """Measure personalization on simulated shoppers: a table of arms, with the harm to those without a taste.

    Example: `reshelf simulate --populations 5 --plot curve.svg`

    A quick look: `reshelf simulate --populations 2 --shoppers 12`

    Tastes live in a space that no attribute of ours spells out; shoppers look from the top, drift, and a
    third of them has no taste. The learner is the code that serves. Figures are simulated: they compare ways
    to learn, and foretell no shop's clicks.
    """
    with told_problems():
        from sidecar.cli.steps.simulation_flow import Simulation, run_simulation

        run_simulation(
            Simulation(
                populations=populations,
                shoppers=shoppers,
                related=related,
                seed=seed,
                products=products,
                judgments=judgments,
                shop_products=shop_products,
                profile=profile,
                plot=plot,
                json_out=json_out,
                profiles=profiles,
            )
        )
