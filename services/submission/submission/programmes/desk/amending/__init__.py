"""The officers' form of an amendment."""
