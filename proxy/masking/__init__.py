"""What must be hidden, decided without I/O: plans, the policy from tracks to regions, the look-back line, cadence, zones."""
