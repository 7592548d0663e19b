"""The event log on Apache Kafka. kafka-python has no asyncio: its clients run in threads of their own."""
