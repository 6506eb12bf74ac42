"""What Chartline knows and does. Pure, but for `adapters/`, where the outside begins."""
