"""The desk's routes: the directory, exchanges, files, alerts, notices."""
