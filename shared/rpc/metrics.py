"""What RPC reports of itself to Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

CALLS = Counter("rpc_calls_total", "RPCs answered, by method and status code.", ["method", "code"])
SECONDS = Histogram(
    "rpc_seconds",
    "Time to answer a unary RPC, in seconds, by method and status code.",
    ["method", "code"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
IN_FLIGHT = Gauge("rpc_in_flight", "RPCs being answered, by method.", ["method"])
