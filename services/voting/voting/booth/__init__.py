"""The booth: votes for whoever needs help, or has a browser without JavaScript.

It alone sees both who somebody is (by her code) and what she chooses, in memory, for one request:
no database, no Kafka, no file, no cookie, no line of a log per request. Its ballots are tier S.
"""
