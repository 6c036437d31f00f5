"""All tests. It and each room with a fixture of `scope="package"` is a package: elsewhere pytest
keeps such a fixture to the end of the session, and an idle platform takes nearly half a processor.
"""
