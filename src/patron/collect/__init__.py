"""Messages in, over HTTP and from files: validate, refuse with a reason, shape for landing."""
