"""gRPC for every service: the server, the client, and what a call carries."""
