"""Events between services: the outbox they leave by, the log they travel on, and the consumers that act on them."""
