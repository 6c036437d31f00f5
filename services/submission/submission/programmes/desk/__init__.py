"""The officers' desk of programmes: new editions, phases with other dates, frozen options."""
