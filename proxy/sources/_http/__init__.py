"""Fetching over HTTP for the sources that are read by it: verified, with credentials for one place only, and stoppable.

libav's own HTTP does not verify the segments of a playlist, and a failure there ends the process, so Python fetches and libav
only takes apart what came.
"""
