"""The gateway's composition root: gateway.toml becomes objects, and the objects run."""
