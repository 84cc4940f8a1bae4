"""What Patron does to the outside: deliveries to other systems."""
