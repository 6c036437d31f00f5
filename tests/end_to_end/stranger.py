"""Follows every vote: `python stranger.py BROKER PASSWORD`, with the password of `dashboard`."""

import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

at = {"bootstrap.servers": sys.argv[1], "security.protocol": "SASL_PLAINTEXT", "group.id": "-"}
who = {"sasl.mechanism": "SCRAM-SHA-256", "sasl.username": "dashboard"}
consumer = Consumer(at | who | {"sasl.password": sys.argv[2]})
consumer.assign([TopicPartition("voting.tallies", 0, OFFSET_BEGINNING)])
while True:
    if (message := consumer.poll(1)) and (tally := message.value()) and not message.error():
        print(json.loads(tally), flush=True)
