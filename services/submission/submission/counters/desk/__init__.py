"""The adviser's desk: counters to announce, requests to answer, people who came."""
