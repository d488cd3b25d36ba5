"""All SQL, one file a capability."""
