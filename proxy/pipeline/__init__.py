"""The async shell: one camera from source to sinks, and many cameras under one supervisor."""
