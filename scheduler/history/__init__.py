"""The past, read only: why things were as they were, and what other rules would have wanted."""
