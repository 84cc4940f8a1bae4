"""The only importer of the stages: what runs from the first byte to the committed row."""
