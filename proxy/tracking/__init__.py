"""Where people go next: motion model, association, tracks. Pure numpy; time is an input."""
