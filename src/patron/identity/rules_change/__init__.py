"""What other rules of identity would make of everybody: parted anew, and compared with today."""
