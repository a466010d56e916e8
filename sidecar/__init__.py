"""Reshelf: a re-ranking sidecar for OpenSearch."""

import os

__version__ = "0.1.0"

# Programs that are started as another user are forked. gRPC's handlers would begin its threads anew in the
# child, which then crashes now and then before it becomes that program. No forked child goes on in Python
# here. gRPC reads this when it is imported.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
