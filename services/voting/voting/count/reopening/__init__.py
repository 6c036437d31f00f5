"""Where two administrators open a restored box or roll again."""
