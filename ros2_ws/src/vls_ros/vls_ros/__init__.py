"""What all VLS nodes share: parameters, QoS, life cycle, and messages to core types and back."""
