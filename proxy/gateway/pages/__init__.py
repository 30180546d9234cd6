"""What a report looks like, a file for each kind: a page for browsers, a PDF for files and courts."""
