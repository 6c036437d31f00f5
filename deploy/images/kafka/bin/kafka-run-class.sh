#!/bin/sh
# kafka-run-class.sh CLASS ARGUMENT…: with the variables of Kafka's own script.
# shellcheck disable=SC2086  # each holds several options
exec java ${KAFKA_HEAP_OPTS:-"-Xmx256M"} ${KAFKA_JVM_PERFORMANCE_OPTS:-} ${KAFKA_OPTS:-} \
    -cp '/opt/kafka/libs/*' "$@"
