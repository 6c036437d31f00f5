"""The dossier of an idea: filed by an organisation, amended until its phase closes."""
