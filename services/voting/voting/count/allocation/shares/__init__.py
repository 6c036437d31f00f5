"""The method of equal shares: floats find, fractions decide.

A voter who never ran out has the share less the prices paid for the winners she supports; one who
did has nothing. So what any set of voters has is exact with one multiplication a winner, by whole
numbers of how many of them support it. Floats only filter: what they find closer than `CLOSE` is
compared again in fractions.
"""
