"""Stories on every platform; only the wire is faked."""
