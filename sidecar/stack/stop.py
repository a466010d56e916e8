"""End a stack and leave nothing of it but its logs."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sidecar.stack.state import StackState, load_state, locked
from sidecar.stack.watch import Silent, Watch


def stop_stack(folder: Path, watch: Watch | None = None) -> list[str]:
    """Stop what runs and remove its files. The names of the servers that were stopped."""
    with locked(folder):
        state = load_state(folder)
        return [] if state is None else take_down(state, watch)


def take_down(state: StackState, watch: Watch | None = None) -> list[str]:
    """Stop all servers at once, remove their files, forget the state."""
    shown = watch or Silent()
    alive = [service for service in state.services.values() if service.is_alive()]

    def end(name: str) -> None:
        with shown.part(name):
            state.services[name].stop()

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(end, state.services))
    state.remove()
    return [service.name for service in alive]
