"""The proxy's own HTTP: the page that shows the anonymised stream, HLS files, status, health and metrics."""
