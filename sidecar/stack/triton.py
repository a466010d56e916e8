"""A real Triton server without a container: the CPU binary that the nvidia-pytriton wheel carries.

The wheel's Python client is not used and its dependencies are not installed. The model runs in a *stub*
process of Triton's, which embeds the Python that runs this code, with packages of its own (numpy below 2).
"""

import ctypes
import fcntl
import hashlib
import json
import os
import platform
import shutil
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sidecar.model.errors import ModelError
from sidecar.model.package_installer import install_files
from sidecar.model.progress import Progress, silent
from sidecar.stack.errors import StackError
from sidecar.stack.paths import cache_folder
from sidecar.stack.ports import LOOPBACK

REQUIREMENTS = Path(__file__).with_name("triton-requirements.txt")
MODEL = "bert_reranker"
OTHER_SCORER = "or score without Triton: `--scorer onnx`"
OLDEST_GLIBC = (2, 35)
TOO_NEW_PYTHON = (3, 13)
"""The stub needs numpy 1, whose last release is for Python 3.12."""
COMPLETE = "complete.json"


@dataclass(frozen=True)
class TritonInstall:
    """Where the parts of an installed Triton are. `python_library` is the folder of libpython."""

    packages: Path
    python_library: Path

    @property
    def server(self) -> Path:
        """The tritonserver binary."""
        return self.packages / "pytriton" / "tritonserver" / "bin" / "tritonserver"

    @property
    def backends(self) -> Path:
        """Triton's backend directory, with the stub for this Python in it."""
        return self.packages / "pytriton" / "tritonserver" / "backends"

    @property
    def libraries(self) -> Path:
        """Shared libraries that the wheel bundles."""
        return self.packages / "nvidia_pytriton.libs"


def ensure_triton(progress: Progress = silent) -> TritonInstall:
    """Installs Triton into the cache unless it is there: about 250 MB, pinned, checksums checked.

    Several calls at a time, by several processes too, make one install. Raises StackError where Triton
    cannot run, saying what to do.
    """
    _check_platform()
    python_library = _python_library_folder()
    folder = cache_folder() / "triton" / _key()
    install = TritonInstall(folder, python_library)
    if _is_complete(folder):
        return install
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        progress("waiting for another install")
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_complete(folder):
            return install
        shutil.rmtree(folder, ignore_errors=True)
        scratch = Path(tempfile.mkdtemp(prefix="installing-", dir=folder.parent))
        try:
            progress("downloading and installing Triton")
            install_files(REQUIREMENTS, scratch)
            _put_stub(scratch)
            _write_complete(scratch)
            scratch.chmod(0o755)
            # One step, so that a crash leaves no half an install that looks whole.
            scratch.rename(folder)
        except ModelError as error:
            raise StackError(f"Triton cannot be installed: {error}") from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return install


def triton_command(
    install: TritonInstall,
    model_repository: Path,
    grpc_port: int,
    http_port: int,
    metrics_port: int,
    load: str = MODEL,
) -> tuple[list[str], dict[str, str]]:
    """The command line that serves on loopback, and the environment on top of the caller's.

    `load` names the model that is loaded at the start; "*" loads all that the repository holds by then.

    Start it in a session of its own and end the whole session: the stub is a child that may outlive a
    killed server by some seconds.
    """
    arguments = [
        str(install.server),
        f"--model-repository={model_repository}",
        # Explicit: a new version or a second (blue/green) model is loaded when an operator says so.
        "--model-control-mode=explicit",
        f"--load-model={load}",
        "--disable-auto-complete-config",
        f"--backend-directory={install.backends}",
        "--backend-config=python,stub-timeout-seconds=60",
        # Shared memory between server and stub: a segment starts at this size and grows by it.
        "--backend-config=python,shm-default-byte-size=4194304",
        "--backend-config=python,shm-growth-byte-size=4194304",
        # Unique, so that two stacks on one machine never meet in /dev/shm.
        f"--backend-config=python,shm-region-prefix-name={shared_memory_prefix(grpc_port)}",
        f"--grpc-address={LOOPBACK}",
        f"--grpc-port={grpc_port}",
        f"--http-address={LOOPBACK}",
        f"--http-port={http_port}",
        f"--metrics-address={LOOPBACK}",
        f"--metrics-port={metrics_port}",
        "--allow-gpu-metrics=false",
        # Clients may ping an idle channel every 10 s; gRPC's default would end the connection for that.
        "--grpc-keepalive-permit-without-calls=1",
        "--grpc-http2-min-recv-ping-interval-without-data=5000",
        "--exit-timeout-secs=5",
    ]
    environment = {
        "LD_LIBRARY_PATH": os.pathsep.join([str(install.libraries), str(install.python_library)]),
        # The embedded Python finds its standard library through HOME and nothing of our own environment.
        "PYTHONHOME": sys.base_prefix,
        # The embedded Python ignores PYTHONPATH; model.py reads this one.
        "RESHELF_TRITON_PACKAGES": str(install.packages),
        "TOKENIZERS_PARALLELISM": "false",
    }
    return arguments, environment


def shared_memory_prefix(grpc_port: int) -> str:
    """How the names of a server's segments in /dev/shm start; a UUID follows."""
    return f"reshelf_{grpc_port}"


def _check_platform() -> None:
    machine = f"{platform.system()} {platform.machine()}"
    if machine != "Linux x86_64":
        raise StackError(
            f"the Triton of this stack runs on Linux x86_64 only, this is {machine}. "
            f"Use docker-compose.yml, {OTHER_SCORER}."
        )
    if sys.version_info >= TOO_NEW_PYTHON:
        raise StackError(
            f"the Triton of this stack runs models with Python 3.11 or 3.12, this is "
            f"{sys.version_info.major}.{sys.version_info.minor}. Make the environment with one of those, "
            f"{OTHER_SCORER}."
        )
    name, version = platform.libc_ver()
    if name == "glibc" and tuple(int(part) for part in version.split(".")[:2]) < OLDEST_GLIBC:
        raise StackError(
            f"Triton needs glibc {'.'.join(map(str, OLDEST_GLIBC))}, this system has {version}. "
            f"Use docker-compose.yml, {OTHER_SCORER}."
        )


def _python_library_folder() -> Path:
    """The folder of this Python's shared libpython. Raises StackError where there is none."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    name = f"libpython{version}.so.1.0"
    variables = [sysconfig.get_config_var(variable) for variable in ("LIBDIR", "LIBPL")]
    folders = [Path(value) for value in variables if value] + [Path(sys.base_prefix) / "lib"]
    multiarch = sysconfig.get_config_var("MULTIARCH")
    if multiarch:
        folders += [folder / multiarch for folder in folders]
    for folder in folders:
        if (folder / name).is_file():
            return folder
    try:
        # Where the system's loader finds it, no folder has to be named.
        ctypes.CDLL(name)
    except OSError:
        raise StackError(
            f"Triton embeds Python as {name}, which this Python ({sys.base_prefix}) does not have. "
            f"Install it (Debian: libpython{version}), make the environment with a Python built with "
            f"--enable-shared (uv's and pyenv's with that option are), {OTHER_SCORER}."
        ) from None
    return Path(sys.base_prefix) / "lib"


def _put_stub(packages: Path) -> None:
    """Puts the stub for this Python beside libtriton_python.so. Raises StackError if the wheel has none."""
    server = packages / "pytriton" / "tritonserver"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    stub = server / "python_backend_stubs" / version / "triton_python_backend_stub"
    if not stub.is_file():
        there = sorted(
            (folder.name for folder in (server / "python_backend_stubs").glob("3.*")),
            key=lambda name: int(name.split(".")[1]),
        )
        raise StackError(
            f"this Triton runs models with Python {', '.join(there) or '(none)'}, not {version}. "
            f"Make the environment with one of those, {OTHER_SCORER}."
        )
    target = server / "backends" / "python" / stub.name
    shutil.copyfile(stub, target)
    for program in (target, server / "bin" / "tritonserver"):
        program.chmod(0o755)


def _key() -> str:
    """Names an install: what is pinned, and the Python that it is for."""
    content = REQUIREMENTS.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    return f"{digest}-{sys.implementation.cache_tag}"


def _write_complete(folder: Path) -> None:
    """Notes the size of every file, so that a damaged install is found and made again."""
    files = {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    (folder / COMPLETE).write_text(json.dumps(files), encoding="utf-8")


def _is_complete(folder: Path) -> bool:
    try:
        files = json.loads((folder / COMPLETE).read_text(encoding="utf-8"))
        return all((folder / name).stat().st_size == size for name, size in files.items())
    except (OSError, ValueError, AttributeError):
        return False
