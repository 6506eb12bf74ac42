"""HL7 v2 readers: bytes to messages, messages to what they say about one chart."""
