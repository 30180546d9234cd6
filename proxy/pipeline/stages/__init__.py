"""The four steps of a camera, in the order frames travel: ingest, anonymise, encode, publish."""
