"""The committee's desk: dossiers to review, labels to give or to refuse, with a reason."""
