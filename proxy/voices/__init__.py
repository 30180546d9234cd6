"""What becomes of sound before it may leave: each way is one file, and the gate asks one of them for every session of a camera."""
