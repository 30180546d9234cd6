"""Sample clips with exact ground truth, and the programs that made them."""
