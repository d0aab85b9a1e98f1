"""The run that the command line and the DAGs share: settings, errors, lease, nightly steps."""
