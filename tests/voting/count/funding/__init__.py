"""The desk of grants: what was decided once is copied for each test of the room."""
