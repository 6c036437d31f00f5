"""What follows a decision about money: confirmed, agreed, paid in parts, reduced, lapsed, followed.

Nothing is paid here: what the finance system paid is entered with its reference.
"""
