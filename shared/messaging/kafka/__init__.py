"""Apache Kafka: the transport of production.

Correctness rests on the consumer's own database (stored offset, inbox), never on Kafka's transactions or committed offsets.
"""

from shared.messaging.kafka.transport import KafkaTransport
