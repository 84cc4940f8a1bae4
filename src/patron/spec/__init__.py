"""The domain's words as frozen values. No I/O happens here."""
