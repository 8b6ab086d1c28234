"""From a folder and its bytes to YAML nodes that know where they stand."""
