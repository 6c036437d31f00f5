"""What delivers the platform, and how it is set up."""
