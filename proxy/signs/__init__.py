"""Words and images on pictures that are hidden already: notices, a wall clock, and what a covered picture says."""
