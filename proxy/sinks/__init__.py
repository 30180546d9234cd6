"""Ways out, one file each. A sink takes encoded packets until told to stop or until it fails, and never retries."""
