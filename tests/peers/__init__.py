"""Real peers on loopback, each a process of its own that a test can kill, freeze and start again on the same port."""
