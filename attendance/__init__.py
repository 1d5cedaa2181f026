"""The command line, and the embedded default: the only place that knows several services."""
