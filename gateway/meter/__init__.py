"""The gateway's side of metering: decisions over one stream, the policy, and what is done while metering is away."""
