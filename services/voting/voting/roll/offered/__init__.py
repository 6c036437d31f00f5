"""What is put to the vote, and under which charter: heard from submission and count."""
