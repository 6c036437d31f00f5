"""Ideas and their dossiers: deposited, filed, amended, and the page that tells their life."""
