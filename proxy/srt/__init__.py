"""SRT for sources and sinks: addresses, Debian's libsrt through ctypes, and connections that wait in bounded time."""
