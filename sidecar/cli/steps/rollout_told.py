"""What people read after a step of a roll-out."""

from typing import Any

from sidecar.rollout.deploy import Deployed
from sidecar.rollout.promote import Switched
from sidecar.rollout.upload import Upload


def told_deployment(done: Deployed | Upload) -> str:
    """The candidate and how it compares; or what is to be copied first."""
    if isinstance(done, Upload):
        return (
            f"The repository is not written by reshelf. Copy the folder\n  {done.folder}\nto\n  {done.to}\n"
            "with the store's own tool, then give this command again with --uploaded."
        )
    lines = [f"{done.candidate.model} ({done.candidate.fingerprint}) is loaded, warm, and the candidate."]
    if done.live is not None and done.comparison is None:
        lines.append(f"{done.live.model} does not answer: there was nothing to compare with.")
    if done.comparison is not None and done.live is not None:
        found = done.comparison
        kind = "the same weights" if done.parity else "other weights"
        lines.append(
            f"Against {done.live.model}, {kind}: top-10 overlap {found.top10_overlap:.2f}, Spearman "
            f"{found.spearman:.3f}, largest difference {found.largest_difference:.3f} standard deviations."
        )
    if done.gate is not None:
        gate = done.gate
        lines.append(
            f"Gate: nDCG@10 {gate['candidate']:.4f} against {gate['live']:.4f} on {gate['queries']} judged "
            f"queries (may lose {gate['loss_allowed']})."
        )
    lines.append("Next: reshelf model promote; or first: reshelf model shadow --share 0.1")
    return "\n".join(lines)


def told_switch(done: Switched) -> str:
    """Who is live, and what became of the others."""
    lines = [f"{done.live.model} ({done.live.fingerprint}) is live."]
    if done.previous is not None:
        drained = f", no longer asked after {done.drained:.1f} s" if done.drained is not None else ""
        lines.append(f"Previous: {done.previous.model}{drained}. Back: reshelf model rollback")
    if done.unloaded:
        lines.append(f"Unloaded: {', '.join(done.unloaded)}")
    return "\n".join(lines)


def tell_status(found: dict[str, Any]) -> None:
    """Prints the models and what each sidecar has seen."""
    from sidecar.cli.steps.table import show_table

    if not found["models"]:
        print("No model is served yet. `reshelf model deploy`, then `reshelf model promote`.")
        return
    show_table(
        [
            {
                "part": part,
                "model": told["model"],
                "fingerprint": told["fingerprint"],
                "state": told.get("error") or ("ready" if told["ready"] else "not loaded"),
                "asked": told["asked"] if told["asked"] is not None else "",
            }
            for part, told in found["models"].items()
        ]
    )
    if found["shadow"]:
        print(f"{found['shadow']['model']} ranks {found['shadow']['share']:.0%} of the searches as well.")
    for seen in found["sidecars"]:
        doubt = "" if seen["follows"] else " (not the live model)"
        print(f"{seen['url']}: asks {seen['live'] or 'nobody yet'}{doubt}")
        if seen["shadow"] and seen["shadow"]["compared"]:
            print(f"  shadow: {_shadow(seen['shadow'])}")


def _shadow(told: dict[str, Any]) -> str:
    return (
        f"{told['compared']} compared, {told['dropped']} dropped, {told['incomplete']} incomplete, "
        f"{told['failed']} failed; top-10 overlap {told['top10_overlap']:.2f}, pairs turned "
        f"{told['pairs_turned']:.3f}; {told['candidate_seconds'] * 1000:.0f} ms against "
        f"{told['live_seconds'] * 1000:.0f} ms"
    )
