"""Documents as officers see them."""
