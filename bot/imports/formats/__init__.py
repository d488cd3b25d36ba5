"""Readers of what other services export, one file or an archive of files, into a `History`."""
