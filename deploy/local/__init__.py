"""Everything on one machine: the embedded PostgreSQL, keys, data, all services and the gateway."""

import os

# Children are started by fork and exec. gRPC's fork handlers are for forks that go on with the same program; here they
# would only complain on the terminal that calls are under way. gRPC reads this when it is imported.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
