"""Explicit control of the models on a Triton: load, unload, look. Beside triton.py, which asks them.

Needs a server that was started with `--model-control-mode=explicit`.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

import tritonclient.grpc.aio as triton
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2
from tritonclient.utils import InferenceServerException

from sidecar.ranking.relevance.triton import CHANNEL_OPTIONS
from sidecar.ranking.relevance.triton_connection import Connection

CALL_TIMEOUT = 10.0
"""Seconds for a look. Loads have their own patience."""


class ControlError(Exception):
    """Triton did not do what it was told. The message is Triton's own."""


@dataclass(frozen=True)
class Signature:
    """What a loaded model takes and answers: name → datatype."""

    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


class TritonControl:
    """One channel to one Triton; to be made and used inside one event loop."""

    def __init__(self, connection: Connection) -> None:
        self._client = triton.InferenceServerClient(
            connection.address,
            ssl=connection.tls,
            root_certificates=connection.ca,
            private_key=connection.key,
            certificate_chain=connection.certificate,
            channel_args=CHANNEL_OPTIONS,
        )

    async def load(self, model: str, patience: float = 120.0) -> None:
        """Returns when it is ready, warm-up done. Raises ControlError.

        A model that is loaded is loaded again only if its files have changed; where that fails it stays.
        """
        await self._told(self._client.load_model(model, client_timeout=patience))

    async def revive(self, model: str, patience: float = 120.0) -> None:
        """Has a model that is lost, or called ready though it is dead, run anew. Raises ControlError.

        Where another caller has begun already, this one only waits.
        """
        if await self.is_ready(model):
            await self.unload(model)
        await self.load(model, patience)

    async def unload(self, model: str) -> None:
        """Takes no new requests for it; those under way are answered. Raises ControlError."""
        await self._told(self._client.unload_model(model, client_timeout=CALL_TIMEOUT))

    async def is_ready(self, model: str) -> bool:
        """Whether Triton calls it ready (which it also does where the model's process is dead)."""
        return bool(await self._told(self._client.is_model_ready(model, client_timeout=CALL_TIMEOUT)))

    async def signature(self, model: str) -> Signature:
        """Of a loaded model. Raises ControlError."""
        told = await self._told(self._client.get_model_metadata(model, client_timeout=CALL_TIMEOUT))
        return Signature(
            {tensor.name: tensor.datatype for tensor in told.inputs},
            {tensor.name: tensor.datatype for tensor in told.outputs},
        )

    async def asked(self, model: str) -> int:
        """How many requests a loaded model has answered or refused since then. Raises ControlError."""
        told = await self._told(self._client.get_inference_statistics(model, client_timeout=CALL_TIMEOUT))
        stats = [one.inference_stats for one in told.model_stats]
        return sum(one.success.count + one.fail.count for one in stats)

    async def close(self) -> None:
        """Gives the channel back."""
        await self._client.close()

    async def _told(self, call: Awaitable[Any]) -> Any:
        """The call's answer. Raises ControlError."""
        try:
            return await call
        except InferenceServerException as error:
            raise ControlError(f"{error.message()}".strip()) from error


def declared_signature(config: str) -> Signature:
    """What a config.pbtxt says that the model takes and answers. Raises ControlError."""
    try:
        read = text_format.Parse(config, model_config_pb2.ModelConfig())
    except text_format.ParseError as error:
        raise ControlError(str(error)) from error
    return Signature(
        {one.name: _kind(one) for one in read.input}, {one.name: _kind(one) for one in read.output}
    )


def _kind(tensor: Any) -> str:
    """The configuration's word for a datatype as the protocol has it: TYPE_STRING is BYTES."""
    name = str(model_config_pb2.DataType.Name(tensor.data_type)).removeprefix("TYPE_")
    return "BYTES" if name == "STRING" else name
