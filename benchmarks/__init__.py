"""Speed and quality, measured; each result is one JSON object a line."""
